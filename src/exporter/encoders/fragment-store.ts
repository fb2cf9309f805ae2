import { type ByteBuffer, copyWords, SHORT, WORD } from '../byte-buffer.js';

/** First size of a store. */
const FIRST_BYTES = 1 << 18;

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
  constructor(maxBytes: number) {
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

/** No open flags yet. */
const ANY = -1;

/** Ways to open one file for which fragments are kept. */
const MAX_OPEN_FLAGS = 4;

/** The fragments kept for one entity or one value of flags. */
export class KeptFragments {
  readonly store: FragmentStore;
  /** Of the store, when the fragments were kept. */
  #generation: number;
  readonly #fragments: (Fragment | null)[];
  /** The open flags for which a file's fragments are kept, and those for others. */
  #openFlags = ANY;
  #next: KeptFragments | null = null;

  /** @param count fragments that there may be */
  constructor(store: FragmentStore, count: number) {
    this.store = store;
    this.#generation = store.generation;
    this.#fragments = new Array<Fragment | null>(count).fill(null);
  }

  /** What is kept for the same file opened in some way. */
  ofOpenFlags(openFlags: number): KeptFragments {
    let kept: KeptFragments = this;
    for (let ways = 1; kept.#openFlags !== openFlags; ways++) {
      if (kept.#openFlags === ANY || ways === MAX_OPEN_FLAGS) {
        kept.#openFlags = openFlags;
        kept.#fragments.fill(null);
      } else {
        kept.#next ??= new KeptFragments(this.store, this.#fragments.length);
        kept = kept.#next;
      }
    }
    return kept;
  }

  /** The fragment of a number, null where none is kept. */
  get(number: number): Fragment | null {
    return this.#generation === this.store.generation ? this.#fragments[number]! : null;
  }

  /** Keeps what was appended to a buffer from a position on as the fragment of a number. */
  keep(number: number, out: ByteBuffer, start: number): void {
    const fragment = this.store.keep(out, start);
    if (this.#generation !== this.store.generation) {
      this.#generation = this.store.generation;
      this.#fragments.fill(null);
    }
    this.#fragments[number] = fragment;
  }
}
