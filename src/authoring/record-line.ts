/** Single records as text. */
import { ByteBuffer } from '../exporter/byte-buffer.js';
import type { Encoder } from '../exporter/encoder.js';
import { createJsonEncoder } from '../exporter/encoders/json.js';
import { createTextEncoder } from '../exporter/encoders/text.js';
import type { FlatRecord } from '../records/flat-record.js';

/** Makes a function that gives a record as a line for people, without a line end; for the options see `createTextEncoder`. */
export function recordLiner(color: boolean, sources = false): (record: FlatRecord) => string {
  return encodeOne(createTextEncoder(color, sources));
}

/** Makes a function that gives a record as JSON text. Do not parse it: its 64-bit integers would be rounded. */
export function recordJson(): (record: FlatRecord) => string {
  return encodeOne(createJsonEncoder());
}

function encodeOne(encoder: Encoder): (record: FlatRecord) => string {
  const buffer = new ByteBuffer(4096);
  return (record) => {
    buffer.length = 0;
    encoder.encode(record, buffer);
    return Buffer.from(buffer.bytes.buffer, 0, buffer.length).toString();
  };
}
