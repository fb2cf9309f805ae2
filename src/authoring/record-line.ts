/** Formats single records as text. */
import { ByteBuffer } from '../exporter/byte-buffer.js';
import type { Encoder } from '../exporter/encoder.js';
import { createTextEncoder } from '../exporter/encoders/text.js';
import type { FlatRecord } from '../records/flat-record.js';

/** Makes a function that gives a record as a line for people, without a line end; for the options see `createTextEncoder`. */
export function recordLineFormatter(color: boolean, sources = false): (record: FlatRecord) => string {
  return encodeOne(createTextEncoder(color, sources));
}

function encodeOne(encoder: Encoder): (record: FlatRecord) => string {
  const buffer = new ByteBuffer(4096);
  return (record) => {
    encoder.encode(record, buffer);
    const text = buffer.written.toString();
    buffer.clear();
    return text;
  };
}
