import type { FlatRecord } from '../../../records/flat-record.js';
import { trimQuotes } from '../quotes.js';
import { ascending, type ClassTable, type Column } from './column.js';
import type { TextTests } from './text-tests.js';

/** Distinct values a column remembers, and how many characters of them; then it starts anew. */
const CACHE_VALUES = 8192;
const CACHE_CHARACTERS = 1 << 20;
/** Longer values are not remembered. */
const CACHE_LENGTH = 4096;

/** The class of each text that came by lately. */
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
  /** The value as the field gives it. */
  readonly read: (record: FlatRecord) => string;
  /** Whether bounding quotes go before it is compared. */
  readonly trims: boolean;
  readonly tests: TextTests;
  /** The predicate of `exists`, or -1, and the text that counts as absent. */
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
