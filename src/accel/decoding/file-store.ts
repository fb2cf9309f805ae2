/**
 * Stores announced files in the memory of their stream, once for each content, whatever the time of the announcement.
 * WebAssembly adds them (`file-store-code.ts`). Only few are ever read; this module creates objects for those.
 */
import { Buffer } from 'node:buffer';
import type { File } from '../../sysflow/entities.js';
import { StringInterner } from '../../sysflow/string-interner.js';
import { decodeUtf8 } from '../../sysflow/utf8.js';
import type { StreamMemory } from '../wasm/memory.js';

/** Size of each half in bytes, and maximum number of files; a power of two. */
export const STORE_BYTES: number = 4 << 20;
export const MAX_STORED: number = 1 << 15;
/** Slots of the hash table, so that it is at most half full. A slot contains an address. */
export const STORE_HASH_SLOTS: number = 2 * MAX_STORED;
export const STORE_HASH_SLOT_BYTES = 4;

/**
 * Layout of a stored file, as byte offsets. The texts come last, path first, padded with zeros to a multiple of eight
 * bytes.
 */
export const STORED = {
  pathBytes: 0,
  /** -1 if there is no container. */
  containerBytes: 4,
  state: 8,
  resourceType: 12,
  oid: 16,
  texts: 36,
} as const;

/** Layout, as byte offsets, of what the reader of a file passes to `keepFile`: numbers, and addresses of texts. */
export const ANNOUNCED = {
  oidAt: 0,
  state: 4,
  resourceType: 8,
  pathAt: 12,
  pathBytes: 16,
  containerAt: 20,
  /** -1 if there is no container. */
  containerBytes: 24,
  bytes: 28,
} as const;

/**
 * State of the store that WebAssembly maintains, as byte offsets: address of the next file, end of the space, number of
 * files.
 */
export const CONTROL = { end: 0, limit: 4, count: 8, isFull: 12, bytes: 16 } as const;

/**
 * The file store of a stream. It has two halves, which are filled alternately. When one is full, the other is cleared
 * and filled; its files are no longer used by then. Files found before {@link renew} thus stay readable until the next
 * call of it.
 */
export class FileStore {
  /** See {@link ANNOUNCED} and {@link CONTROL}. */
  readonly announcedAt: number;
  readonly controlAt: number;
  readonly hashSlotsAt: number;
  /** Incremented for each half that is started: within a generation, equal addresses are equal files. */
  generation = 0;
  readonly #control: Int32Array;
  readonly #hashSlots: Int32Array;
  readonly #halves: readonly number[];

  constructor(memory: StreamMemory) {
    this.announcedAt = memory.allocate(ANNOUNCED.bytes);
    this.controlAt = memory.allocate(CONTROL.bytes);
    this.hashSlotsAt = memory.allocateZeros(STORE_HASH_SLOTS * STORE_HASH_SLOT_BYTES);
    this.#halves = [memory.allocate(STORE_BYTES), memory.allocate(STORE_BYTES)];
    this.#control = memory.wordsAt(this.controlAt, CONTROL.bytes / 4);
    this.#hashSlots = memory.wordsAt(this.hashSlotsAt, (STORE_HASH_SLOTS * STORE_HASH_SLOT_BYTES) / 4);
    this.#begin();
    const files = new StoredFiles(memory);
    memory.fileAt = (address) => files.at(address);
  }

  /** Whether a file did not fit since the current half was started. */
  get isFull(): boolean {
    return this.#control[CONTROL.isFull / 4] !== 0;
  }

  /**
   * Clears and starts the other half. No batch may still use files of that half: since the last call, at least one
   * batch must have passed through all stages.
   */
  renew(): void {
    this.#hashSlots.fill(0);
    this.#begin();
  }

  #begin(): void {
    const start = this.#halves[this.generation++ % 2]!;
    const control = this.#control;
    control[CONTROL.end / 4] = start;
    control[CONTROL.limit / 4] = start + STORE_BYTES;
    control[CONTROL.count / 4] = 0;
    control[CONTROL.isFull / 4] = 0;
  }
}

/** Reads stored files. */
class StoredFiles {
  readonly #bytes: Buffer;
  /** For container ids, which many files share. */
  readonly #interner = new StringInterner();

  constructor(memory: StreamMemory) {
    this.#bytes = Buffer.from(memory.buffer);
  }

  /** Returns the file at an address. */
  at(address: number): File {
    const bytes = this.#bytes;
    const word = (offset: number): number => bytes.readInt32LE(address + offset);
    const pathEnd = address + STORED.texts + word(STORED.pathBytes);
    const containerBytes = word(STORED.containerBytes);
    return {
      state: word(STORED.state),
      oid: bytes.toString('hex', address + STORED.oid, address + STORED.texts),
      resourceType: word(STORED.resourceType),
      path: decodeUtf8(bytes, address + STORED.texts, pathEnd),
      containerId: containerBytes < 0 ? null : this.#interner.intern(bytes, pathEnd, pathEnd + containerBytes),
      memo: [],
    };
  }
}
