/**
 * Columns: the distinct attributes that a policy's tests look at, each with all tests of it over all rules.
 *
 * A column sorts values into classes: two values are of one class where the same tests hold for both. Class 0 is that
 * of values for which none holds. So a decision never looks at a value twice, and values without number make few classes.
 */
import type { FlatRecord } from '../../../records/flat-record.js';

export interface Column {
  /** Where the value stands in a record's row, for a number of 32 bits on which alone the class depends; else null or left out. */
  readonly slot?: number | null;
  /** The class of the record's value. */
  classOf(record: FlatRecord): number;
  /** The predicates that hold for the values of a class, ascending. */
  predicatesOf(valueClass: number): readonly number[];
}

/** Numbers the distinct sets of predicates that hold together. */
export class ClassTable {
  readonly #predicates: (readonly number[])[] = [[]];
  readonly #byKey = new Map<string, number>([['', 0]]);
  /** Classes of unions, by the lesser and the greater class. */
  readonly #unions: (Map<number, number> | undefined)[] = [];
  /** Called for each new class with a measure of its size. */
  readonly #onGrowth: (size: number) => void;

  constructor(onGrowth: (size: number) => void) {
    this.#onGrowth = onGrowth;
  }

  /** The class in which these predicates hold, given ascending. */
  of(predicates: readonly number[]): number {
    const key = predicates.join(',');
    let id = this.#byKey.get(key);
    if (id === undefined) {
      id = this.#predicates.length;
      this.#predicates.push(predicates);
      this.#byKey.set(key, id);
      this.#onGrowth(predicates.length + 8);
    }
    return id;
  }

  /** The class in which the predicates of both hold. */
  union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const first = Math.min(a, b);
    const second = Math.max(a, b);
    let row = this.#unions[first];
    if (row === undefined) {
      row = new Map();
      this.#unions[first] = row;
    }
    let id = row.get(second);
    if (id === undefined) {
      id = this.of(ascending([...this.#predicates[a]!, ...this.#predicates[b]!]));
      row.set(second, id);
      this.#onGrowth(4);
    }
    return id;
  }

  predicatesOf(id: number): readonly number[] {
    return this.#predicates[id]!;
  }
}

/** The predicates in ascending order, each once. */
export function ascending(predicates: readonly number[]): number[] {
  return [...new Set(predicates)].sort((a, b) => a - b);
}
