import type { Acknowledgement } from '../streams/acknowledgement.js';
import type { File, Payload } from './entities.js';

/**
 * Offsets of a record's numbers in its row of a {@link RecordBatch}, in 32-bit slots. 64-bit values occupy two slots,
 * low half first (see `int64.ts`). A slot that does not apply to the record's kind is 0.
 */
export const SLOT_PROC_CREATE_TS = 0;
export const SLOT_PROC_PID = 2;
export const SLOT_OP_FLAGS = 4;
/** File object id: five slots of four bytes each, in big-endian order. */
export const SLOT_FILE_OID = 5;
export const SLOT_TID = 10;
export const SLOT_TS = 12;
export const SLOT_RET = 14;
export const SLOT_OPEN_FLAGS = 15;
export const SLOT_END_TS = 16;
export const SLOT_FD = 18;
/** Operations read or received; `numThreadsCloned` of a process flow. */
export const SLOT_READ_OPS = 19;
/** Operations written or sent; `numThreadsExited` of a process flow. */
export const SLOT_WRITE_OPS = 21;
/** Bytes read or received; `numCloneErrors` of a process flow. */
export const SLOT_READ_BYTES = 23;
export const SLOT_WRITE_BYTES = 25;
/** IPv4 address with the first octet in the lowest byte. */
export const SLOT_SIP = 27;
export const SLOT_SPORT = 28;
export const SLOT_DIP = 29;
export const SLOT_DPORT = 30;
/** IANA protocol number. */
export const SLOT_PROTO = 31;
/** Object id of the second file (rename, link, symlink), in the same form. */
export const SLOT_NEW_FILE_OID = 32;
/** 1 if there is a second file. */
export const SLOT_HAS_NEW_FILE = 37;
/**
 * Address of a stored file if the row has no payload (see {@link BatchMemory}); otherwise 0. Equal addresses are equal
 * files.
 */
export const SLOT_STORED = 38;
/** Slots in a row, an even number. A power of two would use more memory without measurable benefit. */
export const ROW_SLOTS = 40;

/** Records in a batch. 1024 rows have 160 KiB, which stays in the second-level cache from decoder to encoder. */
export const BATCH_ROWS = 1024;

const SLOTS = BATCH_ROWS * ROW_SLOTS;

/** Memory for the batches of a stream on which an implementation faster than JavaScript can work; see `accel/`. */
export interface BatchMemory {
  /** Allocates 32-bit words with undefined contents; returns null if there is no space. */
  words(count: number): Int32Array | null;
  /** Returns the file stored at an address. */
  fileAt(address: number): File;
}

/**
 * A batch of decoded records as rows of 32-bit slots, filled by a decoder and passed from stage to stage.
 *
 * Batches are recycled and reference-counted. A stage that receives a batch owns one reference and releases it with
 * {@link release}. To keep the batch longer (in a queue) or to pass it to a second receiver, call {@link retain} first.
 */
export class RecordBatch {
  /** Number of filled rows. */
  length = 0;
  /** `RecordKind` of each row. */
  readonly kinds: Uint8Array;
  /**
   * The numbers: row `i` starts at `i * ROW_SLOTS`. Unused rows are all zero, except in a {@link BatchMemory}, where a
   * row is cleared before it is filled.
   */
  readonly slots: Int32Array;
  /** The memory that contains the slots; null if they have memory of their own. */
  readonly memory: BatchMemory | null;
  /** Generation of stored files: their addresses stay valid within it. 0 if there are no stored files. */
  generation = 0;
  /** Path or name of the trace that the records come from; empty if there is none. */
  trace = '';
  /** The entity, event message or arguments of each row. */
  readonly payloads: Payload[] = new Array<Payload>(BATCH_ROWS).fill(null);
  /** What a driver set to know what becomes of the records; it gets back the hold of the batch with the last reference. */
  acknowledgement: Acknowledgement | null = null;

  #references = 1;
  readonly #recycle: (batch: RecordBatch) => void;

  /**
   * @param recycle called when the last reference is released
   * @param memory where to allocate the slots if there is space; null for memory of their own
   */
  constructor(recycle: (batch: RecordBatch) => void = () => {}, memory: BatchMemory | null = null) {
    this.#recycle = recycle;
    const own = memory?.words(SLOTS + BATCH_ROWS / 4) ?? null;
    this.memory = own === null ? null : memory;
    const words = own ?? new Int32Array(SLOTS + BATCH_ROWS / 4);
    this.slots = words.subarray(0, SLOTS);
    this.kinds = new Uint8Array(words.buffer, words.byteOffset + SLOTS * 4, BATCH_ROWS);
  }

  /** Adds a reference. */
  retain(): void {
    this.#references++;
  }

  /** Releases a reference. With the last one the batch is cleared for reuse. */
  release(): void {
    if (--this.#references !== 0) return;
    if (this.memory === null) this.slots.fill(0, 0, this.length * ROW_SLOTS);
    this.payloads.fill(null, 0, this.length);
    this.length = 0;
    this.#references = 1;
    const { acknowledgement } = this;
    this.acknowledgement = null;
    this.#recycle(this);
    acknowledgement?.settle();
  }
}

/**
 * Provides and recycles batches. The number of batches is bounded by the queues, which limit how many are in use at
 * once.
 */
export class RecordBatchPool {
  readonly #memory: BatchMemory | null;
  readonly #free: RecordBatch[] = [];
  #made = 0;
  readonly #recycle = (batch: RecordBatch): void => {
    this.#free.push(batch);
  };

  /** @param memory where to allocate batches while there is space; null for memory of their own */
  constructor(memory: BatchMemory | null = null) {
    this.#memory = memory;
  }

  /** Whether all batches were released. */
  get isIdle(): boolean {
    return this.#free.length === this.#made;
  }

  /** Returns an empty batch with one reference. */
  acquire(): RecordBatch {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    this.#made++;
    return new RecordBatch(this.#recycle, this.#memory);
  }
}

/** Returns the file that a row of a batch announces, wherever it is stored. */
export function announcedFile({ payloads, slots, memory }: RecordBatch, row: number): File {
  const payload = payloads[row] as File | null;
  return payload ?? memory!.fileAt(slots[row * ROW_SLOTS + SLOT_STORED]!);
}
