import type { FlatBatch } from '../records/flat-batch.js';
import type { FlatRecord } from '../records/flat-record.js';
import type { ByteBuffer } from './byte-buffer.js';
import type { Step } from './encoders/plan-code.js';

/** The steps by which an encoder composes records, for a faster implementation; see `accel/`. */
export interface RecordPlan {
  /** The steps of each record kind; kinds without steps produce no bytes. */
  readonly steps: ReadonlyMap<number, readonly Step[]>;
  /** Most cached pieces for one entity. */
  readonly mostPieces: number;
  /** Most bytes of cached pieces. */
  readonly keptBytes: number;
}

/** Thrown by an encoder that cannot encode a record. The record is omitted and counted as lost. */
export class NotEncoded extends Error {}

/** Turns records into bytes. */
export interface Encoder {
  /** Appends one record, without a line end. The bytes hold no control characters, whatever the event data. */
  encode(record: FlatRecord, out: ByteBuffer): void;
  /** Undefined for an encoder that does not consist of steps. */
  readonly plan?: RecordPlan;
}

/** Appends records of a batch, each with a line end. */
export interface LineWriter {
  /**
   * @param index the index of the first record; the last is before `end`
   * @param full size of the buffer in bytes at which no further record is started
   * @returns the index of the first record that was not written because the buffer is full, or `end`
   */
  write(batch: FlatBatch, index: number, end: number, out: ByteBuffer, full: number): number;
}
