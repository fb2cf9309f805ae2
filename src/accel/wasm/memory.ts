/** The memory that WebAssembly works on: one for each stream, used again when the stream has ended. */
import type { File } from '../../sysflow/entities.js';
import type { BatchMemory } from '../../sysflow/record-batch.js';

/** What of WebAssembly is used, which the types of Node do not declare. */
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
 * Pages of every memory: 64 MiB, which is room for the decoder, the batches under way and several encoders. Pages that nobody
 * touches cost addresses alone. It never grows, so views on it stay valid.
 */
export const MEMORY_PAGES = 1024;
/** Every piece starts at a line of the cache. */
const ALIGNMENT = 64;
/** Address 0 stands for none. */
const FIRST_ADDRESS = ALIGNMENT;
/** Memories kept for the next streams. */
const MOST_IDLE = 4;

/** Hands out memories to streams and takes them back. */
export class MemoryPool {
  readonly #most: number;
  readonly #idle: WasmMemory[] = [];
  #open = 0;

  /** @param most streams that have a memory at once */
  constructor(most: number) {
    this.#most = most;
  }

  /** Memory for a stream; null where as many have one as may, where there is no room, or no WebAssembly. */
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
   * Takes memory back.
   *
   * @param isFree whether nobody holds a batch in it; else it is left to the garbage collector
   */
  close({ wasm }: StreamMemory, isFree: boolean): void {
    this.#open--;
    if (isFree && this.#idle.length < MOST_IDLE) this.#idle.push(wasm);
  }
}

/** The memory of one stream. Pieces are allocated until the stream ends. */
export class StreamMemory implements BatchMemory {
  readonly wasm: WasmMemory;
  /** Reads a file by its address; set by the file store. */
  fileAt: (address: number) => File = noFile;
  readonly #isZero: boolean;
  #end = FIRST_ADDRESS;

  /** @param isZero whether nobody wrote to the memory yet */
  constructor(wasm: WasmMemory, isZero: boolean) {
    this.wasm = wasm;
    this.#isZero = isZero;
  }

  get buffer(): ArrayBuffer {
    return this.wasm.buffer;
  }

  /** The address of bytes with any content; 0 where there is no room. */
  tryAllocate(bytes: number): number {
    const address = this.#end;
    const end = Math.ceil((address + bytes) / ALIGNMENT) * ALIGNMENT;
    if (end > this.buffer.byteLength) return 0;
    this.#end = end;
    return address;
  }

  /**
   * The address of bytes with any content.
   *
   * @throws RangeError where there is no room
   */
  allocate(bytes: number): number {
    const address = this.tryAllocate(bytes);
    if (address === 0) throw new RangeError(`no ${bytes} bytes are left`);
    return address;
  }

  /** The same with bytes that are all zero. */
  allocateZeros(bytes: number): number {
    const address = this.allocate(bytes);
    if (!this.#isZero) this.bytesAt(address, bytes).fill(0);
    return address;
  }

  words(count: number): Int32Array<ArrayBuffer> | null {
    const address = this.tryAllocate(count * 4);
    return address === 0 ? null : this.wordsAt(address, count);
  }

  /** A view on 32-bit words. */
  wordsAt(address: number, count: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.buffer, address, count);
  }

  /** A view on bytes. */
  bytesAt(address: number, count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, address, count);
  }

  /** Compiles a module that `assemble` made, and gives what it exports. */
  instantiate(module: Uint8Array<ArrayBuffer>): Readonly<Record<string, unknown>> {
    return new WASM.Instance(new WASM.Module(module), { host: { memory: this.wasm } }).exports;
  }
}

function noFile(address: number): never {
  throw new RangeError(`no file is stored at ${address}`);
}
