import type { Receiver, Shared } from './receiver.js';

/** Most items queued for one branch, besides the one that it is processing. */
export const QUEUED_ITEMS = 16;

/**
 * Sends every item to several receivers. Each has its own queue, so that a receiver that is slow for a while does not delay the
 * others. If one receiver stalls, the others still get the {@link QUEUED_ITEMS} items in its queue and the one that it is
 * processing. Then the tee waits, and so does the stage before it: memory is bounded, and no item is lost or reordered. A receiver
 * that returns no promise never delays the others.
 */
export class Tee<T extends Shared> implements Receiver<T> {
  readonly #branches: readonly Branch<T>[];

  constructor(receivers: readonly Receiver<T>[]) {
    this.#branches = receivers.map((receiver) => new Branch(receiver));
  }

  push(item: T): Promise<void> | undefined {
    for (let i = 1; i < this.#branches.length; i++) item.retain?.();
    const full: Promise<void>[] = [];
    for (const branch of this.#branches) {
      const wait = branch.push(item);
      if (wait !== undefined) full.push(wait);
    }
    return full.length === 0 ? undefined : Promise.all(full).then(() => undefined);
  }

  async end(): Promise<void> {
    await Promise.all(this.#branches.map((branch) => branch.end()));
  }
}

/** A receiver behind a bounded queue. */
class Branch<T> {
  readonly #receiver: Receiver<T>;
  readonly #queue: T[] = [];
  /** Settles when the queue is empty; null while it is. */
  #draining: Promise<void> | null = null;
  #onRoom: (() => void) | null = null;

  constructor(receiver: Receiver<T>) {
    this.#receiver = receiver;
  }

  push(item: T): Promise<void> | undefined {
    this.#queue.push(item);
    this.#draining ??= this.#drain();
    if (this.#queue.length < QUEUED_ITEMS) return undefined;
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  async end(): Promise<void> {
    await this.#draining;
    await this.#receiver.end();
  }

  async #drain(): Promise<void> {
    // Give the item to the other branches first.
    await null;
    for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) {
      if (this.#queue.length < QUEUED_ITEMS) {
        this.#onRoom?.();
        this.#onRoom = null;
      }
      const busy = this.#receiver.push(item);
      if (busy !== undefined) await busy;
    }
    this.#draining = null;
  }
}
