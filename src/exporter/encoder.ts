import type { FlatRecord } from '../records/flat-record.js';
import type { ByteBuffer } from './byte-buffer.js';

/** Turns records into bytes. */
export interface Encoder {
  /** Appends one record, without a line end. The bytes hold no control characters, whatever the event data. */
  encode(record: FlatRecord, out: ByteBuffer): void;
}
