import { Buffer } from 'node:buffer';
import type { Payload } from '../../sysflow/entities.js';
import { BATCH_ROWS } from '../../sysflow/record-batch.js';
import type { StreamMemory } from '../wasm/memory.js';
import { FileStore } from './file-store.js';

/**
 * Space for the bytes of a block; collectors write blocks of about 100 KiB. A larger one is decoded by JavaScript
 * alone.
 */
const BLOCK_BYTES = 1 << 20;
/** Space after the block, into which the reader of a truncated or invalid record can run. */
export const SLACK_BYTES: number = 64 << 10;

/** Hash slots of the entity cache, one entity each; a power of two. */
export const HASH_SLOTS: number = 1 << 15;
/**
 * Size of a hash slot: hash, length, schema and address of the entity's bytes. The address is 0 if the slot is empty.
 */
export const HASH_SLOT_BYTES = 16;
/** Space for the bytes of cached entities. */
export const CACHE_BYTES: number = 4 << 20;

/** The parts of a stream's memory that its decoder uses: the block being decoded, and the entity cache. */
export class DecoderMemory {
  readonly memory: StreamMemory;
  /** Address of the block being decoded. */
  readonly blocksAt: number;
  /** Address at which `run` stores the end of the rows it read. */
  readonly rowsEndAt: number;
  /**
   * Address at which `run` stores the cached entities among the rows, each as the address of its kind and its cache
   * number, followed by the end of this list.
   */
  readonly foundAt: number;
  readonly foundEndAt: number;
  /** Address of the end of the used part of {@link cachedBytesAt}. */
  readonly cacheEndAt: number;
  /** Address of the hash slots. */
  readonly hashSlotsAt: number;
  readonly cachedBytesAt: number;
  /** Store of files, which are not in the entity cache. */
  readonly files: FileStore;
  /** The cached entities by number. */
  readonly entities: Payload[] = new Array<Payload>(HASH_SLOTS + 1).fill(null);

  constructor(memory: StreamMemory) {
    this.memory = memory;
    this.blocksAt = memory.allocate(BLOCK_BYTES + SLACK_BYTES);
    const words = memory.allocate(12);
    this.rowsEndAt = words;
    this.foundEndAt = words + 4;
    this.cacheEndAt = words + 8;
    this.foundAt = memory.allocate(BATCH_ROWS * 8);
    this.hashSlotsAt = memory.allocateZeros(HASH_SLOTS * HASH_SLOT_BYTES);
    this.cachedBytesAt = memory.allocate(CACHE_BYTES);
    memory.wordsAt(this.cacheEndAt, 1)[0] = this.cachedBytesAt;
    this.files = new FileStore(memory);
  }

  /** A position after every block, which signals an invalid value. */
  get fault(): number {
    return this.blocksAt + BLOCK_BYTES + 1;
  }

  /**
   * Copies a block's bytes to this memory and returns the copy, valid until the next call. Returns the bytes themselves
   * if they are too large.
   */
  hold(bytes: Buffer): Buffer {
    if (bytes.length > BLOCK_BYTES) return bytes;
    const held = Buffer.from(this.memory.buffer, this.blocksAt, bytes.length);
    held.set(bytes);
    return held;
  }

  /** Whether bytes are in this memory. */
  holds({ buffer }: Uint8Array): boolean {
    return buffer === this.memory.buffer;
  }
}
