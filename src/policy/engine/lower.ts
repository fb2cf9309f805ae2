import type { ConditionNode } from '../model/policy.js';
import type { AtomTable } from './atoms.js';
import type { Formula, FormulaTable } from './formula.js';

/** Registers the atoms of a condition; `seen` holds the nodes that were registered, since macros share theirs. */
export function collectAtoms(node: ConditionNode, atoms: AtomTable, seen: Set<ConditionNode>): void {
  if (seen.has(node)) return;
  seen.add(node);
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
      collectAtoms(node.body, atoms, seen);
      return;
    case 'const':
  }
}

/** Turns conditions into formulas over atoms. */
export class Lowering {
  readonly #atoms: AtomTable;
  readonly #formulas: FormulaTable;
  readonly #positive = new Map<ConditionNode, Formula>();
  readonly #negative = new Map<ConditionNode, Formula>();

  constructor(atoms: AtomTable, formulas: FormulaTable) {
    this.#atoms = atoms;
    this.#formulas = formulas;
  }

  /** The formula of a condition, or of its negation. */
  lower(node: ConditionNode, positive = true): Formula {
    const known = positive ? this.#positive : this.#negative;
    let formula = known.get(node);
    if (formula === undefined) {
      formula = this.#lower(node, positive);
      known.set(node, formula);
    }
    return formula;
  }

  #lower(node: ConditionNode, positive: boolean): Formula {
    switch (node.kind) {
      case 'and':
      case 'or': {
        const items = node.items.map((item) => this.lower(item, positive));
        return (node.kind === 'and') === positive ? this.#formulas.and(items) : this.#formulas.or(items);
      }
      case 'not':
        return this.lower(node.item, !positive);
      case 'macro':
        return this.lower(node.body, positive);
      case 'const':
        return this.#constant(node.value === positive);
      case 'test': {
        const use = this.#atoms.use(node);
        if (typeof use === 'boolean') return this.#constant(use === positive);
        return this.#formulas.atom(use.atom, use.negated !== positive);
      }
    }
  }

  #constant(value: boolean): Formula {
    return value ? this.#formulas.always : this.#formulas.never;
  }
}
