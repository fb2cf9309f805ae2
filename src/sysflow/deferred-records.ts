import { Buffer } from 'node:buffer';
import type { Payload } from './entities.js';
import { DEFERRED, type RecordBatch, ROW_SLOTS, SLOT_DEFERRED_BYTES, SLOT_DEFERRED_PLACE } from './record-batch.js';
import type { RecordDecoder } from './record-decoder.js';
import { asBuffer } from './string-interner.js';
import { KNOWN_PLACES } from './wasm/flow-memory.js';

const FIRST_BYTES = 64 << 10;

/**
 * Records of a batch whose payloads (entities, messages, arguments) are made elsewhere: on the thread that uses them, since
 * objects cannot be shared. Their bytes are kept; all else of a record is numbers in its row.
 *
 * A collector announces most entities anew in every file. One that is known (`FlowDecoder.find`) is not kept again: its row
 * names the place under which {@link DeferredPayloads} has it.
 */
export class DeferredRecords {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** Keeps the bytes of a record. */
  keep(bytes: Uint8Array, start: number, end: number, slots: Int32Array, row: number): void {
    const size = end - start;
    if (this.#length + size > this.#bytes.length) this.#grow(size);
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length += size;
    slots[row * ROW_SLOTS + SLOT_DEFERRED_BYTES] = size;
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

/** Makes the payloads of batches that were decoded elsewhere, in the order in which they were. */
export class DeferredPayloads {
  /** Those of known entities, by place. */
  readonly #entities = new Array<Payload>(KNOWN_PLACES + 1).fill(null);

  /**
   * Makes the payloads of a batch.
   *
   * @param bytes what `DeferredRecords` kept of the batch
   * @param decoder of the schema with which the batch was decoded
   */
  make(batch: RecordBatch, bytes: Uint8Array | null, decoder: RecordDecoder): void {
    const { slots, kinds, payloads, length } = batch;
    // As a buffer, of which texts are made without another object each.
    const buffer = bytes === null ? null : asBuffer(bytes);
    let start = 0;
    for (let row = 0; row < length; row++) {
      if ((kinds[row]! & DEFERRED) === 0) continue;
      kinds[row]! &= ~DEFERRED;
      const size = slots[row * ROW_SLOTS + SLOT_DEFERRED_BYTES]!;
      const place = slots[row * ROW_SLOTS + SLOT_DEFERRED_PLACE]!;
      if (size !== 0) {
        // It was decoded before, so it decodes, into the same row.
        batch.length = row;
        decoder.decode(buffer!, start, start + size, batch, 1);
        start += size;
        if (place !== 0) this.#entities[place] = payloads[row]!;
      } else if (place !== 0) payloads[row] = this.#entities[place]!;
      slots[row * ROW_SLOTS + SLOT_DEFERRED_BYTES] = 0;
      slots[row * ROW_SLOTS + SLOT_DEFERRED_PLACE] = 0;
    }
    batch.length = length;
  }
}
