import type { FlatBatch } from '../records/flat-batch.js';
import { FlatRecord } from '../records/flat-record.js';
import { appendWhole, type ByteBuffer } from './byte-buffer.js';
import type { Encoder, LineWriter } from './encoder.js';

const NEWLINE = 10;

/** Writes lines by an encoder, one record after the other. */
export class EncodedLines implements LineWriter {
  readonly #encoder: Encoder;
  readonly #onTooLarge: () => void;
  readonly #record = new FlatRecord();

  /** @param onTooLarge called for each record that is left out since it is too large (`LARGEST_BUFFER`) */
  constructor(encoder: Encoder, onTooLarge: () => void) {
    this.#encoder = encoder;
    this.#onTooLarge = onTooLarge;
  }

  write(batch: FlatBatch, index: number, end: number, out: ByteBuffer, full: number): number {
    let next = index;
    while (next < end && out.length < full) this.writeRow(batch, batch.rows[next++]!, out);
    return next;
  }

  /** Appends the record of a row. */
  writeRow(batch: FlatBatch, row: number, out: ByteBuffer): void {
    const record = this.#record.moveTo(batch, row);
    if (!appendWhole(out, () => this.#encode(record, out))) this.#onTooLarge();
  }

  #encode(record: FlatRecord, out: ByteBuffer): void {
    this.#encoder.encode(record, out);
    out.reserve(1);
    out.bytes[out.length++] = NEWLINE;
  }
}
