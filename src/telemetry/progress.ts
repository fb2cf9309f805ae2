/** How much of the input has been read. */
export interface Progress {
  /** Number of traces read completely, and of all traces. */
  readonly tracesRead: number;
  readonly traces: number;
  /** Bytes read, and of all traces; null if the size is unknown (standard input, pipes). */
  readonly bytesRead: number;
  readonly bytes: number | null;
  readonly records: number;
}
