/**
 * Variables are what the automaton reads, one after the other. All columns that depend on the same entity (the actor, a
 * file, the open flags) form one variable, whose class is cached with that entity. Every other column of the event is a
 * variable of its own.
 */
import type { FieldDependency } from '../../fields/field.js';
import type { FlatRecord } from '../../records/flat-record.js';
import type { ClassTable, Column } from './columns/column.js';

/** Order in which the automaton reads the variables. Columns of the event are numbered from `event` on. */
export const VARIABLE_OF: Readonly<Record<FieldDependency, number>> = {
  signature: 0,
  actor: 1,
  openflags: 2,
  file: 3,
  newfile: 4,
  event: 5,
};

/** Combines several columns. The class of a record is the one in which all predicates of all columns hold. */
export class ColumnGroup {
  readonly #columns: readonly Column[];
  readonly #classes: ClassTable;
  /** For each column, its classes mapped to the class over all columns, filled on demand. */
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
