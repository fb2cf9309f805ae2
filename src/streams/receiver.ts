/**
 * The receiving end of a channel between two stages.
 *
 * A stage pushes an item and goes on at once where the call returns nothing; where it returns a promise, the receiver is
 * full, and the stage waits for it before it pushes the next. The item's reference (see `RecordBatch`) passes to the
 * receiver.
 */
export interface Receiver<T> {
  push(item: T): Promise<void> | undefined;
  /** No more items: finish what is under way, pass the end on, and resolve when all of it is out. */
  end(): Promise<void>;
}

/** An item that several receivers may hold at once, each with a reference. Without these methods the garbage collector frees it. */
export interface Shared {
  retain?(): void;
  release?(): void;
}
