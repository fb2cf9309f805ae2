/**
 * What a thread that decodes traces and the one that uses the records say to each other.
 *
 * The rows of batches lie in memory that both share: a ring of places, each filled by the one and given back by the other.
 * What is no number goes along as bytes: see `sysflow/deferred-records.ts`.
 */

import type { ContainerStatistics } from '../sysflow/container-reader.js';
import type { Damage } from '../sysflow/damage.js';
import type { TraceErrorCode } from '../sysflow/errors.js';
import { BATCH_ROWS, type BatchSource, RecordBatch, ROW_SLOTS, type RowMemory } from '../sysflow/record-batch.js';
import { FlowMemory, type SharedMemory } from '../sysflow/wasm/flow-memory.js';

/**
 * Batches on their way at most: what the decoder may be ahead, 160 KiB each. Many, since neither thread is then waited for
 * often: waking a core of a virtual machine takes a tenth of a millisecond.
 */
const PLACES = 64;
const PLACE_BYTES = BATCH_ROWS * ROW_SLOTS * 4 + BATCH_ROWS;
const RING_BYTES = PLACES * (4 + PLACE_BYTES);

const FREE = 0;
const TAKEN = 1;
/** Taken, and somebody waits until it is free. */
const AWAITED = 2;

/** What the thread starts with. */
export interface DecoderData {
  /** The files, in order. */
  readonly paths: readonly string[];
  /** See {@link BatchRing}. */
  readonly memory: SharedMemory;
}

/** What was read so far of the file under way. */
export interface ReadSoFar {
  readonly statistics: ContainerStatistics;
  readonly damage: readonly Readonly<Damage>[];
}

export type FromDecoder =
  /** A file begins, written with a schema. */
  | { readonly type: 'file'; readonly schema: string }
  /** A batch lies in a place; `bytes` are those of its deferred records. */
  | (ReadSoFar & {
      readonly type: 'batch';
      readonly place: number;
      readonly length: number;
      readonly bytes: Uint8Array<ArrayBuffer> | null;
    })
  /** The file is read. */
  | (ReadSoFar & { readonly type: 'end' })
  /** The file is no trace. */
  | {
      readonly type: 'unreadable';
      readonly error: { readonly code: TraceErrorCode; readonly message: string; readonly path: string };
    };

/** The shared memory: the state of each place, then the places. */
export class BatchRing {
  /** With room for a block as well. */
  readonly memory: FlowMemory;
  readonly #buffer: SharedArrayBuffer;
  readonly #states: Int32Array;

  /** @param memory that of a ring made by {@link create} */
  constructor(memory: SharedMemory) {
    this.memory = new FlowMemory(memory, RING_BYTES);
    this.#buffer = memory.buffer;
    this.#states = new Int32Array(this.#buffer, 0, PLACES);
  }

  /** A new ring; null where there is no room for its memory. */
  static create(): BatchRing | null {
    const memory = FlowMemory.create(RING_BYTES);
    return memory === null ? null : new BatchRing(memory);
  }

  /** The rows of a place. */
  rowsOf(place: number): RowMemory {
    const start = PLACES * 4 + place * PLACE_BYTES;
    const slots = new Int32Array(this.#buffer, start, BATCH_ROWS * ROW_SLOTS);
    return {
      slots,
      kinds: new Uint8Array(this.#buffer, start + slots.byteLength, BATCH_ROWS),
      clearedOnRelease: false,
    };
  }

  /** Takes a place, waiting until it is free; only a thread that has nothing else to do may wait so. */
  take(place: number): void {
    // Where all are taken, half of them: waking a thread costs as much as evaluating half a batch.
    if (Atomics.load(this.#states, place) !== FREE) this.#wait((place + PLACES / 2) % PLACES);
    this.#wait(place);
    Atomics.store(this.#states, place, TAKEN);
  }

  /** Gives a place back. */
  free(place: number): void {
    if (Atomics.exchange(this.#states, place, FREE) === AWAITED) Atomics.notify(this.#states, place);
  }

  #wait(place: number): void {
    if (Atomics.compareExchange(this.#states, place, TAKEN, AWAITED) === FREE) return;
    Atomics.wait(this.#states, place, AWAITED);
  }
}

/** The batches of a ring on the side that fills them, one place after the other. */
export class RingSource implements BatchSource {
  /** The place of the batch handed out last. */
  place = -1;
  readonly #ring: BatchRing;
  readonly #batches: readonly RecordBatch[];
  /** Whether the place was given back without being used. */
  #unused = false;

  constructor(ring: BatchRing) {
    this.#ring = ring;
    this.#batches = batchesOf(ring, () => {
      this.#unused = true;
    });
  }

  acquire(): RecordBatch {
    if (this.#unused) {
      this.#unused = false;
      return this.#batches[this.place]!;
    }
    this.place = (this.place + 1) % PLACES;
    this.#ring.take(this.place);
    const batch = this.#batches[this.place]!;
    batch.length = 0;
    return batch;
  }
}

/** The batches of a ring by their places, the same on either side. */
export function batchesOf(ring: BatchRing, onRelease: (place: number) => void): RecordBatch[] {
  return Array.from({ length: PLACES }, (_, place) => new RecordBatch(() => onRelease(place), ring.rowsOf(place)));
}
