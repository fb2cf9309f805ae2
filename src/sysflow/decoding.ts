/** Interfaces of decoding, so that a faster implementation can replace `RecordDecoder`; see `accel/`. */
import type { Buffer } from 'node:buffer';
import type { DecodeStatus } from './decode-status.js';
import type { SchemaError } from './errors.js';
import type { Limits } from './limits.js';
import { type RecordBatch, RecordBatchPool } from './record-batch.js';

/** Decodes the records of one schema. */
export interface Decoder {
  /** Where the last call stopped: after the last complete record. */
  readonly position: number;
  /** Number of records that the last call consumed, including those of unknown kinds. */
  readonly consumed: number;
  /** Number of records of unknown kinds among them, which were skipped. */
  readonly skipped: number;
  /**
   * Copies a block to where it is decoded fastest, until the next block. If missing, the block is decoded where it is.
   */
  hold?(block: Buffer): Buffer;
  /**
   * Appends records to a batch until it is full, the bytes end, or `maxRecords` are consumed.
   *
   * @returns `ok`, or why the record at {@link position} cannot be decoded; the batch contains all records before it
   */
  decode(bytes: Uint8Array, start: number, end: number, batch: RecordBatch, maxRecords: number): DecodeStatus;
}

/** Decoders by the writer's schema. */
export interface Decoders {
  readonly limits: Limits;
  /** Returns the decoder for a writer's schema as JSON text, or why it is not a SysFlow schema. */
  decoderFor(schema: string): Decoder | SchemaError;
}

/** The decoding of one stream. */
export interface StreamDecoding {
  readonly decoders: Decoders;
  /** The batches for the decoded records. */
  readonly pool: RecordBatchPool;
  /** Called after each batch that was passed on. */
  afterBatch(): void;
  /** Called when all batches were passed on and all receivers have ended. Batches must not be used after that. */
  close(): void;
}

/** Returns the decoding of a stream with some decoders, which streams can share. */
export function plainDecoding(decoders: Decoders): StreamDecoding {
  return { decoders, pool: new RecordBatchPool(), afterBatch: () => {}, close: () => {} };
}
