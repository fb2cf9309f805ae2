/**
 * The receiving end of a channel between two stages.
 *
 * If `push` returns undefined, the stage may push the next item at once. If it returns a promise, the receiver is full, and the
 * stage waits for the promise first. The receiver takes over the item's reference (see `RecordBatch`).
 */
export interface Receiver<T> {
  push(item: T): Promise<void> | undefined;
  /** Ends the channel: finishes pending items, ends the next receiver, and resolves when everything was written. */
  end(): Promise<void>;
}

/** An item that several receivers may hold at once, each with a reference. An item without these methods is freed by the garbage collector. */
export interface Shared {
  retain?(): void;
  release?(): void;
}
