/**
 * Evaluates all rules of a policy on a record at once, with an automaton whose states are created lazily.
 *
 * It starts with the record type and operation flags and then reads one variable after the other: the class of the
 * actor, the open flags, the files, and the attributes of the event. A state contains the partially evaluated
 * conditions of all rules. After a few transitions usually none is left, and evaluation stops. States are created when
 * first reached and shared by all records with the same classes. The number of rules affects the cost of creating a
 * state, and hardly that of a transition.
 */
import { RECORD_KIND_COUNT, RECORD_TYPE_CODES } from '../../sysflow/record-types.js';
import type { Policy, Rule } from '../model/policy.js';
import { ClassTable, type Column } from './columns/column.js';
import { ConditionCompiler, collectPredicates } from './compile-condition.js';
import { type ConditionGroup, ConditionSplitter } from './condition-split.js';
import { type Formula, FormulaTable, NO_VARIABLE } from './formula.js';
import type { Outcome, OutcomeTable } from './outcome.js';
import { type ColumnPlan, PredicateTable } from './predicates.js';
import { ColumnGroup, VARIABLE_OF } from './variables.js';

/** A state of the automaton. */
export class State {
  /** The variable to read next; {@link NO_VARIABLE} in a final state. */
  readonly variable: number;
  /** The column that determines the class of the variable; null in a final state. */
  readonly column: Column | null;
  /** The partially evaluated conditions. */
  readonly groups: readonly ConditionGroup[];
  /** The result in a final state; in other states the outcome without rules. */
  readonly outcome: Outcome;
  /** Transitions by the class of the variable; null if not computed yet. */
  readonly next: (State | null)[] = [];

  constructor(variable: number, column: Column | null, groups: readonly ConditionGroup[], outcome: Outcome) {
    this.variable = variable;
    this.column = column;
    this.groups = groups;
    this.outcome = outcome;
  }
}

/** The part of the automaton that depends on the policy alone. It is reused when the automaton is recreated. */
export class DecisionPlan {
  readonly policy: Policy;
  readonly predicates: PredicateTable = new PredicateTable();
  /** Columns by variable. */
  readonly columnsOf: ReadonlyMap<number, readonly ColumnPlan[]>;
  readonly variableOfPredicate: readonly number[];

  constructor(policy: Policy) {
    this.policy = policy;
    const seen = new Set<Rule['condition']>();
    for (const { condition, enabled } of [...policy.filters, ...policy.rules]) {
      if (enabled) collectPredicates(condition, this.predicates, seen);
    }
    const variables = numberVariables(this.predicates.columns);
    this.variableOfPredicate = this.predicates.predicates.map(({ column }) => variables.get(column)!);
    const columnsOf = new Map<number, ColumnPlan[]>();
    for (const [column, variable] of variables) {
      const columns = columnsOf.get(variable);
      if (columns === undefined) columnsOf.set(variable, [column]);
      else columns.push(column);
    }
    this.columnsOf = columnsOf;
  }
}

/** Assigns a variable to each column. Columns of the event are ordered by cost, cheapest first. */
function numberVariables(columns: readonly ColumnPlan[]): Map<ColumnPlan, number> {
  const variables = new Map<ColumnPlan, number>();
  let next = VARIABLE_OF.event;
  for (const column of columns.toSorted((a, b) => a.cost - b.cost)) {
    variables.set(column, column.dependsOn === 'event' ? next++ : VARIABLE_OF[column.dependsOn]);
  }
  return variables;
}

/** Used in place of a rule index for the filters. */
const FILTERS = -1;

export class DecisionAutomaton {
  readonly #plan: DecisionPlan;
  readonly #outcomes: OutcomeTable;
  readonly #formulas: FormulaTable;
  readonly #splitter: ConditionSplitter;
  readonly #columns: ReadonlyMap<number, Column>;
  /** The condition of all filters, followed by the condition of each rule. */
  readonly #conditions: readonly Formula[];
  readonly #rules: readonly number[];
  readonly #states = new Map<string, State>();
  readonly #roots: (State | null)[] = new Array<State | null>(RECORD_KIND_COUNT).fill(null);
  #size = 0;

  constructor(plan: DecisionPlan, outcomes: OutcomeTable) {
    this.#plan = plan;
    this.#outcomes = outcomes;
    const grow = (size: number): void => {
      this.#size += size;
    };
    this.#columns = new Map(
      [...plan.columnsOf].map(([variable, plans]) => {
        const columns = plans.map((column) => column.build(new ClassTable(grow)));
        return [variable, columns.length === 1 ? columns[0]! : new ColumnGroup(columns, new ClassTable(grow))];
      }),
    );
    this.#formulas = new FormulaTable(plan.variableOfPredicate);
    this.#splitter = new ConditionSplitter(this.#formulas, plan.variableOfPredicate.length, grow);
    const { filters, rules } = plan.policy;
    const compiler = new ConditionCompiler(plan.predicates, this.#formulas);
    const compile = ({ condition, enabled }: { condition: Rule['condition']; enabled: boolean }): Formula =>
      enabled ? compiler.compile(condition) : this.#formulas.never;
    this.#conditions = [this.#formulas.or(filters.map(compile)), ...rules.map(compile)];
    this.#rules = [FILTERS, ...rules.keys()];
  }

  /** Number of table entries, of about 8 bytes each. */
  get size(): number {
    return this.#size + this.#formulas.size * 16;
  }

  /** Returns the initial state for a record type. */
  root(kind: number): State {
    let root = this.#roots[kind] ?? null;
    if (root === null) {
      root = this.#stateOf(this.#splitter.split(this.#rules, this.#ofKind(kind)));
      this.#roots[kind] = root;
    }
    return root;
  }

  /** Returns the next state for a class of the state's variable, and caches the transition. */
  advance(state: State, valueClass: number): State {
    const known = state.next[valueClass] ?? null;
    if (known !== null) return known;
    const predicates = state.column!.predicatesOf(valueClass);
    const following = state.groups.flatMap((group) =>
      group.variable === state.variable ? this.#splitter.step(group, valueClass, predicates) : group,
    );
    const next = this.#stateOf(following);
    while (state.next.length <= valueClass) {
      state.next.push(null);
      this.#size++;
    }
    state.next[valueClass] = next;
    return next;
  }

  /** Partially evaluates the conditions for a record type, to which many attributes do not apply. */
  #ofKind(kind: number): Formula[] {
    const bit = 1 << kind;
    const known = Uint8Array.from(this.#plan.predicates.predicates, ({ column, whenAbsent }) => {
      if ((column.kinds & bit) !== 0) return 2;
      return whenAbsent ? 1 : 0;
    });
    const type = RECORD_TYPE_CODES[kind]!;
    const { rules } = this.#plan.policy;
    return this.#conditions.map((condition, index) => {
      const prefilter = index === 0 ? [] : rules[index - 1]!.prefilter;
      if (prefilter.length > 0 && !prefilter.includes(type)) return this.#formulas.never;
      return this.#formulas.substitute(condition, known);
    });
  }

  #stateOf(groups: readonly ConditionGroup[]): State {
    const sorted = [...new Set(groups)].sort((a, b) => a.id - b.id);
    const decided = sorted.filter(({ variable }) => variable === NO_VARIABLE).flatMap(({ rules }) => rules);
    if (decided.includes(FILTERS)) return this.#intern('dropped', NO_VARIABLE, [], this.#outcomes.dropped);
    const variable = sorted.reduce((least, group) => Math.min(least, group.variable), NO_VARIABLE);
    if (variable !== NO_VARIABLE) {
      return this.#intern(sorted.map(({ id }) => id).join(','), variable, sorted, this.#outcomes.none);
    }
    const outcome = this.#outcomes.of(decided.sort((a, b) => a - b));
    return this.#intern(`rules ${outcome.rules.join(',')}`, NO_VARIABLE, [], outcome);
  }

  #intern(key: string, variable: number, groups: readonly ConditionGroup[], outcome: Outcome): State {
    let state = this.#states.get(key);
    if (state === undefined) {
      state = new State(variable, this.#columns.get(variable) ?? null, groups, outcome);
      this.#states.set(key, state);
      this.#size += groups.length + 24;
    }
    return state;
  }
}
