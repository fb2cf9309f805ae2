const FIRST_CAPACITY = 256;

/**
 * A hash table from object ids to entries. Ids are runs of 32-bit words as they stand in a batch's rows, so a look-up
 * neither allocates nor makes a string. Open addressing with linear probing, at most half full.
 */
export class ObjectTable<Entry> {
  readonly #words: number;
  #keys: Int32Array;
  #entries: (Entry | undefined)[];
  #mask: number;
  /** How many entries there are. */
  size = 0;

  /** @param words 32-bit words in an id */
  constructor(words: number) {
    this.#words = words;
    this.#mask = FIRST_CAPACITY - 1;
    this.#keys = new Int32Array(FIRST_CAPACITY * words);
    this.#entries = new Array<Entry | undefined>(FIRST_CAPACITY).fill(undefined);
  }

  /** The entry of the id at `offset` of `ids`, or undefined. */
  get(ids: Int32Array, offset: number): Entry | undefined {
    return this.#entries[this.#find(ids, offset)];
  }

  /** Sets the entry of the id at `offset` of `ids`. */
  set(ids: Int32Array, offset: number, entry: Entry): void {
    if ((this.size + 1) * 2 > this.#mask) this.#resize((this.#mask + 1) * 2);
    const index = this.#find(ids, offset);
    if (this.#entries[index] === undefined) {
      this.size++;
      for (let i = 0; i < this.#words; i++) this.#keys[index * this.#words + i] = ids[offset + i]!;
    }
    this.#entries[index] = entry;
  }

  /** The entries, in no order. */
  *values(): Generator<Entry> {
    for (const entry of this.#entries) {
      if (entry !== undefined) yield entry;
    }
  }

  /** Keeps only the entries for which the test holds. The table becomes as small as it can, so that the next time is cheap. */
  retain(test: (entry: Entry) => boolean): void {
    const keys = this.#keys;
    const entries = this.#entries;
    this.#allocate(FIRST_CAPACITY);
    this.size = 0;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (entry !== undefined && test(entry)) this.set(keys, i * this.#words, entry);
    }
  }

  #resize(capacity: number): void {
    const keys = this.#keys;
    const entries = this.#entries;
    this.#allocate(capacity);
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (entry === undefined) continue;
      const index = this.#find(keys, i * this.#words);
      for (let j = 0; j < this.#words; j++) this.#keys[index * this.#words + j] = keys[i * this.#words + j]!;
      this.#entries[index] = entry;
    }
  }

  #allocate(capacity: number): void {
    this.#mask = capacity - 1;
    this.#keys = new Int32Array(capacity * this.#words);
    this.#entries = new Array<Entry | undefined>(capacity).fill(undefined);
  }

  /** Where the id stands, or the free place where it would. */
  #find(ids: Int32Array, offset: number): number {
    const words = this.#words;
    const keys = this.#keys;
    const entries = this.#entries;
    let hash = 0;
    for (let i = 0; i < words; i++) hash = Math.imul(hash ^ ids[offset + i]!, 0x9e3779b1) ^ (hash >>> 15);
    let index = (hash ^ (hash >>> 16)) & this.#mask;
    while (entries[index] !== undefined) {
      let i = 0;
      const key = index * words;
      while (i < words && keys[key + i] === ids[offset + i]) i++;
      if (i === words) return index;
      index = (index + 1) & this.#mask;
    }
    return index;
  }
}
