const FIRST_CAPACITY = 1024;

/** The word that is 0 in a free slot. */
const USED = 1;

/**
 * A hash table from object ids to entries. Ids are runs of 32-bit words, as in the rows of a batch, so a lookup allocates nothing
 * and creates no string. Open addressing with linear probing, at most half full.
 *
 * A place is the slot of an entry: the id, whether the slot is used, and the numbers of the entry ({@link value}).
 */
export class IdTable<Entry> {
  /** 32-bit words in an id, and in a place. */
  readonly idWords: number;
  readonly stride: number;
  /** The words of all slots. */
  words: Int32Array = new Int32Array(0);
  mask = 0;
  /** How many entries there are. */
  size = 0;
  readonly #least: number;
  #entries: (Entry | undefined)[] = [];

  /**
   * @param values count of numbers in an entry
   * @param capacity initial and smallest count of slots, a power of two
   */
  constructor(idWords: number, values: number, capacity: number = FIRST_CAPACITY) {
    this.idWords = idWords;
    this.stride = idWords + USED + values;
    this.#least = capacity;
    this.#begin(capacity);
  }

  /** The place of the id at `offset` of `ids`; -1 if it has no entry. */
  find(ids: Int32Array, offset: number): number {
    const place = this.#placeOf(ids, offset);
    return this.#isUsed(place) ? place : -1;
  }

  /** The entry at a place that {@link find} returned. */
  at(place: number): Entry {
    return this.#entries[place]!;
  }

  /** Adds an entry for an id that has none, with all numbers 0. Returns its place, valid until the next entry is added. */
  add(ids: Int32Array, offset: number, entry: Entry): number {
    if (this.size >= (this.mask + 1) / 2 - 1) this.#rebuild((this.mask + 1) * 2, () => true);
    return this.#put(ids, offset, entry);
  }

  /** The index in {@link words} of a number of the entry at a place. */
  value(place: number, number: number): number {
    return place * this.stride + this.idWords + USED + number;
  }

  /** The used places, in no particular order. */
  *places(): Generator<number> {
    for (let place = 0; place <= this.mask; place++) if (this.#isUsed(place)) yield place;
  }

  #isUsed(place: number): boolean {
    return this.words[place * this.stride + this.idWords] !== 0;
  }

  /** Keeps only the places for which the test holds, and shrinks the table, so that later iterations are cheap. */
  retain(test: (place: number) => boolean): void {
    this.#rebuild(this.#least, test);
  }

  /** Moves the remaining entries into a table of the given capacity, or a larger one if they need it. */
  #rebuild(least: number, test: (place: number) => boolean): void {
    const { stride, idWords } = this;
    const kept: number[] = [];
    for (let place = 0; place <= this.mask; place++) {
      if (this.#isUsed(place) && test(place)) kept.push(place);
    }
    let capacity = least;
    while (kept.length >= capacity / 2 - 1) capacity *= 2;
    const words = this.words;
    const entries = this.#entries;
    this.#begin(capacity);
    for (const old of kept) {
      const place = this.#put(words, old * stride, entries[old]);
      for (let i = idWords; i < stride; i++) this.words[place * stride + i] = words[old * stride + i]!;
    }
  }

  /** Removes all entries. */
  #begin(capacity: number): void {
    this.words = new Int32Array(capacity * this.stride);
    this.mask = capacity - 1;
    this.#entries = new Array<Entry | undefined>(capacity).fill(undefined);
    this.size = 0;
  }

  #put(ids: Int32Array, offset: number, entry: Entry | undefined): number {
    const place = this.#placeOf(ids, offset);
    const start = place * this.stride;
    for (let i = 0; i < this.idWords; i++) this.words[start + i] = ids[offset + i]!;
    this.words[start + this.idWords] = USED;
    this.#entries[place] = entry;
    this.size++;
    return place;
  }

  /** The place of the id, or the free place where it would be added. */
  #placeOf(ids: Int32Array, offset: number): number {
    const { words, idWords, stride, mask } = this;
    let hash = 0;
    for (let i = 0; i < idWords; i++) hash = Math.imul(hash ^ ids[offset + i]!, 0x9e3779b1) ^ (hash >>> 15);
    let place = (hash ^ (hash >>> 16)) & mask;
    for (;;) {
      const start = place * stride;
      if (words[start + idWords] === 0) return place;
      let i = 0;
      while (i < idWords && words[start + i] === ids[offset + i]) i++;
      if (i === idWords) return place;
      place = (place + 1) & mask;
    }
  }
}
