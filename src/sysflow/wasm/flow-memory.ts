import { Buffer } from 'node:buffer';

/** What of WebAssembly is used, which the types of Node do not declare. */
interface WasmApi {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly host: { readonly memory: SharedMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** Memory that threads and WebAssembly share: a `WebAssembly.Memory`. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

export const WASM: WasmApi = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;

export const PAGE_BYTES: number = 64 << 10;
/** Room for a block's bytes; collectors write blocks of some 100 KiB. A larger one is decoded by JavaScript alone. */
const BLOCK_BYTES = 1 << 20;
/** Zeros behind a block: a record that is cut short, or wrong, is read on into them. */
export const SLACK_BYTES: number = PAGE_BYTES;

/** Entities that are known at most; a power of two. */
export const KNOWN_PLACES: number = 1 << 15;
/** What is known of one: its hash, length and schema, and where its bytes are, 0 where there is none. */
export const PLACE_BYTES = 16;
/** Bytes of known entities. */
export const KNOWN_BYTES: number = 4 << 20;

/**
 * Shared memory with room for batches, for the block that is being decoded, and for entities that were decoded; see
 * `FlowDecoder`.
 */
export class FlowMemory {
  readonly shared: SharedMemory;
  /** Where the end of the rows is left that were read. */
  readonly rowsEndAt: number;
  /** Where it stands up to which {@link knownBytesAt} is used; 0: not at all. */
  readonly knownEndAt: number;
  /** The places of known entities, by their hash. */
  readonly placesAt: number;
  readonly knownBytesAt: number;
  readonly #blockAt: number;

  /** @param shared made by {@link create} for as many bytes of batches */
  constructor(shared: SharedMemory, batchBytes: number) {
    this.shared = shared;
    this.rowsEndAt = (batchBytes + 7) & -8;
    this.knownEndAt = this.rowsEndAt + 4;
    this.#blockAt = this.rowsEndAt + 8;
    this.placesAt = this.#blockAt + BLOCK_BYTES + SLACK_BYTES;
    this.knownBytesAt = this.placesAt + KNOWN_PLACES * PLACE_BYTES;
  }

  /** The memory for some bytes of batches; null where there is no room in the address space, of which V8 takes 10 GB. */
  static create(batchBytes: number): SharedMemory | null {
    const bytes = batchBytes + 16 + BLOCK_BYTES + SLACK_BYTES + KNOWN_PLACES * PLACE_BYTES + KNOWN_BYTES;
    const pages = Math.ceil(bytes / PAGE_BYTES);
    try {
      return new WASM.Memory({ initial: pages, maximum: pages, shared: true });
    } catch {
      return null;
    }
  }

  /** The end of a block's room. As a position it stands for what is wrong. */
  get fault(): number {
    return this.#blockAt + BLOCK_BYTES;
  }

  /** The bytes of a block in this memory, in place of the block before; those given where it is too large. */
  hold(bytes: Buffer): Buffer {
    if (bytes.length > BLOCK_BYTES) return bytes;
    const held = Buffer.from(this.shared.buffer, this.#blockAt, bytes.length);
    held.set(bytes);
    return held;
  }
}
