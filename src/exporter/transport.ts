/** Where encoded records go. Errors are values: a transport reports them through what it was created with. */
export interface Transport {
  /** Gets ready to write; resolves to an error message, or null where all is well. */
  open(): Promise<string | null>;
  /**
   * Takes a piece of output that holds whole records, each with its line end. The bytes must not change until the
   * returned promise is settled (at once where nothing is returned). A failed write is counted and reported by the
   * transport; the promise is never rejected.
   */
  write(piece: Uint8Array, records: number): Promise<void> | undefined;
  /** Writes out and closes. */
  close(): Promise<void>;
}
