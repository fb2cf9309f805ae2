import type { FlatBatch } from '../records/flat-batch.js';
import type { FlatRecord } from '../records/flat-record.js';
import type { Arena } from '../wasm/arena.js';
import type { ByteBuffer } from './byte-buffer.js';

/** Turns records into bytes. */
export interface Encoder {
  /** Appends one record, without a line end. The bytes hold no control characters, whatever the event data. */
  encode(record: FlatRecord, out: ByteBuffer): void;
  /** For an encoder that writes many records at once: where it takes them from and writes to. */
  readonly arena?: Arena | null;
  /** Takes a batch, of which it is to write records at once. */
  begin?(batch: FlatBatch): void;
  /**
   * Appends records of the batch, each with a line end.
   *
   * @param index the first of the batch's rows, up to `end`
   * @param full bytes in the buffer from which on no record is begun
   * @returns the first index that was not done: the buffer is full, or {@link encode} has to do that one
   */
  encodeRows?(batch: FlatBatch, index: number, end: number, out: ByteBuffer, full: number): number;
}
