import { type ByteBuffer, copyWords, SHORT, WORD } from '../byte-buffer.js';

/** First size of a store. */
const FIRST_BYTES = 1 << 18;

/** Fragments longer than this part of the store are not kept, so that a few of them do not drive out all others. */
const LARGEST_PART = 1 / 16;

/** Bits for the length of a short fragment, below its position. */
const LENGTH_BITS = 7;

/** Bytes in a store: of a short fragment the position and the length, for a copy in words. */
type Fragment = Uint8Array | number;

/**
 * The bytes of fragments, one behind the other in one piece of memory, which is bounded: when it is full it starts anew, a
 * new generation, and what was kept before counts no more. That costs the fragments still in use one more rendering each,
 * and needs no bookkeeping per use or for entities that are gone.
 */
export class FragmentStore {
  /** Changes when all that was kept is forgotten. */
  generation = 0;
  /** How many fragments may be kept for one entity. */
  count = 0;
  /** The memory. */
  view: DataView;
  readonly #maxBytes: number;
  #used = 0;

  /** @param maxBytes bytes kept at once; at most 32 MiB, the positions that go into a number with a length */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.view = new DataView(new ArrayBuffer(Math.min(FIRST_BYTES, maxBytes) + WORD));
  }

  /**
   * Keeps a copy of what was appended to a buffer from a position on.
   *
   * @returns the copy, valid as long as {@link generation} stays what it is after the call; null where it is too long
   */
  keep(out: ByteBuffer, start: number): Fragment | null {
    const size = out.length - start;
    if (size > this.#maxBytes * LARGEST_PART) return null;
    if (this.#used + size + WORD > this.view.byteLength) this.#reset(size);
    const at = this.#used;
    this.#used += size;
    const kept = new Uint8Array(this.view.buffer, at, size);
    kept.set(out.bytes.subarray(start, out.length));
    return size <= SHORT ? (at << LENGTH_BITS) | size : kept;
  }

  /** Forgets everything, in larger memory where that is allowed, with room for the next fragment. */
  #reset(size: number): void {
    const now = this.view.byteLength - WORD;
    if (now < this.#maxBytes) {
      this.view = new DataView(new ArrayBuffer(Math.min(this.#maxBytes, Math.max(now * 4, size)) + WORD));
    }
    this.#used = 0;
    this.generation++;
  }
}

/** Ways to open one file for which fragments are kept. */
const MAX_OPEN_FLAGS = 4;

/** No open flags yet. */
const UNUSED = -1;

/** The fragments kept for one entity or one value of flags, each under a number. */
export class CachedFragments {
  readonly #store: FragmentStore;
  /** Of the store, when the fragments were kept. */
  #generation: number;
  readonly #fragments: (Fragment | null)[];
  /** The open flags for which a file's fragments are kept, and those for others. */
  #openFlags = UNUSED;
  #next: CachedFragments | null = null;

  constructor(store: FragmentStore) {
    this.#store = store;
    this.#generation = store.generation;
    this.#fragments = new Array<Fragment | null>(store.count).fill(null);
  }

  /** What is kept for the same file opened in some way. */
  ofOpenFlags(openFlags: number): CachedFragments {
    let kept: CachedFragments = this;
    for (let ways = 1; kept.#openFlags !== openFlags; ways++) {
      if (kept.#openFlags === UNUSED || ways === MAX_OPEN_FLAGS) {
        kept.#openFlags = openFlags;
        kept.#fragments.fill(null);
      } else {
        kept.#next ??= new CachedFragments(this.#store);
        kept = kept.#next;
      }
    }
    return kept;
  }

  /** Appends the fragment of a number to a buffer; false where none is kept. */
  append(number: number, out: ByteBuffer): boolean {
    const store = this.#store;
    if (this.#generation !== store.generation) return false;
    const fragment = this.#fragments[number]!;
    if (typeof fragment === 'number') {
      const size = fragment & ((1 << LENGTH_BITS) - 1);
      out.reserve(size + WORD);
      copyWords(store.view, fragment >>> LENGTH_BITS, out.view, out.length, size);
      out.length += size;
      return true;
    }
    if (fragment === null) return false;
    out.append(fragment);
    return true;
  }

  /** Keeps what was appended to a buffer from a position on as the fragment of a number. */
  keep(number: number, out: ByteBuffer, start: number): void {
    const fragment = this.#store.keep(out, start);
    if (this.#generation !== this.#store.generation) {
      this.#generation = this.#store.generation;
      this.#fragments.fill(null);
    }
    this.#fragments[number] = fragment;
  }
}
