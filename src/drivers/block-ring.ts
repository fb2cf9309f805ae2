import { Buffer } from 'node:buffer';

/** The data that another thread needs to fill a ring. */
export interface RingData {
  readonly memory: SharedArrayBuffer;
  /** Size of the ring in bytes, without the control words before it. */
  readonly bytes: number;
}

// The control words: the position up to which everything is free, whether the writer sleeps, the position at which to wake it,
// whether to stop, and whether the writer is working.
const [FREED, SLEEPING, WAKE_AT, STOPPED, WORKING] = [0, 1, 2, 3, 4];
const WORDS = 5;

/** Creates a ring of the given size in bytes. */
export function makeRing(bytes: number): RingData {
  return { memory: new SharedArrayBuffer(WORDS * 4 + bytes), bytes };
}

/**
 * Shared memory through which one thread hands blocks of bytes to another, which frees them in the same order. Positions count
 * all bytes ever written, modulo 2³². A block is contiguous: if it does not fit before the ring's end, it starts at the beginning.
 */
export class BlockRing {
  readonly #data: RingData;
  readonly #bytes: Buffer;
  readonly #words: Int32Array;
  /** The position up to which the ring was filled. */
  #filled = 0;

  constructor(data: RingData) {
    const { memory, bytes } = data;
    this.#data = data;
    this.#bytes = Buffer.from(memory, WORDS * 4, bytes);
    this.#words = new Int32Array(memory, 0, WORDS);
  }

  /**
   * Copies a block into the ring. Blocks the thread until there is room, so call it only on a thread with no other work.
   *
   * @returns the block's offset, and the position to pass to {@link free}; null if the block is too large, and after {@link stop}
   */
  put(block: Uint8Array): { readonly at: number; readonly position: number } | null {
    const { bytes } = this.#data;
    const { length } = block;
    if (length > bytes / 4) return null;
    const start = (this.#filled >>> 0) % bytes;
    const passed = start + length > bytes ? bytes - start : 0;
    const position = (this.#filled + passed + aligned(length)) | 0;
    if (!this.#waitFor((position - bytes) | 0)) return null;
    const at = passed === 0 ? start : 0;
    this.#bytes.set(block, at);
    this.#filled = position;
    return { at, position };
  }

  /** The bytes of a block. */
  block(at: number, length: number): Buffer {
    return this.#bytes.subarray(at, at + length);
  }

  /** Frees everything up to a position. */
  free(position: number): void {
    const words = this.#words;
    Atomics.store(words, FREED, position);
    if (Atomics.load(words, SLEEPING) === 0 || ((position - Atomics.load(words, WAKE_AT)) | 0) < 0) return;
    Atomics.store(words, SLEEPING, 0);
    Atomics.notify(words, SLEEPING);
  }

  /** Asks the thread that fills the ring to stop, and wakes it if it waits for room. */
  stop(): void {
    const words = this.#words;
    Atomics.store(words, STOPPED, 1);
    Atomics.store(words, SLEEPING, 0);
    Atomics.notify(words, SLEEPING);
  }

  /** Runs the function that fills the ring; {@link waitForWork} waits for its end. */
  async work(fill: () => Promise<void>): Promise<void> {
    Atomics.store(this.#words, WORKING, 1);
    try {
      await fill();
    } finally {
      Atomics.store(this.#words, WORKING, 0);
      Atomics.notify(this.#words, WORKING);
    }
  }

  /**
   * Blocks this thread until {@link work} has ended on the other one.
   *
   * @param longest longest wait in milliseconds
   */
  waitForWork(longest: number): void {
    Atomics.wait(this.#words, WORKING, 1, longest);
  }

  /** Whether {@link stop} was called, on either thread. */
  get stopped(): boolean {
    return Atomics.load(this.#words, STOPPED) === 1;
  }

  /** Waits until everything up to a position is free. Returns false if {@link stop} was called instead. */
  #waitFor(position: number): boolean {
    const words = this.#words;
    while (((Atomics.load(words, FREED) - position) | 0) < 0) {
      if (this.stopped) return false;
      // Sleep until half of the ring is free: waking a thread costs as much as decoding a block.
      Atomics.store(words, WAKE_AT, (this.#filled - this.#data.bytes / 2) | 0);
      Atomics.store(words, SLEEPING, 1);
      if (((Atomics.load(words, FREED) - position) | 0) < 0 && !this.stopped) Atomics.wait(words, SLEEPING, 1);
      Atomics.store(words, SLEEPING, 0);
    }
    return true;
  }
}

/** Aligns a length to words: V8 copies aligned blocks into shared memory word by word, which takes a quarter of the time. */
function aligned(length: number): number {
  return (length + 7) & ~7;
}
