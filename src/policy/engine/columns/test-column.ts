import type { FlatRecord } from '../../../records/flat-record.js';
import type { Column } from './column.js';

/** A column of a single test that compares attributes with each other. Class 1 means that the test holds. */
export class TestColumn implements Column {
  readonly #test: (record: FlatRecord) => boolean;
  readonly #predicates: readonly number[];

  constructor(test: (record: FlatRecord) => boolean, predicate: number) {
    this.#test = test;
    this.#predicates = [predicate];
  }

  classOf(record: FlatRecord): number {
    return this.#test(record) ? 1 : 0;
  }

  predicatesOf(valueClass: number): readonly number[] {
    return valueClass === 1 ? this.#predicates : NONE;
  }
}

const NONE: readonly number[] = [];
