import type { FlatRecord } from '../../../records/flat-record.js';
import type { Column } from './column.js';

/** A column of a single test that compares attributes with each other: class 1 is where it holds. */
export class TestColumn implements Column {
  readonly #test: (record: FlatRecord) => boolean;
  readonly #atoms: readonly number[];

  constructor(test: (record: FlatRecord) => boolean, atom: number) {
    this.#test = test;
    this.#atoms = [atom];
  }

  classOf(record: FlatRecord): number {
    return this.#test(record) ? 1 : 0;
  }

  heldIn(valueClass: number): readonly number[] {
    return valueClass === 1 ? this.#atoms : NONE;
  }
}

const NONE: readonly number[] = [];
