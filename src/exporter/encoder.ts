import type { FlatBatch } from '../records/flat-batch.js';
import type { FlatRecord } from '../records/flat-record.js';
import type { ByteBuffer } from './byte-buffer.js';
import type { Step } from './encoders/plan-code.js';

/** The steps by which an encoder writes records, for an accelerated line writer; see `accel/`. */
export interface RecordPlan {
  /** The steps of each record kind; kinds without give no bytes. */
  readonly steps: ReadonlyMap<number, readonly Step[]>;
  /** How many pieces are kept for one thing at most. */
  readonly mostPieces: number;
  /** Bytes of pieces kept at once. */
  readonly keptBytes: number;
}

/** Thrown by an encoder that cannot encode a record, which is then left out and counted as lost. */
export class NotEncoded extends Error {}

/** Turns records into bytes. */
export interface Encoder {
  /** Appends one record, without a line end. The bytes hold no control characters, whatever the event data. */
  encode(record: FlatRecord, out: ByteBuffer): void;
  /** Left out by encoders that are not made of steps. */
  readonly plan?: RecordPlan;
}

/** Appends records of a batch, each with a line end. */
export interface LineWriter {
  /**
   * @param index the first of the batch's rows, up to `end`
   * @param full bytes in the buffer from which on no record is begun
   * @returns the first index that was not done, since the buffer is full
   */
  write(batch: FlatBatch, index: number, end: number, out: ByteBuffer, full: number): number;
}
