/**
 * A condition group is a list of rules with their partially evaluated conditions, all of which depend on the same
 * variable next.
 *
 * Once the variable is known, most conditions become false because none of their tests holds. A group therefore caches
 * the result for the case that no test holds, and an index from predicates to rules. A transition then re-evaluates
 * only the rules that mention a predicate that holds. Equal groups are one object, so cached transitions are shared by
 * all states that contain the group.
 */
import type { Formula, FormulaTable } from './formula.js';

export class ConditionGroup {
  readonly id: number;
  /** The variable that all conditions depend on next; `NO_VARIABLE` if all conditions are true. */
  readonly variable: number;
  /** Indices of the rules, ascending; -1 stands for the filters. */
  readonly rules: readonly number[];
  /** The partially evaluated conditions, in the order of `rules`. */
  readonly conditions: readonly Formula[];
  /** The groups that replace this one, by the class of the variable. */
  readonly next: Map<number, readonly ConditionGroup[]> = new Map();
  /** For each predicate, the positions of the conditions that mention it. */
  positionsByPredicate: ReadonlyMap<number, readonly number[]> | null = null;
  /** The conditions after evaluation, in the order of `rules`, for the case that no predicate holds. */
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
  /** 1 for each predicate that holds while a transition is computed; otherwise all 0. */
  readonly #held: Uint8Array;
  readonly #onGrowth: (size: number) => void;

  constructor(formulas: FormulaTable, predicates: number, onGrowth: (size: number) => void) {
    this.#formulas = formulas;
    this.#held = new Uint8Array(predicates);
    this.#onGrowth = onGrowth;
  }

  /**
   * Groups rules by the next variable of their condition. Rules whose condition is false are dropped. The rules must be
   * in ascending order.
   */
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
   * Returns the groups that replace a group, given the class of its variable.
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

    // Usually a rule that mentions a test is false without it. Then all other rules can stay in one shared group.
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

  /** Returns the groups for the case that no predicate of the variable holds. They are cached under `NO_CLASS`. */
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
