import type { FlatRecord } from '../../../records/flat-record.js';
import { trimListQuotes } from '../quotes.js';
import { ascending, type ClassTable, type Column } from './column.js';
import { TextCache } from './text-column.js';
import type { TextTests } from './text-tests.js';

export interface ListColumnSpec {
  readonly read: (record: FlatRecord) => readonly string[];
  readonly tests: TextTests;
  /** The predicate of `exists`, or -1. */
  readonly presence: number;
}

/** A column of an attribute with several texts. A test holds if it holds for any of them. */
export class ListColumn implements Column {
  readonly #spec: ListColumnSpec;
  readonly #classes: ClassTable;
  readonly #cache = new TextCache();
  readonly #present: number;

  constructor(spec: ListColumnSpec, classes: ClassTable) {
    this.#spec = spec;
    this.#classes = classes;
    this.#present = spec.presence === -1 ? 0 : classes.of([spec.presence]);
  }

  classOf(record: FlatRecord): number {
    const list = this.#spec.read(record);
    const texts = trimListQuotes(list);
    let valueClass = list.length > 1 || (list.length === 1 && list[0] !== '') ? this.#present : 0;
    for (let i = 0; i < texts.length; i++) {
      const text = texts[i]!;
      valueClass = this.#classes.union(valueClass, this.#cache.get(text) ?? this.#classify(text));
    }
    return valueClass;
  }

  predicatesOf(valueClass: number): readonly number[] {
    return this.#classes.predicatesOf(valueClass);
  }

  #classify(text: string): number {
    const found: number[] = [];
    this.#spec.tests.find(text, found);
    const valueClass = this.#classes.of(ascending(found));
    this.#cache.set(text, valueClass);
    return valueClass;
  }
}
