import type { FlatBatch } from '../records/flat-batch.js';
import { FlatRecord } from '../records/flat-record.js';
import { appendWhole, type ByteBuffer } from './byte-buffer.js';
import { type Encoder, type LineWriter, NotEncoded } from './encoder.js';

const NEWLINE = 10;

/** Writes lines with an encoder, record by record. */
export class EncodedLines implements LineWriter {
  readonly #encoder: Encoder;
  readonly #onLeftOut: (isTooLarge: boolean) => void;
  readonly #record = new FlatRecord();

  /** @param onLeftOut called for each omitted record: it is too large (`LARGEST_BUFFER`), or the encoder failed */
  constructor(encoder: Encoder, onLeftOut: (isTooLarge: boolean) => void) {
    this.#encoder = encoder;
    this.#onLeftOut = onLeftOut;
  }

  write(batch: FlatBatch, index: number, end: number, out: ByteBuffer, full: number): number {
    let next = index;
    while (next < end && out.length < full) this.writeRow(batch, batch.rows[next++]!, out);
    return next;
  }

  /** Appends the record of a row. */
  writeRow(batch: FlatBatch, row: number, out: ByteBuffer): void {
    const record = this.#record.moveTo(batch, row);
    const start = out.length;
    try {
      if (!appendWhole(out, () => this.#encode(record, out))) this.#onLeftOut(true);
    } catch (error) {
      if (!(error instanceof NotEncoded)) throw error;
      out.length = start;
      this.#onLeftOut(false);
    }
  }

  #encode(record: FlatRecord, out: ByteBuffer): void {
    this.#encoder.encode(record, out);
    out.reserve(1);
    out.bytes[out.length++] = NEWLINE;
  }
}
