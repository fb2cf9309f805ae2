/** Passes items that a pipeline pushes to a loop that pulls them. The pipeline waits while an item is pending. */
export class Handover<T> {
  #item: T | null = null;
  #isClosed = false;
  #onItem: () => void = () => {};
  #onTaken: () => void = () => {};

  /** Settles when the item was consumed or the loop has ended. One item at a time. */
  put(item: T): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    this.#item = item;
    this.#onItem();
    return new Promise((resolve) => {
      this.#onTaken = resolve;
    });
  }

  /** Ends both sides. */
  close(): void {
    this.#isClosed = true;
    this.#onItem();
    this.#onTaken();
  }

  /** The items up to the end. */
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
