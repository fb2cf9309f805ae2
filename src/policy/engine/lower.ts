import type { ConditionNode } from '../model/policy.js';
import type { AtomTable } from './atoms.js';
import type { Formula, FormulaTable } from './formula.js';

/** Registers the atoms of a condition; `seen` holds the bodies of macros that were registered, since their uses share them. */
export function collectAtoms(node: ConditionNode, atoms: AtomTable, seen: Set<ConditionNode>): void {
  switch (node.kind) {
    case 'test':
      atoms.use(node);
      return;
    case 'and':
    case 'or':
      for (const item of node.items) collectAtoms(item, atoms, seen);
      return;
    case 'not':
      collectAtoms(node.item, atoms, seen);
      return;
    case 'macro':
      if (seen.has(node.body)) return;
      seen.add(node.body);
      collectAtoms(node.body, atoms, seen);
      return;
    case 'const':
  }
}

/** Turns conditions into formulas over atoms. */
export class Lowering {
  readonly #atoms: AtomTable;
  readonly #formulas: FormulaTable;
  /** Formulas of the bodies of macros, and of their negations. */
  readonly #positive = new Map<ConditionNode, Formula>();
  readonly #negative = new Map<ConditionNode, Formula>();

  constructor(atoms: AtomTable, formulas: FormulaTable) {
    this.#atoms = atoms;
    this.#formulas = formulas;
  }

  /** The formula of a condition, or of its negation. */
  lower(node: ConditionNode, positive = true): Formula {
    switch (node.kind) {
      case 'and':
      case 'or': {
        const items = node.items.map((item) => this.lower(item, positive));
        return (node.kind === 'and') === positive ? this.#formulas.and(items) : this.#formulas.or(items);
      }
      case 'not':
        return this.lower(node.item, !positive);
      case 'macro':
        return this.#body(node.body, positive);
      case 'const':
        return this.#constant(node.value === positive);
      case 'test': {
        const use = this.#atoms.use(node);
        if (typeof use === 'boolean') return this.#constant(use === positive);
        return this.#formulas.atom(use.atom, use.negated !== positive);
      }
    }
  }

  #body(body: ConditionNode, positive: boolean): Formula {
    const known = positive ? this.#positive : this.#negative;
    let formula = known.get(body);
    if (formula === undefined) {
      formula = this.lower(body, positive);
      known.set(body, formula);
    }
    return formula;
  }

  #constant(value: boolean): Formula {
    return value ? this.#formulas.always : this.#formulas.never;
  }
}
