/**
 * Files as they were announced, in the memory of their stream: each content once, whatever the time of its announcement. WebAssembly puts them
 * there (`file-store-code.ts`), and few of them are ever looked at; those are read here.
 */
import { Buffer } from 'node:buffer';
import type { File } from '../../sysflow/entities.js';
import { StringInterner } from '../../sysflow/string-interner.js';
import { decodeUtf8 } from '../../sysflow/utf8.js';
import type { StreamMemory } from '../wasm/memory.js';

/** Bytes of files that are kept in each half, and files at most; a power of two. */
export const STORE_BYTES: number = 4 << 20;
export const MOST_STORED: number = 1 << 15;
/** Places of the table by which they are found, so that it is at most half full: addresses. */
export const STORE_PLACES: number = 2 * MOST_STORED;
export const STORE_PLACE_BYTES = 4;

/** A file in the store, by bytes from its address on. Its texts come last, the path first; zeros fill it up to eight bytes. */
export const STORED = {
  pathBytes: 0,
  /** -1 where there is no container. */
  containerBytes: 4,
  state: 8,
  resourceType: 12,
  oid: 16,
  texts: 36,
} as const;

/** What the reader of a file leaves for `keepFile`, by bytes: where its parts are, and those that are numbers. */
export const ANNOUNCED = {
  oidAt: 0,
  state: 4,
  resourceType: 8,
  pathAt: 12,
  pathBytes: 16,
  containerAt: 20,
  /** -1 where there is no container. */
  containerBytes: 24,
  bytes: 28,
} as const;

/** What WebAssembly keeps of the store, by bytes: where the next file is put, the end of the room, and how many there are. */
export const CONTROL = { end: 0, limit: 4, count: 8, isFull: 12, bytes: 16 } as const;

/**
 * The store of a stream. It has two halves: files are put into one until that is full, then into the other, from which all
 * are gone by then. So what was found before {@link renew} can be read until it is called again.
 */
export class FileStore {
  /** See {@link ANNOUNCED}, {@link CONTROL}. */
  readonly announcedAt: number;
  readonly controlAt: number;
  readonly placesAt: number;
  /** Counts the halves that were begun: equal addresses of one generation are equal files. */
  generation = 0;
  readonly #control: Int32Array;
  readonly #places: Int32Array;
  readonly #halves: readonly number[];

  constructor(memory: StreamMemory) {
    this.announcedAt = memory.allocate(ANNOUNCED.bytes);
    this.controlAt = memory.allocate(CONTROL.bytes);
    this.placesAt = memory.allocateZeros(STORE_PLACES * STORE_PLACE_BYTES);
    this.#halves = [memory.allocate(STORE_BYTES), memory.allocate(STORE_BYTES)];
    this.#control = memory.wordsAt(this.controlAt, CONTROL.bytes / 4);
    this.#places = memory.wordsAt(this.placesAt, (STORE_PLACES * STORE_PLACE_BYTES) / 4);
    this.#begin();
    const files = new StoredFiles(memory);
    memory.fileAt = (address) => files.at(address);
  }

  /** Whether a file found no room since the half was begun. */
  get isFull(): boolean {
    return this.#control[CONTROL.isFull / 4] !== 0;
  }

  /**
   * Begins the other half. No batch may be on its way then that has files of the half before the one under way, so there has
   * to be one that went through all stages since the last call.
   */
  renew(): void {
    this.#places.fill(0);
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
  /** Of containers, which have many files each. */
  readonly #interner = new StringInterner();

  constructor(memory: StreamMemory) {
    this.#bytes = Buffer.from(memory.buffer);
  }

  /** The file at an address. */
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
