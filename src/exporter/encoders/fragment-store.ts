/** First and largest size of a store. */
const FIRST_BYTES = 1 << 18;
const MAX_BYTES = 4 << 20;

/** Fragments longer than this part of the store are not kept, so that a few of them do not drive out all others. */
const LARGEST_PART = 1 / 16;

/**
 * The bytes of fragments, one behind the other in one piece of memory, which is bounded: when it is full it starts anew, a
 * new generation, and what was kept before counts no more. That costs the fragments still in use one more rendering each,
 * and needs no bookkeeping per use or for entities that are gone.
 */
export class FragmentStore {
  /** Changes when all that was kept is forgotten. */
  generation = 0;
  readonly #maxBytes: number;
  #bytes: Uint8Array;
  #used = 0;

  /** @param maxBytes bytes kept at once */
  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(FIRST_BYTES, maxBytes));
  }

  /**
   * Keeps a copy of `bytes[start … end)`.
   *
   * @returns the copy, valid as long as {@link generation} stays what it is after the call; null where it is too long
   */
  keep(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
    const size = end - start;
    if (size > this.#maxBytes * LARGEST_PART) return null;
    if (this.#used + size > this.#bytes.length) this.#startAnew();
    const kept = new Uint8Array(this.#bytes.buffer, this.#used, size);
    kept.set(bytes.subarray(start, end));
    this.#used += size;
    return kept;
  }

  #startAnew(): void {
    if (this.#bytes.length < this.#maxBytes) {
      this.#bytes = new Uint8Array(Math.min(this.#maxBytes, this.#bytes.length * 4));
    }
    this.#used = 0;
    this.generation++;
  }
}

/** The fragments kept for one entity or one value of flags. */
export class KeptFragments {
  /** Of the store, when the fragments were kept. */
  #generation: number;
  readonly #fragments: (Uint8Array | null)[];

  /** @param count fragments that there may be */
  constructor(store: FragmentStore, count: number) {
    this.#generation = store.generation;
    this.#fragments = new Array<Uint8Array | null>(count).fill(null);
  }

  /** The fragment of a number, null where none is kept. */
  get(store: FragmentStore, number: number): Uint8Array | null {
    return this.#generation === store.generation ? this.#fragments[number]! : null;
  }

  /** Keeps `bytes[start … end)` as the fragment of a number. */
  keep(store: FragmentStore, number: number, bytes: Uint8Array, start: number, end: number): void {
    const fragment = store.keep(bytes, start, end);
    if (this.#generation !== store.generation) {
      this.#generation = store.generation;
      this.#fragments.fill(null);
    }
    this.#fragments[number] = fragment;
  }
}
