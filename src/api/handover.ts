/** Passes items from a pipeline, which pushes them, to a loop, which pulls them. The pipeline waits until an item is consumed. */
export class Handover<T> {
  #item: T | null = null;
  #isClosed = false;
  #onItem: () => void = () => {};
  #onTaken: () => void = () => {};

  /** Settles when the item was consumed, or the loop has ended. Put one item at a time. */
  put(item: T): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    this.#item = item;
    this.#onItem();
    return new Promise((resolve) => {
      this.#onTaken = resolve;
    });
  }

  /** Ends the handover, from either side. */
  close(): void {
    this.#isClosed = true;
    this.#onItem();
    this.#onTaken();
  }

  /** Iterates the items until the end. */
  async *items(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      if (this.#item === null && !this.#isClosed) {
        await new Promise<void>((resolve) => {
          this.#onItem = resolve;
        });
      }
      const item = this.#item;
      if (item === null) return;
      yield item;
      this.#item = null;
      this.#onTaken();
    }
  }
}
