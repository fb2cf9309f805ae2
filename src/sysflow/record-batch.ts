import type { Acknowledgement } from '../streams/acknowledgement.js';
import type { File, Payload } from './entities.js';

/**
 * Where a record's numbers stand in its row of a {@link RecordBatch}: offsets in 32-bit slots. 64-bit values take two
 * slots, low half first (see `int64.ts`). A slot that does not apply to the record's kind is 0.
 */
export const SLOT_PROC_CREATE_TS = 0;
export const SLOT_PROC_PID = 2;
export const SLOT_OP_FLAGS = 4;
/** File object id: five slots, each four bytes of it, first byte highest. */
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
/** Second file's object id (rename, link, symlink), as above. */
export const SLOT_NEW_FILE_OID = 32;
/** 1 where there is a second file. */
export const SLOT_HAS_NEW_FILE = 37;
/** Where a file is stored whose row has no payload (see {@link BatchMemory}), else 0. Equal addresses are equal files. */
export const SLOT_STORED = 38;
/** Slots in a row, an even number; a power of two would cost more memory and buy nothing measurable. */
export const ROW_SLOTS = 40;

/** Records in a batch; 1024 rows are 160 KiB, which stays in the second-level cache from decoder to encoder. */
export const BATCH_ROWS = 1024;

const SLOTS = BATCH_ROWS * ROW_SLOTS;

/** Memory in which batches of a stream lie so that something faster than JavaScript can work on them; see `accel/`. */
export interface BatchMemory {
  /** So many 32-bit words that nobody else uses, of any content; null where there is no room. */
  words(count: number): Int32Array | null;
  /** The file that is stored at an address. */
  fileAt(address: number): File;
}

/**
 * A batch of decoded records as rows of 32-bit slots, filled by a decoder and handed from stage to stage.
 *
 * Batches are recycled: who is handed one holds a reference and gives it back with {@link release}. Who keeps it longer
 * (a queue) or hands it to a second receiver takes another with {@link retain} first.
 */
export class RecordBatch {
  /** Rows filled. */
  length = 0;
  /** `RecordKind` of each row. */
  readonly kinds: Uint8Array;
  /**
   * The numbers: row `i` starts at `i * ROW_SLOTS`. Rows that are not filled are all zero, but in a {@link BatchMemory}, where
   * who fills a row clears it first.
   */
  readonly slots: Int32Array;
  /** The memory in which they lie, if they do. */
  readonly memory: BatchMemory | null;
  /** Stored files of one generation stay where they are; 0 where there are none. */
  generation = 0;
  /** Path or name of the trace that the records come from; empty where they come from none. */
  trace = '';
  /** The entity, event message or arguments of each row. */
  readonly payloads: Payload[] = new Array<Payload>(BATCH_ROWS).fill(null);
  /** What a driver set to know what becomes of the records; it gets back the hold of the batch with the last reference. */
  acknowledgement: Acknowledgement | null = null;

  #references = 1;
  readonly #recycle: (batch: RecordBatch) => void;

  /**
   * @param recycle called when the last reference is given back
   * @param memory where its numbers are to lie if there is room; null: in memory of its own
   */
  constructor(recycle: (batch: RecordBatch) => void = () => {}, memory: BatchMemory | null = null) {
    this.#recycle = recycle;
    const own = memory?.words(SLOTS + BATCH_ROWS / 4) ?? null;
    this.memory = own === null ? null : memory;
    const words = own ?? new Int32Array(SLOTS + BATCH_ROWS / 4);
    this.slots = words.subarray(0, SLOTS);
    this.kinds = new Uint8Array(words.buffer, words.byteOffset + SLOTS * 4, BATCH_ROWS);
  }

  /** Takes another reference. */
  retain(): void {
    this.#references++;
  }

  /** Gives a reference back; with the last one the batch is cleared for its next use. */
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

/** Hands out batches and takes them back. It grows to as many as are in use at once, which the queues bound. */
export class RecordBatchPool {
  readonly #memory: BatchMemory | null;
  readonly #free: RecordBatch[] = [];
  #made = 0;
  readonly #recycle = (batch: RecordBatch): void => {
    this.#free.push(batch);
  };

  /** @param memory where the batches are to lie as long as there is room; null: in memory of their own */
  constructor(memory: BatchMemory | null = null) {
    this.#memory = memory;
  }

  /** Whether all batches were given back. */
  get isIdle(): boolean {
    return this.#free.length === this.#made;
  }

  /** A batch with no rows and one reference. */
  acquire(): RecordBatch {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    this.#made++;
    return new RecordBatch(this.#recycle, this.#memory);
  }
}

/** The file that a row of a batch announces, wherever it is. */
export function announcedFile({ payloads, slots, memory }: RecordBatch, row: number): File {
  const payload = payloads[row] as File | null;
  return payload ?? memory!.fileAt(slots[row * ROW_SLOTS + SLOT_STORED]!);
}
