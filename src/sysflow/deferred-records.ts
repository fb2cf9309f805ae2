import { Buffer } from 'node:buffer';
import { type RecordBatch, ROW_SLOTS, SLOT_DEFERRED_AT, SLOT_DEFERRED_BYTES } from './record-batch.js';
import type { RecordDecoder } from './record-decoder.js';

const FIRST_BYTES = 64 << 10;

/**
 * Records of a batch whose payloads (entities, messages, arguments) are made elsewhere: on the thread that uses them, since
 * objects cannot be shared. Their bytes are kept; all else of a record is numbers in its row.
 */
export class DeferredRecords {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** Keeps the bytes of a record, and where they are in its row. */
  keep(bytes: Uint8Array, start: number, end: number, slots: Int32Array, row: number): void {
    const size = end - start;
    if (this.#length + size > this.#bytes.length) this.#grow(size);
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    slots[row * ROW_SLOTS + SLOT_DEFERRED_AT] = this.#length;
    slots[row * ROW_SLOTS + SLOT_DEFERRED_BYTES] = size;
    this.#length += size;
  }

  /** A copy of what was kept, after which nothing is; null where nothing was. */
  take(): Uint8Array<ArrayBuffer> | null {
    if (this.#length === 0) return null;
    const taken = new Uint8Array(this.#length);
    taken.set(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #grow(size: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + size));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/**
 * Makes the payloads of a batch that was decoded elsewhere.
 *
 * @param bytes what `DeferredRecords` kept of the batch
 * @param decoder of the schema with which the batch was decoded
 */
export function makePayloads(batch: RecordBatch, bytes: Uint8Array, decoder: RecordDecoder): void {
  const { slots, length } = batch;
  for (let row = 0; row < length; row++) {
    const size = slots[row * ROW_SLOTS + SLOT_DEFERRED_BYTES]!;
    if (size === 0) continue;
    const start = slots[row * ROW_SLOTS + SLOT_DEFERRED_AT]!;
    slots[row * ROW_SLOTS + SLOT_DEFERRED_AT] = 0;
    slots[row * ROW_SLOTS + SLOT_DEFERRED_BYTES] = 0;
    // It was decoded before, so it decodes, into the same row.
    batch.length = row;
    decoder.decode(bytes, start, start + size, batch, 1);
  }
  batch.length = length;
}
