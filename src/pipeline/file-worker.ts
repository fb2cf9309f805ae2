import { setImmediate } from 'node:timers/promises';
import type { EngineStanza } from '../config/pipeline-file.js';
import { FileDriver } from '../drivers/file.js';
import type { Transport, TransportStatistics } from '../exporter/transport.js';
import { NullTransport } from '../exporter/transports/null.js';
import { TraceError } from '../sysflow/errors.js';
import { RecordKind } from '../sysflow/record-types.js';
import type { LoadedPolicy } from './policies.js';
import { exportersOf, Stages } from './stages.js';
import type { FromWorker, ToWorker, WorkerData } from './worker-protocol.js';

/** Output that may wait for its turn, in pieces of 1 MiB: a worker may be ahead of the file that is being written. */
const PIECES_IN_FLIGHT = 20;

export interface FileWorkerOptions {
  /** Milliseconds. */
  readonly now: () => number;
  readonly policy: (stanza: EngineStanza) => LoadedPolicy;
  /** Whether whoever gets the output is on another thread. */
  readonly shared: boolean;
  readonly send: (message: FromWorker) => void;
}

/** One of those that share the files of a folder: reads the files it is handed and sends their output. */
export class FileWorker {
  readonly #send: (message: FromWorker) => void;
  readonly #transports: readonly (PieceTransport | NullTransport)[];
  readonly #stages: Stages;
  readonly #driver: FileDriver;

  constructor({ nodes, color, version }: WorkerData, { now, policy, shared, send }: FileWorkerOptions) {
    this.#send = send;
    this.#transports = exportersOf(nodes).map(({ options }, exporter) =>
      options.export === 'null' ? new NullTransport() : new PieceTransport(exporter, send),
    );
    this.#stages = new Stages([nodes], {
      now,
      color,
      version,
      transport: (exporter) => this.#transports[exporter]!,
      policy,
      onActionProblem: (problem) => send({ type: 'action', problem }),
      piecesInFlight: PIECES_IN_FLIGHT,
      shared,
    });
    this.#driver = new FileDriver(this.#stages.entries[0]!);
  }

  /** Asks for the first file. */
  start(): void {
    this.#send({ type: 'ready' });
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case 'written': {
        const transport = this.#transports[message.exporter]!;
        if (transport instanceof PieceTransport) transport.written(message.id);
        break;
      }
      case 'stop':
        this.#driver.stop();
        break;
      case 'file':
        void this.#read(message.index, message.path);
        break;
      case 'end':
        this.#send({ type: 'done', statistics: this.#stages.statistics });
        break;
    }
  }

  async #read(index: number, path: string): Promise<void> {
    for (const transport of this.#transports) if (transport instanceof PieceTransport) transport.index = index;
    // Only the first file may continue nothing.
    const summary = await this.#driver.read(path, (first) => index === 0 || first.kinds[0] === RecordKind.header);
    await this.#stages.flush();
    if (summary === null) this.#send({ type: 'headless', index });
    else if (summary instanceof TraceError) this.#send({ type: 'unreadable', index, error: { ...summary } });
    else this.#send({ type: 'read', index, summary });
    // Reading may never have waited; messages have their turn now.
    await setImmediate();
    this.start();
  }
}

/** Sends pieces as messages and waits until they are written. */
class PieceTransport implements Transport {
  readonly statistics: TransportStatistics = { records: 0, bytes: 0, lost: 0 };
  /** The file whose output is sent. */
  index = 0;
  readonly #exporter: number;
  readonly #send: (message: FromWorker) => void;
  readonly #waiting = new Map<number, () => void>();
  #id = 0;

  constructor(exporter: number, send: (message: FromWorker) => void) {
    this.#exporter = exporter;
    this.#send = send;
  }

  async open(): Promise<null> {
    return null;
  }

  write(bytes: Uint8Array, records: number): Promise<void> {
    return new Promise((resolve) => {
      const id = this.#id++;
      this.#waiting.set(id, resolve);
      this.#send({ type: 'piece', index: this.index, exporter: this.#exporter, id, bytes, records });
    });
  }

  /** A piece is written. */
  written(id: number): void {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }

  async reopen(): Promise<void> {}

  async close(): Promise<void> {}
}
