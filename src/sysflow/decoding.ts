/** What decodes records, so that something faster can take the place of `RecordDecoder`; see `accel/`. */
import type { Buffer } from 'node:buffer';
import type { DecodeStatus } from './decode-status.js';
import type { SchemaError } from './errors.js';
import type { Limits } from './limits.js';
import { type RecordBatch, RecordBatchPool } from './record-batch.js';

/** Decodes the records of one schema. */
export interface Decoder {
  /** Where the last call stopped: after the last whole record. */
  readonly position: number;
  /** Records that the last call consumed, those of unknown kinds included. */
  readonly consumed: number;
  /** Records of unknown kinds among them, which were skipped. */
  readonly skipped: number;
  /** The bytes of a block where they are decoded fastest, until the next block; left out: where they are. */
  hold?(block: Buffer): Buffer;
  /**
   * Appends records to a batch until it is full, the bytes end, or `maxRecords` are consumed.
   *
   * @returns `ok`, or why the record at {@link position} does not decode; the batch holds all records before it
   */
  decode(bytes: Uint8Array, start: number, end: number, batch: RecordBatch, maxRecords: number): DecodeStatus;
}

/** Decoders by the schema of the writer. */
export interface Decoders {
  readonly limits: Limits;
  /** The decoder for a writer's schema as JSON text, or why it is none of SysFlow. */
  decoderFor(schema: string): Decoder | SchemaError;
}

/** What decodes one stream. */
export interface StreamDecoding {
  readonly decoders: Decoders;
  /** The batches into which it is decoded. */
  readonly pool: RecordBatchPool;
  /** Called after each batch that was handed on. */
  afterBatch(): void;
  /** Called when all batches were handed on and all receivers have ended. Batches must not be used after that. */
  close(): void;
}

/** Decodes a stream by some decoders, which streams may share. */
export function plainDecoding(decoders: Decoders): StreamDecoding {
  return { decoders, pool: new RecordBatchPool(), afterBatch: () => {}, close: () => {} };
}
