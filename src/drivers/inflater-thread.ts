import { Worker } from 'node:worker_threads';
import { BlockRing, makeRing, type RingData } from './block-ring.js';
import type { FromInflater, InflaterData } from './inflater-protocol.js';

/** How far the thread may read ahead. Large, because waking a core of a virtual machine takes a tenth of a millisecond. */
const RING_BYTES = 8 << 20;

/** Longest wait for the current block when the process ends, in milliseconds: reading may hang in the file system. */
const LONGEST_WAIT = 5000;

/**
 * A thread that runs a `TraceInflater`. It is started before its blocks are needed, since starting it takes as long as parsing
 * the policies. Its messages are kept until then; the ring bounds them.
 */
export interface InflaterThread {
  /** The files that the thread reads, in order. */
  readonly paths: readonly string[];
  /** The ring that holds its blocks. */
  readonly ring: RingData;
  onMessage(receive: (message: FromInflater) => void): void;
  /** Called when the thread ends, with null or the message of its error. */
  onEnd(receive: (failure: string | null) => void): void;
  /**
   * Asks the thread to end after the current block. `Worker.terminate()` is not used: while zlib inflates, it can abort the
   * process with a failed assertion.
   */
  stop(): void;
}

/**
 * Starts a thread.
 *
 * @param entry the module that the thread runs, which receives {@link InflaterData} as `workerData`
 * @param paths the files that the thread reads, in order
 */
export function startInflaterThread(entry: URL, paths: readonly string[]): InflaterThread {
  const ring = makeRing(RING_BYTES);
  const thread = new Worker(entry, { workerData: { paths, ring } satisfies InflaterData });
  const messages = new Mailbox<FromInflater>();
  const ends = new Mailbox<string | null>();
  let failure: string | null = null;
  thread.on('message', (message: FromInflater) => messages.put(message));
  thread.on('error', (error) => {
    failure = error instanceof Error ? error.message : String(error);
  });
  // process.exit(), after an uncaught error or from an action, terminates the thread; see `stop` for why it must end first.
  const beforeExit = (): void => {
    const blocks = new BlockRing(ring);
    blocks.stop();
    blocks.waitForWork(LONGEST_WAIT);
  };
  process.once('exit', beforeExit);
  thread.on('exit', () => {
    process.off('exit', beforeExit);
    ends.put(failure);
  });
  return {
    paths,
    ring,
    onMessage: (receive) => messages.handOver(receive),
    onEnd: (receive) => ends.handOver(receive),
    stop: () => new BlockRing(ring).stop(),
  };
}

/** Keeps items until a receiver is set. */
class Mailbox<Item> {
  readonly #kept: Item[] = [];
  #receive: ((item: Item) => void) | null = null;

  put(item: Item): void {
    if (this.#receive === null) this.#kept.push(item);
    else this.#receive(item);
  }

  handOver(receive: (item: Item) => void): void {
    this.#receive = receive;
    for (const item of this.#kept.splice(0)) receive(item);
  }
}
