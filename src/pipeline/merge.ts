import type { Receiver } from '../records/receiver.js';

/** Lets several stages feed one: the end is passed on when the last of them has ended. */
export class Merge<T> implements Receiver<T> {
  readonly #receiver: Receiver<T>;
  #feeders: number;

  constructor(receiver: Receiver<T>, feeders: number) {
    this.#receiver = receiver;
    this.#feeders = feeders;
  }

  push(item: T): Promise<void> | undefined {
    return this.#receiver.push(item);
  }

  async end(): Promise<void> {
    if (--this.#feeders === 0) await this.#receiver.end();
  }
}
