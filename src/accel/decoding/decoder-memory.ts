import { Buffer } from 'node:buffer';
import type { Payload } from '../../sysflow/entities.js';
import { BATCH_ROWS } from '../../sysflow/record-batch.js';
import type { StreamMemory } from '../wasm/memory.js';
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

/** What the decoders of a stream use of its memory: room for the block that is being decoded, and for entities that were. */
export class DecoderMemory {
  readonly memory: StreamMemory;
  /** Where the block lies that is decoded. */
  readonly blocksAt: number;
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

  constructor(memory: StreamMemory) {
    this.memory = memory;
    this.blocksAt = memory.allocate(BLOCK_BYTES + SLACK_BYTES);
    const words = memory.allocate(12);
    this.rowsEndAt = words;
    this.foundEndAt = words + 4;
    this.knownEndAt = words + 8;
    this.foundAt = memory.allocate(BATCH_ROWS * 8);
    this.placesAt = memory.allocateZeros(KNOWN_PLACES * PLACE_BYTES);
    this.knownBytesAt = memory.allocate(KNOWN_BYTES);
    memory.wordsAt(this.knownEndAt, 1)[0] = this.knownBytesAt;
    this.files = new FileStore(memory);
  }

  /** A position behind every block, which stands for what is wrong. */
  get fault(): number {
    return this.blocksAt + BLOCK_BYTES + 1;
  }

  /** A copy of a block's bytes in this memory, valid until the next; the bytes themselves where it is too large. */
  hold(bytes: Buffer): Buffer {
    if (bytes.length > BLOCK_BYTES) return bytes;
    const held = Buffer.from(this.memory.buffer, this.blocksAt, bytes.length);
    held.set(bytes);
    return held;
  }

  /** Whether bytes lie in this memory. */
  holds({ buffer }: Uint8Array): boolean {
    return buffer === this.memory.buffer;
  }
}
