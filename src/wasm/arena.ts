/** Memory for WebAssembly and for all that works on the same data. */

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
  grow(pages: number): number;
}

const WASM = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;

const PAGE_BYTES = 64 << 10;
/** Of all that a thread may allocate: 1 GiB. */
export const MOST_PAGES: number = 1 << 14;
/** Every piece starts at a line of the cache. */
const ALIGNMENT = 64;
/** Address 0 stands for none. */
const FIRST_ADDRESS = ALIGNMENT;

/**
 * The memory of one thread in which batches, blocks and tables lie, so that WebAssembly can work on them: it has but one.
 * Other threads may write where this one tells them to. Pieces are allocated for good, by what lives as long as the program.
 */
export class Arena {
  readonly memory: SharedMemory;
  #end = FIRST_ADDRESS;

  private constructor(memory: SharedMemory) {
    this.memory = memory;
  }

  /** Null where there is no room in the address space, of which V8 takes 10 GB, or no WebAssembly. */
  static create(): Arena | null {
    try {
      return new Arena(new WASM.Memory({ initial: 1, maximum: MOST_PAGES, shared: true }));
    } catch {
      return null;
    }
  }

  /**
   * Allocates bytes, all zero, and gives their address.
   *
   * @param alignment what the address is a multiple of, a power of two from 64 on
   * @throws RangeError where that is more than an arena may have, or than there is
   */
  allocate(bytes: number, alignment: number = ALIGNMENT): number {
    const address = Math.ceil(this.#end / alignment) * alignment;
    const end = address + bytes;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.#end = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  /** A view on 32-bit words. */
  words(address: number, count: number): Int32Array<SharedArrayBuffer> {
    return new Int32Array(this.memory.buffer, address, count);
  }

  /** A view on bytes. */
  bytes(address: number, count: number): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.memory.buffer, address, count);
  }

  /** Compiles a module that `assemble` made, and gives what it exports. */
  instantiate(module: Uint8Array<ArrayBuffer>): Readonly<Record<string, unknown>> {
    return new WASM.Instance(new WASM.Module(module), { host: { memory: this.memory } }).exports;
  }
}
