import { Worker } from 'node:worker_threads';
import { BlockRing, makeRing, type RingData } from './block-ring.js';
import type { FromInflater, InflaterData } from './inflater-protocol.js';

/** Bytes that the thread may be ahead: many blocks, since waking a core of a virtual machine takes a tenth of a millisecond. */
const RING_BYTES = 8 << 20;

/** Longest wait for a block under way when the process ends, milliseconds; reading may hang where a file system does. */
const LONGEST_WAIT = 5000;

/**
 * A thread that runs a `TraceInflater`. It is started before anyone needs its blocks, since starting takes as long as
 * reading the policies does; its messages, bounded by the ring, are queued meanwhile.
 */
export interface InflaterThread {
  /** The files that it reads, in order. */
  readonly paths: readonly string[];
  /** Where its blocks lie. */
  readonly ring: RingData;
  onMessage(receive: (message: FromInflater) => void): void;
  /** Settles when it ends: null if it finished, else the error. */
  onEnd(receive: (failure: string | null) => void): void;
  /**
   * Asks the thread to end after the block under way. It ends by itself: `Worker.terminate()` while zlib inflates can abort
   * the process with a failed assertion.
   */
  stop(): void;
}

/**
 * Starts a thread.
 *
 * @param entry the module that it runs, which finds {@link InflaterData} as `workerData`
 * @param paths the files that it reads, in order
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
  // Whatever calls process.exit(), an uncaught error or an action, terminates the thread: see `stop`.
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

/** Queues messages until they are read. */
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
