/**
 * Condition groups: lists of rules with what is left of their conditions, all of which need the same variable next.
 *
 * When the variable is known, most conditions come out false, since no test of theirs holds. So a group keeps what
 * becomes of its rules when none holds, worked out once, and an index from tests to rules, and looks only at the rules
 * that a test which holds concerns. Equal groups are one object, so what was found out on one way serves all others.
 */
import type { Formula, FormulaTable } from './formula.js';

export class ConditionGroup {
  readonly id: number;
  /** The variable that all conditions need next; `NO_VARIABLE` where all hold. */
  readonly variable: number;
  /** Indices of the rules, ascending; -1 is the filters. */
  readonly rules: readonly number[];
  /** What is left of the conditions, by position. */
  readonly conditions: readonly Formula[];
  /** What follows, by class of the variable. */
  readonly next: Map<number, readonly ConditionGroup[]> = new Map();
  /** Positions by predicate that their condition mentions. */
  positionsByPredicate: ReadonlyMap<number, readonly number[]> | null = null;
  /** What is left by position where no predicate holds. */
  otherwise: readonly Formula[] | null = null;

  constructor(id: number, variable: number, rules: readonly number[], conditions: readonly Formula[]) {
    this.id = id;
    this.variable = variable;
    this.rules = rules;
    this.conditions = conditions;
  }
}

export class ConditionSplitter {
  readonly #formulas: FormulaTable;
  readonly #byKey = new Map<string, ConditionGroup>();
  /** The predicates that hold, while a class is looked at; else all 0. */
  readonly #held: Uint8Array;
  readonly #onGrowth: (size: number) => void;

  constructor(formulas: FormulaTable, predicates: number, onGrowth: (size: number) => void) {
    this.#formulas = formulas;
    this.#held = new Uint8Array(predicates);
    this.#onGrowth = onGrowth;
  }

  /** The groups of some rules, one per variable; rules whose condition is false go. The rules must ascend. */
  split(rules: readonly number[], conditions: readonly Formula[]): readonly ConditionGroup[] {
    const byVariable = new Map<number, { rules: number[]; conditions: Formula[] }>();
    for (let i = 0; i < rules.length; i++) {
      const condition = conditions[i]!;
      if (condition === this.#formulas.never) continue;
      let part = byVariable.get(condition.variable);
      if (part === undefined) {
        part = { rules: [], conditions: [] };
        byVariable.set(condition.variable, part);
      }
      part.rules.push(rules[i]!);
      part.conditions.push(condition);
    }
    return [...byVariable].map(([variable, part]) => this.#intern(variable, part.rules, part.conditions));
  }

  /**
   * What follows a group for a class of its variable.
   *
   * @param predicates the predicates that hold in the class
   */
  step(group: ConditionGroup, valueClass: number, predicates: readonly number[]): readonly ConditionGroup[] {
    const known = group.next.get(valueClass);
    if (known !== undefined) return known;
    const following = this.#follow(group, predicates);
    group.next.set(valueClass, following);
    this.#onGrowth(8);
    return following;
  }

  #follow(group: ConditionGroup, predicates: readonly number[]): readonly ConditionGroup[] {
    const { positionsByPredicate, otherwise } = this.#prepare(group);
    const positions = new Set<number>();
    for (const predicate of predicates)
      for (const position of positionsByPredicate.get(predicate) ?? []) positions.add(position);
    if (positions.size === 0) return this.#whenNoneHolds(group, otherwise);

    for (const predicate of predicates) this.#held[predicate] = 1;
    const conditions = new Map<number, Formula>();
    for (const position of positions) {
      const condition = this.#formulas.restrict(group.conditions[position]!, group.variable, this.#held);
      conditions.set(position, condition);
    }
    for (const predicate of predicates) this.#held[predicate] = 0;

    // Mostly the rules that a test concerns would have come out false without it: then the others stay a group.
    const apart = [...positions].every((position) => otherwise[position] === this.#formulas.never);
    if (!apart)
      return this.split(
        group.rules,
        otherwise.map((left, position) => conditions.get(position) ?? left),
      );
    const touched = [...positions].sort((a, b) => a - b);
    const own = this.split(
      touched.map((position) => group.rules[position]!),
      touched.map((position) => conditions.get(position)!),
    );
    return [...this.#whenNoneHolds(group, otherwise), ...own];
  }

  /** What follows where no predicate of the variable holds: the entry of a class that none has. */
  #whenNoneHolds(group: ConditionGroup, otherwise: readonly Formula[]): readonly ConditionGroup[] {
    let following = group.next.get(NO_CLASS);
    if (following === undefined) {
      following = this.split(group.rules, otherwise);
      group.next.set(NO_CLASS, following);
    }
    return following;
  }

  #prepare(group: ConditionGroup): {
    positionsByPredicate: ReadonlyMap<number, readonly number[]>;
    otherwise: readonly Formula[];
  } {
    if (group.positionsByPredicate !== null && group.otherwise !== null) {
      return { positionsByPredicate: group.positionsByPredicate, otherwise: group.otherwise };
    }
    const positionsByPredicate = new Map<number, number[]>();
    group.conditions.forEach((condition, position) => {
      for (const predicate of this.#formulas.mentions(condition)) {
        const positions = positionsByPredicate.get(predicate);
        if (positions === undefined) positionsByPredicate.set(predicate, [position]);
        else positions.push(position);
      }
    });
    const otherwise = group.conditions.map((condition) =>
      this.#formulas.restrict(condition, group.variable, this.#held),
    );
    group.positionsByPredicate = positionsByPredicate;
    group.otherwise = otherwise;
    this.#onGrowth(group.rules.length * 4);
    return { positionsByPredicate, otherwise };
  }

  #intern(variable: number, rules: readonly number[], conditions: readonly Formula[]): ConditionGroup {
    let key = `${variable}:`;
    for (let i = 0; i < rules.length; i++) key += `${rules[i]},${conditions[i]!.id};`;
    let group = this.#byKey.get(key);
    if (group === undefined) {
      group = new ConditionGroup(this.#byKey.size, variable, rules, conditions);
      this.#byKey.set(key, group);
      this.#onGrowth(rules.length * 4 + 16);
    }
    return group;
  }
}

const NO_CLASS = -1;
