import { Worker } from 'node:worker_threads';
import { BatchRing, type DecoderData, type FromDecoder } from './decoder-protocol.js';

/**
 * A thread that runs a `TraceDecoder`. It is started before anyone needs its records, since starting takes as long as
 * reading the policies does; what it says meanwhile, no more than the ring has places, is kept.
 */
export interface DecoderThread {
  readonly ring: BatchRing;
  onMessage(receive: (message: FromDecoder) => void): void;
  /** It ended: null where it was done, else what went wrong. */
  onEnd(receive: (failure: string | null) => void): void;
  terminate(): Promise<unknown>;
}

/**
 * Starts a thread.
 *
 * @param entry the module that it runs, which finds {@link DecoderData} as `workerData`
 * @param paths the files that it reads, in order
 * @returns null where there is no room for the memory that it would share
 */
export function startDecoderThread(entry: URL, paths: readonly string[]): DecoderThread | null {
  const ring = BatchRing.create();
  if (ring === null) return null;
  const thread = new Worker(entry, { workerData: { paths, memory: ring.memory.shared } satisfies DecoderData });
  const messages = new Mailbox<FromDecoder>();
  const ends = new Mailbox<string | null>();
  let failure: string | null = null;
  thread.on('message', (message: FromDecoder) => messages.put(message));
  thread.on('error', (error) => {
    failure = error instanceof Error ? error.message : String(error);
  });
  thread.on('exit', () => ends.put(failure));
  return {
    ring,
    onMessage: (receive) => messages.handOver(receive),
    onEnd: (receive) => ends.handOver(receive),
    terminate: () => thread.terminate(),
  };
}

/** Keeps what arrives until somebody takes it. */
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
