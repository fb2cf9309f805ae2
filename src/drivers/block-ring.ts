import { Buffer } from 'node:buffer';

/** The data that another thread needs to fill a ring. */
export interface RingData {
  readonly memory: SharedArrayBuffer;
  /** How many bytes it has; the words that both sides share lie before them. */
  readonly bytes: number;
}

// The words: up to which position all is free, whether the filler sleeps, at which position to wake it, whether to stop, and
// whether the filler works.
const [FREED, SLEEPING, WAKE_AT, STOPPED, WORKING] = [0, 1, 2, 3, 4];
const WORDS = 5;

/** Creates a ring of this many bytes. */
export function makeRing(bytes: number): RingData {
  return { memory: new SharedArrayBuffer(WORDS * 4 + bytes), bytes };
}

/**
 * Shared memory through which one thread hands blocks of bytes to another, which frees them in the same order. Positions count
 * all bytes that ever went through, modulo 2³²; a block lies in one piece, and what is too short at the ring's end is skipped.
 */
export class BlockRing {
  readonly #data: RingData;
  readonly #bytes: Buffer;
  readonly #words: Int32Array;
  /** Up to where the ring was filled. */
  #filled = 0;

  constructor(data: RingData) {
    const { memory, bytes } = data;
    this.#data = data;
    this.#bytes = Buffer.from(memory, WORDS * 4, bytes);
    this.#words = new Int32Array(memory, 0, WORDS);
  }

  /**
   * Puts a block into the ring, waiting until there is room; only a thread that has nothing else to do may wait so.
   *
   * @returns where it lies, and the position to give back; null for one that is too large, and after {@link stop}
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

  /** Frees everything before a position. */
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

  /** Does the work of the thread that fills the ring; {@link waitForWork} waits for its end. */
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
   * Blocks this thread until the other one does no {@link work}.
   *
   * @param longest milliseconds to wait at most
   */
  waitForWork(longest: number): void {
    Atomics.wait(this.#words, WORKING, 1, longest);
  }

  /** Whether {@link stop} was called, on either thread. */
  get stopped(): boolean {
    return Atomics.load(this.#words, STOPPED) === 1;
  }

  /** Waits until all up to a position is free; false if {@link stop} was called instead. */
  #waitFor(position: number): boolean {
    const words = this.#words;
    while (((Atomics.load(words, FREED) - position) | 0) < 0) {
      if (this.stopped) return false;
      // Until half of the ring is free: waking a thread costs as much as decoding a block.
      Atomics.store(words, WAKE_AT, (this.#filled - this.#data.bytes / 2) | 0);
      Atomics.store(words, SLEEPING, 1);
      if (((Atomics.load(words, FREED) - position) | 0) < 0 && !this.stopped) Atomics.wait(words, SLEEPING, 1);
      Atomics.store(words, SLEEPING, 0);
    }
    return true;
  }
}

/** V8 copies into shared memory by words only where both sides are aligned to them, which takes a quarter of the time. */
function aligned(length: number): number {
  return (length + 7) & ~7;
}
