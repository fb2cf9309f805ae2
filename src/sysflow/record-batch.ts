import type { Payload } from './entities.js';

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
/** Bytes of a record whose payload is not made yet, and the place of a known one; see `DeferredRecords`. */
export const SLOT_DEFERRED_BYTES = 38;
export const SLOT_DEFERRED_PLACE = 39;
/** Slots in a row; a power of two would cost a quarter more memory and buy nothing measurable. */
export const ROW_SLOTS = 40;

/** Records in a batch; 1024 rows are 160 KiB, which stays in the second-level cache from decoder to encoder. */
export const BATCH_ROWS = 1024;

/** Added to the kind of a row whose payload is not made yet; see `DeferredRecords`. */
export const DEFERRED = 0x80;

/** What the rows of a batch lie in. */
export interface RowMemory {
  /** `BATCH_ROWS` of them. */
  readonly kinds: Uint8Array;
  /** `BATCH_ROWS * ROW_SLOTS` of them. */
  readonly slots: Int32Array;
  /** Whether rows are cleared when the batch is given back; else by the decoder before it fills them. */
  readonly clearedOnRelease: boolean;
}

class OwnMemory implements RowMemory {
  readonly kinds: Uint8Array = new Uint8Array(BATCH_ROWS);
  readonly slots: Int32Array = new Int32Array(BATCH_ROWS * ROW_SLOTS);
  readonly clearedOnRelease: boolean = true;
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
  /** `RecordKind` of each row; with {@link DEFERRED} on the way between threads. */
  readonly kinds: Uint8Array;
  /** The numbers: row `i` starts at `i * ROW_SLOTS`. */
  readonly slots: Int32Array;
  /** See {@link RowMemory}. */
  readonly clearedOnRelease: boolean;
  /** The entity, event message or arguments of each row. */
  readonly payloads: Payload[] = new Array<Payload>(BATCH_ROWS).fill(null);

  #references = 1;
  readonly #recycle: (batch: RecordBatch) => void;

  /**
   * @param recycle called when the last reference is given back
   * @param memory for the rows, all zero, where others share it
   */
  constructor(recycle: (batch: RecordBatch) => void = () => {}, memory: RowMemory = new OwnMemory()) {
    this.#recycle = recycle;
    this.kinds = memory.kinds;
    this.slots = memory.slots;
    this.clearedOnRelease = memory.clearedOnRelease;
  }

  /** Takes another reference. */
  retain(): void {
    this.#references++;
  }

  /** Gives a reference back; with the last one the batch is cleared for its next use. */
  release(): void {
    if (--this.#references !== 0) return;
    if (this.clearedOnRelease) this.slots.fill(0, 0, this.length * ROW_SLOTS);
    this.payloads.fill(null, 0, this.length);
    this.length = 0;
    this.#references = 1;
    this.#recycle(this);
  }
}

/** Hands out batches. */
export interface BatchSource {
  /** A cleared batch with one reference. */
  acquire(): RecordBatch;
}

/** Hands out batches and takes them back. It grows to as many as are in use at once, which the queues bound. */
export class RecordBatchPool implements BatchSource {
  readonly #free: RecordBatch[] = [];
  readonly #recycle = (batch: RecordBatch): void => {
    this.#free.push(batch);
  };

  acquire(): RecordBatch {
    return this.#free.pop() ?? new RecordBatch(this.#recycle);
  }
}
