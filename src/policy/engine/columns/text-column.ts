import type { FlatRecord } from '../../../records/flat-record.js';
import { trimQuotes } from '../quotes.js';
import { ascending, type ClassTable, type Column } from './column.js';
import type { TextTests } from './text-tests.js';

/**
 * Limits of the cache: distinct values, and their total number of characters. The cache is cleared when it reaches one
 * of them.
 */
const CACHE_VALUES = 8192;
const CACHE_CHARACTERS = 1 << 20;
/** Longer values are not cached. */
const CACHE_LENGTH = 4096;

/** Caches the class of recent texts. */
export class TextCache {
  readonly #classes = new Map<string, number>();
  #characters = 0;

  get(text: string): number | undefined {
    return this.#classes.get(text);
  }

  set(text: string, valueClass: number): void {
    if (text.length > CACHE_LENGTH) return;
    if (this.#classes.size >= CACHE_VALUES || this.#characters > CACHE_CHARACTERS) {
      this.#classes.clear();
      this.#characters = 0;
    }
    this.#classes.set(text, valueClass);
    this.#characters += text.length;
  }
}

export interface TextColumnSpec {
  /** Reads the value of the field. */
  readonly read: (record: FlatRecord) => string;
  /** Whether surrounding quotes are removed before the comparison. */
  readonly trims: boolean;
  readonly tests: TextTests;
  /** `presence` is the predicate of `exists`, or -1; `absent` is the text that counts as absent. */
  readonly presence: number;
  readonly absent: string;
}

/** A column of an attribute with one text. */
export class TextColumn implements Column {
  readonly #spec: TextColumnSpec;
  readonly #classes: ClassTable;
  readonly #cache = new TextCache();

  constructor(spec: TextColumnSpec, classes: ClassTable) {
    this.#spec = spec;
    this.#classes = classes;
  }

  classOf(record: FlatRecord): number {
    const text = this.#spec.read(record);
    return this.#cache.get(text) ?? this.#classify(text);
  }

  predicatesOf(valueClass: number): readonly number[] {
    return this.#classes.predicatesOf(valueClass);
  }

  #classify(text: string): number {
    const { tests, trims, presence, absent } = this.#spec;
    const found: number[] = [];
    tests.find(trims ? trimQuotes(text) : text, found);
    if (presence !== -1 && text !== absent) found.push(presence);
    const valueClass = this.#classes.of(ascending(found));
    this.#cache.set(text, valueClass);
    return valueClass;
  }
}
