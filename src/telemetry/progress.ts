/** What was read of an input so far, and of how much. */
export interface Progress {
  /** Traces read to their end, and all of them. */
  readonly tracesRead: number;
  readonly traces: number;
  /** Bytes read, and of all traces; null where that is not known (standard input, pipes). */
  readonly bytesRead: number;
  readonly bytes: number | null;
  readonly records: number;
}
