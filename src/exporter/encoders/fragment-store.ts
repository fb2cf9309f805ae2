import { type ByteBuffer, copyWords, SHORT, WORD } from '../byte-buffer.js';

/** Initial size of a store. */
const FIRST_BYTES = 1 << 18;

/** Fragments larger than this part of the store are not cached, so that a few of them do not evict all others. */
const LARGEST_PART = 1 / 16;

/** Bits for the length of a short fragment, below the bits of its offset. */
const LENGTH_BITS = 7;

/** A stored fragment: its bytes, or for a short one its offset and length in the store, for copying in words. */
type Fragment = Uint8Array | number;

/**
 * Stores the bytes of fragments in one memory of limited size. When it is full, it is emptied and a new generation
 * starts, which makes all fragments of earlier generations invalid. Fragments that are still in use then have to be
 * encoded once more; in return, no bookkeeping is needed for uses and for entities that no longer exist.
 */
export class FragmentStore {
  /** Incremented when all fragments are discarded. */
  generation = 0;
  /** Number of fragments that can be stored for one entity. */
  count = 0;
  /** The memory. */
  view: DataView;
  readonly #maxBytes: number;
  #used = 0;

  /** @param maxBytes maximum size; at most 32 MiB, so that an offset and a length fit in one number */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.view = new DataView(new ArrayBuffer(Math.min(FIRST_BYTES, maxBytes) + WORD));
  }

  /**
   * Stores a copy of the bytes that were appended to a buffer since an offset.
   *
   * @returns the copy, valid until {@link generation} changes again; null if it is too large
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

  /** Discards all fragments. Enlarges the memory if allowed, so that the next fragment fits. */
  #reset(size: number): void {
    const now = this.view.byteLength - WORD;
    if (now < this.#maxBytes) {
      this.view = new DataView(new ArrayBuffer(Math.min(this.#maxBytes, Math.max(now * 4, size)) + WORD));
    }
    this.#used = 0;
    this.generation++;
  }
}

/** Maximum number of open flags values per file with cached fragments. */
const MAX_OPEN_FLAGS = 4;

/** No open flags assigned. */
const UNUSED = -1;

/** The cached fragments of one entity or one flags value, by number. */
export class CachedFragments {
  readonly #store: FragmentStore;
  /** Generation of the store in which the fragments were stored. */
  #generation: number;
  readonly #fragments: (Fragment | null)[];
  /** The open flags that the fragments belong to, and a linked list of the fragments for other open flags. */
  #openFlags = UNUSED;
  #next: CachedFragments | null = null;

  constructor(store: FragmentStore) {
    this.#store = store;
    this.#generation = store.generation;
    this.#fragments = new Array<Fragment | null>(store.count).fill(null);
  }

  /** Returns the fragments of this file for some open flags. */
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

  /** Appends a fragment to a buffer; returns false if it is not cached. */
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

  /** Caches the bytes that were appended to a buffer since an offset as a fragment. */
  keep(number: number, out: ByteBuffer, start: number): void {
    const fragment = this.#store.keep(out, start);
    if (this.#generation !== this.#store.generation) {
      this.#generation = this.#store.generation;
      this.#fragments.fill(null);
    }
    this.#fragments[number] = fragment;
  }
}
