/** The memory of WebAssembly: one for each stream, reused when the stream has ended. */
import type { File } from '../../sysflow/entities.js';
import type { BatchMemory } from '../../sysflow/record-batch.js';

/** The parts of WebAssembly that are used, since Node's types do not declare them. */
interface WasmApi {
  readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly host: { readonly memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** A `WebAssembly.Memory`. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

const WASM = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;

/**
 * Size of every memory in pages: 64 MiB, enough for the decoder, the batches being processed and several encoders.
 * Unused pages occupy address space only. A memory never grows, so views of it stay valid.
 */
export const MEMORY_PAGES = 1024;
/** Every allocation starts at a cache line. */
const ALIGNMENT = 64;
/** Address 0 stands for none. */
const FIRST_ADDRESS = ALIGNMENT;
/** Maximum number of memories kept for reuse. */
const MAX_IDLE = 4;

/** Assigns memories to streams and reuses them. */
export class MemoryPool {
  readonly #most: number;
  readonly #idle: WasmMemory[] = [];
  #open = 0;

  /** @param most maximum number of streams with a memory at once */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Returns a memory for a stream; null if the maximum is reached, memory cannot be allocated, or WebAssembly is not
   * available.
   */
  open(): StreamMemory | null {
    if (this.#open >= this.#most) return null;
    const idle = this.#idle.pop();
    try {
      const memory = new StreamMemory(
        idle ?? new WASM.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES }),
        idle === undefined,
      );
      this.#open++;
      return memory;
    } catch {
      return null;
    }
  }

  /**
   * Returns a memory to the pool.
   *
   * @param isFree whether no batch in it is in use; otherwise it is left to the garbage collector
   */
  close({ wasm }: StreamMemory, isFree: boolean): void {
    this.#open--;
    if (isFree && this.#idle.length < MAX_IDLE) this.#idle.push(wasm);
  }
}

/** The memory of one stream. Allocations last until the stream ends. */
export class StreamMemory implements BatchMemory {
  readonly wasm: WasmMemory;
  /** Reads a file by its address; set by the file store. */
  fileAt: (address: number) => File = noFile;
  readonly #isZero: boolean;
  #end = FIRST_ADDRESS;

  /** @param isZero whether the memory is known to contain zeros only */
  constructor(wasm: WasmMemory, isZero: boolean) {
    this.wasm = wasm;
    this.#isZero = isZero;
  }

  get buffer(): ArrayBuffer {
    return this.wasm.buffer;
  }

  /** Allocates bytes with undefined contents; returns 0 if there is no space. */
  tryAllocate(bytes: number): number {
    const address = this.#end;
    const end = Math.ceil((address + bytes) / ALIGNMENT) * ALIGNMENT;
    if (end > this.buffer.byteLength) return 0;
    this.#end = end;
    return address;
  }

  /**
   * Allocates bytes with undefined contents and returns their address.
   *
   * @throws RangeError if there is no space
   */
  allocate(bytes: number): number {
    const address = this.tryAllocate(bytes);
    if (address === 0) throw new RangeError(`no ${bytes} bytes are left`);
    return address;
  }

  /** Allocates bytes that are all zero. */
  allocateZeros(bytes: number): number {
    const address = this.allocate(bytes);
    if (!this.#isZero) this.bytesAt(address, bytes).fill(0);
    return address;
  }

  words(count: number): Int32Array<ArrayBuffer> | null {
    const address = this.tryAllocate(count * 4);
    return address === 0 ? null : this.wordsAt(address, count);
  }

  /** Returns a view of 32-bit words. */
  wordsAt(address: number, count: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.buffer, address, count);
  }

  /** Returns a view of bytes. */
  bytesAt(address: number, count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, address, count);
  }

  /** Compiles a module created by `assemble` and returns its exports. */
  instantiate(module: Uint8Array<ArrayBuffer>): Readonly<Record<string, unknown>> {
    return new WASM.Instance(new WASM.Module(module), { host: { memory: this.wasm } }).exports;
  }
}

function noFile(address: number): never {
  throw new RangeError(`no file is stored at ${address}`);
}
