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

/** Null where Node runs without a compiler (`--jitless`). */
export const WASM: WasmApi | null = (globalThis as { readonly WebAssembly?: WasmApi }).WebAssembly ?? null;

export const PAGE_BYTES: number = 64 << 10;
/** Room for a block's bytes; collectors write blocks of some 100 KiB. A larger one is decoded by JavaScript alone. */
const BLOCK_BYTES = 1 << 20;
/**
 * Zeros behind a block. A record that is cut short is read on into them, and a position here, beyond any end, stands for
 * an integer that is wrong.
 */
export const SLACK_BYTES: number = PAGE_BYTES;

/** Shared memory with room for batches, and for the block that is being decoded; see `FlowDecoder`. */
export class FlowMemory {
  readonly memory: SharedMemory;
  /** Where the end of the rows is left that were read. */
  readonly rowsEndAt: number;
  readonly #blockAt: number;

  /** @param memory made by {@link create} for as many bytes of batches */
  constructor(memory: SharedMemory, batchBytes: number) {
    this.memory = memory;
    this.rowsEndAt = (batchBytes + 7) & -8;
    this.#blockAt = this.rowsEndAt + 8;
  }

  /** The memory for some bytes of batches; null where there is no WebAssembly, or no room in the address space. */
  static create(batchBytes: number): SharedMemory | null {
    const pages = Math.ceil((batchBytes + 16 + BLOCK_BYTES + SLACK_BYTES) / PAGE_BYTES);
    try {
      return WASM === null ? null : new WASM.Memory({ initial: pages, maximum: pages, shared: true });
    } catch {
      return null;
    }
  }

  /** The address that stands for an integer that is wrong. */
  get fault(): number {
    return this.#blockAt + BLOCK_BYTES;
  }

  /** The bytes of a block in this memory, in place of the block before; those given where it is too large. */
  hold(bytes: Buffer): Buffer {
    if (bytes.length > BLOCK_BYTES) return bytes;
    const held = Buffer.from(this.memory.buffer, this.#blockAt, bytes.length);
    held.set(bytes);
    return held;
  }
}
