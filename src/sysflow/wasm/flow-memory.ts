import { Buffer } from 'node:buffer';
import type { Arena } from '../../wasm/arena.js';
import type { Payload } from '../entities.js';
import { BATCH_ROWS } from '../record-batch.js';
import { FileStore } from './file-store.js';

/** Room for a block's bytes; collectors write blocks of some 100 KiB. A larger one is decoded by JavaScript alone. */
const BLOCK_BYTES = 1 << 20;
/** What follows the blocks: a record that is cut short, or wrong, is read on into it. */
export const SLACK_BYTES: number = 64 << 10;

/** Entities that are known at most; a power of two. */
export const KNOWN_PLACES: number = 1 << 15;
/** What is known of one: its hash, length and schema, and where its bytes are, 0 where there is none. */
export const PLACE_BYTES = 16;
/** Bytes of known entities. */
export const KNOWN_BYTES: number = 4 << 20;

/** What of an arena the decoders of a thread use: room for blocks that are being decoded, and for entities that were. */
export class FlowMemory {
  readonly arena: Arena;
  /** Where blocks lie: one that this thread inflated, and behind it those of another thread, with so many bytes for them. */
  readonly blocksAt: number;
  readonly othersAt: number;
  readonly othersBytes: number;
  /** Where the end of the rows is left that were read. */
  readonly rowsEndAt: number;
  /** Where the known entities among the rows are left, each as the address of its kind and its place, and their end. */
  readonly foundAt: number;
  readonly foundEndAt: number;
  /** Where it stands up to which {@link knownBytesAt} is used. */
  readonly knownEndAt: number;
  /** The places of known entities, by their hash. */
  readonly placesAt: number;
  readonly knownBytesAt: number;
  /** Files, which are not among the known entities. */
  readonly files: FileStore;
  /** The known entities by place. */
  readonly entities: Payload[] = new Array<Payload>(KNOWN_PLACES + 1).fill(null);

  /** @param othersBytes room for blocks that another thread puts there */
  constructor(arena: Arena, othersBytes = 0) {
    this.arena = arena;
    this.blocksAt = arena.allocate(BLOCK_BYTES + othersBytes + SLACK_BYTES);
    this.othersAt = this.blocksAt + BLOCK_BYTES;
    this.othersBytes = othersBytes;
    const words = arena.allocate(12);
    this.rowsEndAt = words;
    this.foundEndAt = words + 4;
    this.knownEndAt = words + 8;
    this.foundAt = arena.allocate(BATCH_ROWS * 8);
    this.placesAt = arena.allocate(KNOWN_PLACES * PLACE_BYTES);
    this.knownBytesAt = arena.allocate(KNOWN_BYTES);
    arena.words(this.knownEndAt, 1)[0] = this.knownBytesAt;
    this.files = new FileStore(arena);
  }

  /** The end of the room for blocks. As a position it stands for what is wrong. */
  get fault(): number {
    return this.othersAt + this.othersBytes;
  }

  /** The bytes of a block in this memory, where they are until the next that comes from elsewhere; those given where it is too large. */
  hold(bytes: Buffer): Buffer {
    if (this.holds(bytes) || bytes.length > BLOCK_BYTES) return bytes;
    const held = Buffer.from(this.arena.memory.buffer, this.blocksAt, bytes.length);
    held.set(bytes);
    return held;
  }

  /** Whether bytes lie where blocks do. */
  holds({ buffer, byteOffset }: Uint8Array): boolean {
    return buffer instanceof SharedArrayBuffer && byteOffset >= this.blocksAt && byteOffset < this.fault;
  }
}
