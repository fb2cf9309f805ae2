import type { Receiver, Shared } from './receiver.js';

/** Most items queued for the receiver. Items that a stage emits in one call beyond that are dropped and counted. */
export const EMITTED_ITEMS = 65_536;

/** Lets synchronous code push items to a receiver, through a bounded queue. */
export class Emitter<T extends Shared> {
  /** Items dropped because the queue was full. */
  dropped = 0;
  readonly #receiver: Receiver<T>;
  readonly #queue: T[] = [];
  /** Settles when the queue is empty and the receiver has room; null while that is the case. */
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

  /** Settles once the receiver has accepted every item; undefined if it already has. */
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
