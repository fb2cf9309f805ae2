import { Buffer } from 'node:buffer';
import type { Payload } from './entities.js';
import { hashOf } from './hash.js';
import { type RecordBatch, ROW_SLOTS, SLOT_DEFERRED_BYTES, SLOT_DEFERRED_PLACE } from './record-batch.js';
import type { RecordDecoder } from './record-decoder.js';

const FIRST_BYTES = 64 << 10;

/** Entities known to both sides at most; a power of two. */
const PLACES = 1 << 15;
/** Longer records are seldom announced twice. */
const LONGEST = 1 << 10;
/** Bytes of known entities. */
const KNOWN_BYTES = 4 << 20;

/**
 * Records of a batch whose payloads (entities, messages, arguments) are made elsewhere: on the thread that uses them, since
 * objects cannot be shared. Their bytes are kept; all else of a record is numbers in its row.
 *
 * A collector announces most entities anew in every file. One that was kept before is not kept again: its row names the
 * place under which {@link DeferredPayloads} has it.
 */
export class DeferredRecords {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  readonly #known = new KnownRecords();

  /** Keeps the bytes of a record that does not come again. */
  keep(bytes: Uint8Array, start: number, end: number, slots: Int32Array, row: number): void {
    const size = end - start;
    if (this.#length + size > this.#bytes.length) this.#grow(size);
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length += size;
    slots[row * ROW_SLOTS + SLOT_DEFERRED_BYTES] = size;
  }

  /**
   * Keeps the bytes of an entity, unless they are known.
   *
   * @param schema a number of the schema in which it is written: the same bytes mean something else in another
   */
  keepEntity(bytes: Uint8Array, start: number, end: number, slots: Int32Array, row: number, schema: number): void {
    const known = this.#known;
    const isKnown = known.find(bytes, start, end, schema);
    slots[row * ROW_SLOTS + SLOT_DEFERRED_PLACE] = known.place;
    if (!isKnown) this.keep(bytes, start, end, slots, row);
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

/** What is known of a place, in 32-bit words: the record's hash, its length, its schema, where its bytes are (0: none). */
const WORDS = 4;

/**
 * Records by their bytes. Each hash has one place, where the last record that has it is known; when their bytes are full,
 * all are forgotten. So a record that is not found costs its transfer, and nothing has to be told to the other side.
 */
class KnownRecords {
  /** Of the record looked for last, from 1 on; 0 where it is too long. */
  place = 0;
  readonly #places = new Int32Array((PLACES + 1) * WORDS);
  #arena: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** The first byte is not used, so that no record is at 0. */
  #used = 1;

  /** Whether a record is known; from now on it is. */
  find(bytes: Uint8Array, start: number, end: number, schema: number): boolean {
    const length = end - start;
    this.place = 0;
    if (length > LONGEST) return false;
    const hash = hashOf(bytes, start, end);
    this.place = (hash & (PLACES - 1)) + 1;
    const places = this.#places;
    const index = this.place * WORDS;
    if (
      places[index] === hash &&
      places[index + 1] === length &&
      places[index + 2] === schema &&
      this.#equals(places[index + 3]!, bytes, start, length)
    ) {
      return true;
    }
    if (this.#used + length > this.#arena.length) this.#makeRoom();
    places[index] = hash;
    places[index + 1] = length;
    places[index + 2] = schema;
    places[index + 3] = this.#used;
    this.#arena.set(bytes.subarray(start, end), this.#used);
    this.#used += length;
    return false;
  }

  #equals(at: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (at === 0) return false;
    const arena = this.#arena;
    for (let i = 0; i < length; i++) if (arena[at + i] !== bytes[start + i]) return false;
    return true;
  }

  #makeRoom(): void {
    if (this.#arena.length < KNOWN_BYTES) {
      const grown = Buffer.allocUnsafeSlow(this.#arena.length * 4);
      grown.set(this.#arena);
      this.#arena = grown;
      return;
    }
    this.#places.fill(0);
    this.#used = 1;
  }
}

/** Makes the payloads of batches that were decoded elsewhere, in the order in which they were. */
export class DeferredPayloads {
  /** Those of known entities, by place. */
  readonly #entities = new Array<Payload>(PLACES + 1).fill(null);

  /**
   * Makes the payloads of a batch.
   *
   * @param bytes what `DeferredRecords` kept of the batch
   * @param decoder of the schema with which the batch was decoded
   */
  make(batch: RecordBatch, bytes: Uint8Array | null, decoder: RecordDecoder): void {
    const { slots, payloads, length } = batch;
    let start = 0;
    for (let row = 0; row < length; row++) {
      const size = slots[row * ROW_SLOTS + SLOT_DEFERRED_BYTES]!;
      const place = slots[row * ROW_SLOTS + SLOT_DEFERRED_PLACE]!;
      if (size !== 0) {
        // It was decoded before, so it decodes, into the same row.
        batch.length = row;
        decoder.decode(bytes!, start, start + size, batch, 1);
        start += size;
        if (place !== 0) this.#entities[place] = payloads[row]!;
      } else if (place !== 0) payloads[row] = this.#entities[place]!;
      slots[row * ROW_SLOTS + SLOT_DEFERRED_BYTES] = 0;
      slots[row * ROW_SLOTS + SLOT_DEFERRED_PLACE] = 0;
    }
    batch.length = length;
  }
}
