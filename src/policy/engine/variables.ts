/**
 * Variables: what a decision looks at, one after the other. Several columns that depend on the same thing (the actor,
 * a file, the open flags) make one variable, whose class is remembered with that thing; every other column of the event
 * is a variable of its own.
 */
import type { FieldDependency } from '../../fields/field.js';
import type { FlatRecord } from '../../records/flat-record.js';
import type { ClassTable, Column } from './columns/column.js';

/** Places of the variables in the order of a decision; columns of the event follow from that of `event`. */
export const VARIABLE_OF: Readonly<Record<FieldDependency, number>> = {
  signature: 0,
  actor: 1,
  openflags: 2,
  file: 3,
  newfile: 4,
  event: 5,
};

/** The class of a value over several columns: a value is of the class in which all predicates of all columns hold. */
export class ColumnGroup {
  readonly #columns: readonly Column[];
  readonly #classes: ClassTable;
  /** Per column, the class over all columns for a class of that column, as far as it was needed. */
  readonly #lifted: Map<number, number>[];

  constructor(columns: readonly Column[], classes: ClassTable) {
    this.#columns = columns;
    this.#classes = classes;
    this.#lifted = columns.map(() => new Map());
  }

  classOf(record: FlatRecord): number {
    let group = 0;
    for (let i = 0; i < this.#columns.length; i++) {
      const column = this.#columns[i]!.classOf(record);
      if (column !== 0) group = this.#classes.union(group, this.#lifted[i]!.get(column) ?? this.#lift(i, column));
    }
    return group;
  }

  predicatesOf(group: number): readonly number[] {
    return this.#classes.predicatesOf(group);
  }

  #lift(index: number, column: number): number {
    const group = this.#classes.of(this.#columns[index]!.predicatesOf(column));
    this.#lifted[index]!.set(column, group);
    return group;
  }
}
