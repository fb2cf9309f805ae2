import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { EngineStanza } from '../config/pipeline-file.js';
import { enginesOf, exportersOf } from '../config/wiring.js';
import { FileDriver } from '../drivers/file.js';
import type { Transport, TransportStatistics } from '../exporter/transport.js';
import { NullTransport } from '../exporter/transports/null.js';
import { unpackPolicy } from '../policy/model/packed-policy.js';
import { TraceError } from '../sysflow/errors.js';
import { RecordKind } from '../sysflow/record-types.js';
import { FlowMemory } from '../sysflow/wasm/flow-memory.js';
import { Arena } from '../wasm/arena.js';
import type { EnginePolicy } from './policies.js';
import { Stages } from './stages.js';
import type { FromWorker, ToWorker, WorkerData } from './worker-protocol.js';

/** Output that may wait for its turn, in pieces of 1 MiB: a worker may be ahead of the file that is being written. */
const PIECES_IN_FLIGHT = 6;

export interface FileWorkerOptions {
  /** Milliseconds. */
  readonly now: () => number;
  readonly policy: (stanza: EngineStanza) => EnginePolicy;
  /** Whether whoever gets the output is on another thread. */
  readonly shared: boolean;
  readonly send: (message: FromWorker) => void;
}

/** One of those that share the files of a folder: reads the files it is handed and sends their output. */
export class FileWorker {
  readonly #send: (message: FromWorker) => void;
  readonly #transports: readonly (PieceTransport | NullTransport)[];
  readonly #engines: readonly EngineStanza[];
  readonly #stages: Stages;
  readonly #driver: FileDriver;

  constructor({ nodes, color, version }: WorkerData, { now, policy, shared, send }: FileWorkerOptions) {
    this.#send = send;
    this.#engines = enginesOf(nodes);
    this.#transports = exportersOf(nodes).map(({ options }, exporter) =>
      options.export === 'null' ? new NullTransport() : new PieceTransport(exporter, send, shared),
    );
    const arena = Arena.create();
    this.#driver = new FileDriver({ memory: arena === null ? null : new FlowMemory(arena), traces: null, now });
    this.#stages = new Stages([nodes], {
      arena,
      now,
      color,
      // Work is spread over threads by files only where there are several.
      sources: true,
      version,
      transport: (exporter) => this.#transports[exporter]!,
      policy,
      onActionProblem: (problem) => send({ type: 'action', problem }),
      piecesInFlight: shared ? 1 : PIECES_IN_FLIGHT,
    });
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
      case 'policy': {
        const policy = unpackPolicy(message.policy);
        this.#stages.replacePolicy(this.#engines[message.engine]!, { policy, actions: new Map() });
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
    const entry = this.#stages.entries[0]!;
    const summary = await this.#driver.readIf(
      path,
      entry,
      (first) => index === 0 || first.kinds[0] === RecordKind.header,
    );
    await this.#stages.flush();
    if (summary === null) this.#send({ type: 'headless', index });
    else if (summary instanceof TraceError) this.#send({ type: 'unreadable', index, error: { ...summary } });
    else this.#send({ type: 'read', index, summary });
    // Reading may never have waited; messages have their turn now.
    await setImmediate();
    this.start();
  }
}

/** Sends pieces as messages; each goes on holding its memory until it is written. */
class PieceTransport implements Transport {
  readonly statistics: TransportStatistics = { records: 0, bytes: 0, lost: 0 };
  /** The file whose output is sent. */
  index = 0;
  readonly #exporter: number;
  readonly #send: (message: FromWorker) => void;
  readonly #shared: boolean;
  /** What to do when a piece is written, by its number. */
  readonly #underWay = new Map<number, () => void>();
  /** Memory that other threads can read, for copies of pieces. */
  readonly #free: Buffer[] = [];
  /** Wakes who waits for such memory. */
  #onFree: (() => void) | null = null;
  #id = 0;

  constructor(exporter: number, send: (message: FromWorker) => void, shared: boolean) {
    this.#exporter = exporter;
    this.#send = send;
    this.#shared = shared;
  }

  async open(): Promise<null> {
    return null;
  }

  write(bytes: Uint8Array, records: number): Promise<void> | undefined {
    if (!this.#shared) return new Promise((resolve) => this.#sendPiece(bytes, records, resolve));
    // Encoding into shared memory is several times slower than one copy at the end.
    if (this.#free.length > 0 || this.#underWay.size < PIECES_IN_FLIGHT) {
      this.#sendCopy(bytes, records);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#onFree = () => {
        this.#sendCopy(bytes, records);
        resolve();
      };
    });
  }

  #sendCopy(bytes: Uint8Array, records: number): void {
    let memory = this.#free.pop();
    if (memory === undefined || memory.length < bytes.length) memory = Buffer.from(new SharedArrayBuffer(bytes.length));
    memory.set(bytes);
    const piece = memory;
    this.#sendPiece(piece.subarray(0, bytes.length), records, () => {
      this.#free.push(piece);
      this.#onFree?.();
      this.#onFree = null;
    });
  }

  #sendPiece(bytes: Uint8Array, records: number, onWritten: () => void): void {
    const id = this.#id++;
    this.#underWay.set(id, onWritten);
    this.#send({ type: 'piece', index: this.index, exporter: this.#exporter, id, bytes, records });
  }

  /** A piece is written. */
  written(id: number): void {
    this.#underWay.get(id)?.();
    this.#underWay.delete(id);
  }

  async reopen(): Promise<void> {}

  async close(): Promise<void> {}
}
