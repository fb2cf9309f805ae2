/**
 * A column is one attribute that the policy tests, together with all tests of it in all rules.
 *
 * A column sorts values into equivalence classes: two values are in the same class if the same tests hold for both.
 * Class 0 contains the values for which no test holds. The decision automaton works on classes, so it never evaluates a
 * value twice, and arbitrarily many values make few classes.
 */
import type { FlatRecord } from '../../../records/flat-record.js';

export interface Column {
  /** Row slot of the value, if the class depends on a single 32-bit number; otherwise null or absent. */
  readonly slot?: number | null;
  /** Returns the class of the record's value. */
  classOf(record: FlatRecord): number;
  /** Returns the predicates that hold for the values of a class, in ascending order. */
  predicatesOf(valueClass: number): readonly number[];
}

/** Assigns a class number to each distinct set of predicates. */
export class ClassTable {
  readonly #predicates: (readonly number[])[] = [[]];
  readonly #byKey = new Map<string, number>([['', 0]]);
  /** Cached results of `union`, by the smaller and the larger class. */
  readonly #unions: (Map<number, number> | undefined)[] = [];
  /** Called for each new class with its approximate size. */
  readonly #onGrowth: (size: number) => void;

  constructor(onGrowth: (size: number) => void) {
    this.#onGrowth = onGrowth;
  }

  /** Returns the class for a set of predicates, given in ascending order. */
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

  /** Returns the class in which the predicates of both classes hold. */
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

/** Sorts the predicates and removes duplicates. */
export function ascending(predicates: readonly number[]): number[] {
  return [...new Set(predicates)].sort((a, b) => a - b);
}
