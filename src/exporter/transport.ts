/** What a transport has to tell. Each is told once when it starts, not for every record. */
export interface TransportEvents {
  /** Writing failed: what and why, with the place. Records are being lost until {@link recovered}. */
  failed(message: string): void;
  /** Writing works again. */
  recovered(message: string): void;
  /** Something was found and put right; all records are written. */
  warned(message: string): void;
  /** The reader has gone (a closed pipe): nobody wants more output. */
  closed(): void;
}

/** What a transport did. */
export interface TransportStatistics {
  /** Records and bytes that were written. */
  records: number;
  bytes: number;
  /** Records that could not be written. */
  lost: number;
}

/** Where encoded records go. Errors are values: a transport tells them to its {@link TransportEvents}. */
export interface Transport {
  readonly statistics: TransportStatistics;
  /** Records that were dropped since the reader had gone; left out by transports whose output has no reader. */
  readonly unread?: number;
  /** Gets ready to write; resolves to an error message with the place, or null where all is well. */
  open(): Promise<string | null>;
  /**
   * Takes a piece of output that holds whole records, each with its line end. The bytes must not change until the
   * returned promise is settled (at once where nothing is returned). It is never rejected: what cannot be written is
   * counted as lost.
   */
  write(piece: Uint8Array, records: number): Promise<void> | undefined;
  /** Starts a new file where that means something, since somebody moved the old one away. */
  reopen(): Promise<void>;
  /** Writes out and closes. */
  close(): Promise<void>;
}
