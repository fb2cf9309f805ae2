/** The entry of a worker thread: reads the files it is handed and sends their output to the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { FileDriver } from '../drivers/file.js';
import type { Transport, TransportStatistics } from '../exporter/transport.js';
import { loadPolicy } from '../pipeline/policies.js';
import { enginesOf, exportersOf, Stages } from '../pipeline/stages.js';
import type { FromWorker, ToWorker, WorkerData } from '../pipeline/worker-protocol.js';
import { TraceError } from '../sysflow/errors.js';
import { RecordKind } from '../sysflow/record-types.js';

/** Output that may wait for its turn, in pieces of 1 MiB: a worker may be ahead of the file that is being written. */
const PIECES_IN_FLIGHT = 24;

/** Sends pieces to the main thread and waits until they are written. */
class PortTransport implements Transport {
  readonly statistics: TransportStatistics = { records: 0, bytes: 0, lost: 0 };
  /** The file whose output is sent; null drops it. */
  index: number | null = null;
  readonly #exporter: number;
  readonly #waiting: (() => void)[] = [];

  constructor(exporter: number) {
    this.#exporter = exporter;
  }

  async open(): Promise<null> {
    return null;
  }

  write(bytes: Uint8Array, records: number): Promise<void> | undefined {
    if (this.index === null) return undefined;
    send({ type: 'piece', index: this.index, exporter: this.#exporter, bytes, records });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The oldest piece is written. */
  written(): void {
    this.#waiting.shift()?.();
  }

  async reopen(): Promise<void> {}

  async close(): Promise<void> {}
}

const { nodes, color, version } = workerData as WorkerData;
const port = parentPort!;
function send(message: FromWorker): void {
  port.postMessage(message);
}

const transports = exportersOf(nodes).map((_, exporter) => new PortTransport(exporter));
const engines = enginesOf(nodes);
// What is wrong with the policies is reported by the main thread, which loads them too.
const policies = await Promise.all(engines.map(({ options }) => loadPolicy(options, { add() {} })));
const stages = new Stages([nodes], {
  now: Date.now,
  color,
  version,
  transport: (exporter) => transports[exporter]!,
  policy: (stanza) => policies[engines.indexOf(stanza)]!,
  onActionProblem: (problem) => send({ type: 'action', problem }),
  piecesInFlight: PIECES_IN_FLIGHT,
  shared: true,
});
// The main thread writes while the workers decode, so inflating here costs least.
const driver = new FileDriver(stages.entries[0]!, { inflate: 'inline' });

/** Sends the output from now on as that of a file, or drops it. */
async function startOutput(index: number | null): Promise<void> {
  await stages.flush();
  for (const transport of transports) transport.index = index;
}

async function readFile(index: number, path: string, context: readonly string[]): Promise<void> {
  await startOutput(null);
  for (const earlier of context) await driver.read(earlier);
  await startOutput(index);
  const startsStream = context.length > 0 || index === 0;
  const summary = await driver.read(path, (first) => startsStream || first.kinds[0] === RecordKind.header);
  await stages.flush();
  if (summary === null) send({ type: 'headless', index });
  else if (summary instanceof TraceError) send({ type: 'unreadable', index, error: { ...summary } });
  else send({ type: 'read', index, summary });
}

port.on('message', async (message: ToWorker) => {
  switch (message.type) {
    case 'written':
      transports[message.exporter]!.written();
      break;
    case 'stop':
      driver.stop();
      break;
    case 'file':
      await readFile(message.index, message.path, message.context);
      send({ type: 'ready' });
      break;
    case 'end':
      send({ type: 'done', statistics: stages.statistics });
      port.close();
      break;
  }
});
send({ type: 'ready' });
