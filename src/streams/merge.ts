import type { Receiver } from './receiver.js';

/**
 * Lets several stages feed one receiver. They take turns while it is full, and it ends when the last of them has ended.
 */
export class Merge<T> implements Receiver<T> {
  readonly #receiver: Receiver<T>;
  #feeders: number;
  /** Settles when the receiver has room again; null while it has. */
  #busy: Promise<void> | null = null;

  constructor(receiver: Receiver<T>, feeders: number) {
    this.#receiver = receiver;
    this.#feeders = feeders;
  }

  push(item: T): Promise<void> | undefined {
    // Another waiting feeder may have pushed first and filled the receiver again.
    if (this.#busy !== null) return this.#busy.then(() => this.push(item));
    const wait = this.#receiver.push(item);
    if (wait === undefined) return undefined;
    this.#busy = wait.then(() => {
      this.#busy = null;
    });
    return this.#busy;
  }

  async end(): Promise<void> {
    if (--this.#feeders === 0) await this.#receiver.end();
  }
}
