import type { Receiver, Shared } from './receiver.js';

/** Items that wait for the receiver at most; what a stage emits beyond that in one call is dropped and counted. */
export const EMITTED_ITEMS = 65_536;

/** Lets code that cannot wait push items to a receiver, through a bounded queue. */
export class Emitter<T extends Shared> {
  /** Items that were dropped since the queue was full. */
  dropped = 0;
  readonly #receiver: Receiver<T>;
  readonly #queue: T[] = [];
  /** Settles when the queue is empty and the receiver has room; null while both are so. */
  #draining: Promise<void> | null = null;

  constructor(receiver: Receiver<T>) {
    this.#receiver = receiver;
  }

  emit(item: T): void {
    if (this.#draining === null) {
      const busy = this.#receiver.push(item);
      if (busy !== undefined) this.#draining = this.#drain(busy);
    } else if (this.#queue.length < EMITTED_ITEMS) this.#queue.push(item);
    else this.#drop(item);
  }

  /** Settles once the receiver has taken everything; undefined where it has. */
  wait(): Promise<void> | undefined {
    return this.#draining ?? undefined;
  }

  #drop(item: T): void {
    this.dropped++;
    item.release?.();
  }

  async #drain(busy: Promise<void>): Promise<void> {
    await busy;
    for (const item of this.#queue) await this.#receiver.push(item);
    this.#queue.length = 0;
    this.#draining = null;
  }
}
