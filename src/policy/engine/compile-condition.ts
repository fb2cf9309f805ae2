import type { ConditionNode } from '../model/policy.js';
import type { Formula, FormulaTable } from './formula.js';
import type { PredicateTable } from './predicates.js';

/**
 * Registers the predicates of a condition. `seen` contains the macro bodies that are already registered, since all uses
 * of a macro share its body.
 */
export function collectPredicates(node: ConditionNode, predicates: PredicateTable, seen: Set<ConditionNode>): void {
  switch (node.kind) {
    case 'test':
      predicates.use(node);
      return;
    case 'and':
    case 'or':
      for (const item of node.items) collectPredicates(item, predicates, seen);
      return;
    case 'not':
      collectPredicates(node.item, predicates, seen);
      return;
    case 'macro':
      if (seen.has(node.body)) return;
      seen.add(node.body);
      collectPredicates(node.body, predicates, seen);
      return;
    case 'const':
  }
}

/** Compiles conditions to formulas over predicates. */
export class ConditionCompiler {
  readonly #predicates: PredicateTable;
  readonly #formulas: FormulaTable;
  /** Formulas of macro bodies, and of their negations. */
  readonly #positive = new Map<ConditionNode, Formula>();
  readonly #negative = new Map<ConditionNode, Formula>();

  constructor(predicates: PredicateTable, formulas: FormulaTable) {
    this.#predicates = predicates;
    this.#formulas = formulas;
  }

  /** Returns the formula of a condition, or of its negation. */
  compile(node: ConditionNode, positive = true): Formula {
    switch (node.kind) {
      case 'and':
      case 'or': {
        const items = node.items.map((item) => this.compile(item, positive));
        return (node.kind === 'and') === positive ? this.#formulas.and(items) : this.#formulas.or(items);
      }
      case 'not':
        return this.compile(node.item, !positive);
      case 'macro':
        return this.#body(node.body, positive);
      case 'const':
        return this.#constant(node.value === positive);
      case 'test': {
        const use = this.#predicates.use(node);
        if (typeof use === 'boolean') return this.#constant(use === positive);
        return this.#formulas.predicate(use.predicate, use.negated !== positive);
      }
    }
  }

  #body(body: ConditionNode, positive: boolean): Formula {
    const known = positive ? this.#positive : this.#negative;
    let formula = known.get(body);
    if (formula === undefined) {
      formula = this.compile(body, positive);
      known.set(body, formula);
    }
    return formula;
  }

  #constant(value: boolean): Formula {
    return value ? this.#formulas.always : this.#formulas.never;
  }
}
