import { type ByteBuffer, copyWords, SHORT, WORD } from '../byte-buffer.js';

/** First and largest size of a store. */
const FIRST_BYTES = 1 << 18;
const MAX_BYTES = 4 << 20;

/** Fragments longer than this part of the store are not kept, so that a few of them do not drive out all others. */
const LARGEST_PART = 1 / 16;

/** Bits for the length of a short fragment, below its position. */
const LENGTH_BITS = 7;

/**
 * The bytes of fragments, one behind the other in one piece of memory, which is bounded: when it is full it starts anew, a
 * new generation, and what was kept before counts no more. That costs the fragments still in use one more rendering each,
 * and needs no bookkeeping per use or for entities that are gone.
 */
export class FragmentStore {
  /** Changes when all that was kept is forgotten. */
  generation = 0;
  /** The memory. */
  view: DataView;
  readonly #maxBytes: number;
  #bytes: Uint8Array;
  #used = 0;

  /** @param maxBytes bytes kept at once */
  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(FIRST_BYTES, maxBytes) + WORD);
    this.view = new DataView(this.#bytes.buffer);
  }

  /**
   * Keeps a copy of what was appended to a buffer from a position on.
   *
   * @returns the copy, valid as long as {@link generation} stays what it is after the call; null where it is too long
   */
  keep(out: ByteBuffer, start: number): Fragment | null {
    const size = out.length - start;
    if (size > this.#maxBytes * LARGEST_PART) return null;
    if (this.#used + size + WORD > this.#bytes.length) this.#startAnew();
    const at = this.#used;
    this.#used += size;
    if (size <= SHORT) {
      out.reserve(WORD);
      copyWords(out.view, start, this.view, at, size);
      return (at << LENGTH_BITS) | size;
    }
    const kept = new Uint8Array(this.#bytes.buffer, at, size);
    kept.set(new Uint8Array(out.bytes.buffer, start, size));
    return kept;
  }

  #startAnew(): void {
    if (this.#bytes.length < this.#maxBytes) {
      this.#bytes = new Uint8Array(Math.min(this.#maxBytes, this.#bytes.length * 4) + WORD);
      this.view = new DataView(this.#bytes.buffer);
    }
    this.#used = 0;
    this.generation++;
  }
}

/** Bytes in a store: of a short fragment the position and the length (a view would cost more than its copy). */
export type Fragment = Uint8Array | number;

export const shortStart = (fragment: number): number => fragment >>> LENGTH_BITS;
export const shortLength = (fragment: number): number => fragment & ((1 << LENGTH_BITS) - 1);

/** The fragments kept for one entity or one value of flags. */
export class KeptFragments {
  /** Of the store, when the fragments were kept. */
  #generation: number;
  /** The open flags for which they were kept; of entities other than files 0. */
  #openFlags = 0;
  readonly #fragments: (Fragment | null)[];

  /** @param count fragments that there may be */
  constructor(store: FragmentStore, count: number) {
    this.#generation = store.generation;
    this.#fragments = new Array<Fragment | null>(count).fill(null);
  }

  /** Forgets what was kept for a file opened in another way. */
  useOpenFlags(openFlags: number): void {
    if (this.#openFlags === openFlags) return;
    this.#openFlags = openFlags;
    this.#fragments.fill(null);
  }

  /** The fragment of a number, null where none is kept. */
  get(store: FragmentStore, number: number): Fragment | null {
    return this.#generation === store.generation ? this.#fragments[number]! : null;
  }

  /** Keeps what was appended to a buffer from a position on as the fragment of a number. */
  keep(store: FragmentStore, number: number, out: ByteBuffer, start: number): void {
    const fragment = store.keep(out, start);
    if (this.#generation !== store.generation) {
      this.#generation = store.generation;
      this.#fragments.fill(null);
    }
    this.#fragments[number] = fragment;
  }
}
