/** The entry of a worker thread: reads the files it is handed and sends their output to the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { FileDriver } from '../drivers/file.js';
import type { Transport, TransportStatistics } from '../exporter/transport.js';
import { TraceError } from '../sysflow/errors.js';
import { RecordKind } from '../sysflow/record-types.js';
import { loadPolicy } from './load-policy.js';
import { Segment } from './segment.js';
import type { FromWorker, ToWorker, WorkerData } from './worker-protocol.js';

/** Output that may wait for its turn, in pieces of 1 MiB: a worker may be ahead of the file that is being written. */
const PIECES_IN_FLIGHT = 24;

/** Sends pieces to the main thread and waits until they are written. */
class PortTransport implements Transport {
  readonly statistics: TransportStatistics = { records: 0, bytes: 0, lost: 0 };
  /** The file whose output is sent; null drops it. */
  index: number | null = null;
  readonly #send: (message: FromWorker) => void;
  readonly #waiting: (() => void)[] = [];

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  async open(): Promise<null> {
    return null;
  }

  write(bytes: Uint8Array, records: number): Promise<void> | undefined {
    if (this.index === null) return undefined;
    this.#send({ type: 'piece', index: this.index, bytes, records });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The oldest piece is written. */
  written(): void {
    this.#waiting.shift()?.();
  }

  async reopen(): Promise<void> {}

  async close(): Promise<void> {}
}

const { plan } = workerData as WorkerData;
const port = parentPort!;
const send = (message: FromWorker): void => port.postMessage(message);
const transport = new PortTransport(send);
// What is wrong with the policy was reported by the main thread, which loads it too.
const loaded = await loadPolicy(plan);
const segment = new Segment(plan, loaded?.loaded ?? null, {
  transport,
  now: Date.now,
  onActionProblem: (problem) => send({ type: 'action', problem }),
  piecesInFlight: PIECES_IN_FLIGHT,
  shared: true,
});
// The main thread writes while the workers decode, so inflating here costs least.
const driver = new FileDriver(segment.receiver, { inflate: 'inline' });

async function readFile(index: number, path: string, context: readonly string[]): Promise<void> {
  transport.index = null;
  for (const earlier of context) await driver.read(earlier);
  await segment.flush();
  transport.index = index;
  const startsStream = context.length > 0 || index === 0;
  const summary = await driver.read(path, (first) => startsStream || first.kinds[0] === RecordKind.header);
  await segment.flush();
  if (summary === null) send({ type: 'headless', index });
  else if (summary instanceof TraceError) send({ type: 'unreadable', index, error: { ...summary } });
  else send({ type: 'read', index, summary });
}

port.on('message', async (message: ToWorker) => {
  switch (message.type) {
    case 'written':
      transport.written();
      break;
    case 'stop':
      driver.stop();
      break;
    case 'file':
      await readFile(message.index, message.path, message.context);
      send({ type: 'ready' });
      break;
    case 'end':
      send({ type: 'done', statistics: segment.statistics });
      port.close();
      break;
  }
});
send({ type: 'ready' });
