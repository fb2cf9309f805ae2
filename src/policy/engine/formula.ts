/**
 * Formulas over numbered predicates, in negation normal form and hash-consed: equal formulas are one object.
 *
 * Every predicate belongs to a variable: the signature, actor, file, … of a record, or one attribute of the event.
 * Variables are numbered in the order in which the automaton reads them. Each formula knows the first variable that it
 * depends on.
 */
export interface Formula {
  readonly id: number;
  readonly kind: 'true' | 'false' | 'predicate' | 'not' | 'and' | 'or';
  /** The predicate of a `predicate` or `not` formula; otherwise -1. */
  readonly predicate: number;
  /** The items of `and` and `or`. */
  readonly items: readonly Formula[];
  /** The first variable that the formula depends on; {@link NO_VARIABLE} for constants. */
  readonly variable: number;
  /** Its predicates of that variable; computed on demand. */
  mentions: readonly number[] | null;
  /** Argument and result of the latest {@link FormulaTable.substitute}. */
  known: Uint8Array | null;
  left: Formula | null;
}

/** Greater than all variables. */
export const NO_VARIABLE: number = 1 << 30;

export class FormulaTable {
  readonly always: Formula;
  readonly never: Formula;
  /** The variable of each predicate. */
  readonly #variables: readonly number[];
  /** Formulas of single predicates by number, and their negations. */
  readonly #positive: (Formula | undefined)[] = [];
  readonly #negative: (Formula | undefined)[] = [];
  /** `and` and `or` formulas by a hash of their kind and items. */
  readonly #joined = new Map<number, Formula[]>();
  #size = 0;

  constructor(variableOfPredicate: readonly number[]) {
    this.#variables = variableOfPredicate;
    this.never = this.#make('false', -1, NO_ITEMS, NO_VARIABLE);
    this.always = this.#make('true', -1, NO_ITEMS, NO_VARIABLE);
  }

  /** Number of formulas. */
  get size(): number {
    return this.#size;
  }

  /** Returns the formula of a predicate, or of its negation. */
  predicate(predicate: number, positive: boolean): Formula {
    const known = positive ? this.#positive : this.#negative;
    let formula = known[predicate];
    if (formula === undefined) {
      formula = this.#make(positive ? 'predicate' : 'not', predicate, NO_ITEMS, this.#variables[predicate]!);
      known[predicate] = formula;
    }
    return formula;
  }

  and(items: readonly Formula[]): Formula {
    return this.#join('and', items, this.always, this.never);
  }

  or(items: readonly Formula[]): Formula {
    return this.#join('or', items, this.never, this.always);
  }

  /**
   * Evaluates a formula partially, once its first variable is known. The formula must not depend on an earlier
   * variable.
   *
   * @param held 1 for each predicate of the variable that holds
   */
  restrict(formula: Formula, variable: number, held: Uint8Array): Formula {
    if (formula.variable > variable) return formula;
    switch (formula.kind) {
      case 'predicate':
        return held[formula.predicate] === 1 ? this.always : this.never;
      case 'not':
        return held[formula.predicate] === 1 ? this.never : this.always;
      case 'and':
      case 'or':
        return this.#replaceItems(formula, (item) => this.restrict(item, variable, held));
      default:
        return formula;
    }
  }

  /**
   * Evaluates a formula partially, once some predicates of any variable are known.
   *
   * @param known 0 for a predicate that does not hold, 1 for one that holds, any other value if unknown. The contents
   * of the
   *   array must not change between calls.
   */
  substitute(formula: Formula, known: Uint8Array): Formula {
    switch (formula.kind) {
      case 'predicate':
      case 'not': {
        const value = known[formula.predicate]!;
        if (value > 1) return formula;
        return (value === 1) === (formula.kind === 'predicate') ? this.always : this.never;
      }
      case 'and':
      case 'or':
        if (formula.known !== known) {
          formula.left = this.#replaceItems(formula, (item) => this.substitute(item, known));
          formula.known = known;
        }
        return formula.left!;
      default:
        return formula;
    }
  }

  /** Returns the predicates of the formula's first variable, without duplicates. */
  mentions(formula: Formula): readonly number[] {
    if (formula.mentions === null) {
      const predicates = new Set<number>();
      collectPredicates(formula, formula.variable, predicates);
      formula.mentions = [...predicates];
    }
    return formula.mentions;
  }

  /**
   * Rebuilds an `and` or `or` with replaced items. Often no item changes or one item decides the result, so the formula
   * is only rebuilt if necessary.
   */
  #replaceItems(formula: Formula, replace: (item: Formula) => Formula): Formula {
    const { items, kind } = formula;
    const decisive = kind === 'and' ? this.never : this.always;
    let changed: Formula[] | null = null;
    for (let i = 0; i < items.length; i++) {
      const item = replace(items[i]!);
      if (item === decisive) return decisive;
      if (changed === null && item !== items[i]) changed = items.slice(0, i);
      changed?.push(item);
    }
    if (changed === null) return formula;
    return kind === 'and' ? this.and(changed) : this.or(changed);
  }

  #join(kind: 'and' | 'or', items: readonly Formula[], neutral: Formula, decisive: Formula): Formula {
    if (items.includes(decisive)) return decisive;
    const sorted = isNormal(kind, items, neutral) ? items : normalize(kind, items, neutral);
    if (sorted.length === 0) return neutral;
    if (sorted.length === 1) return sorted[0]!;
    const hash = hashOf(kind, sorted);
    const alike = this.#joined.get(hash);
    const known = alike?.find((formula) => formula.kind === kind && sameItems(formula.items, sorted));
    if (known !== undefined) return known;
    const formula = this.#make(kind, -1, sorted, firstVariable(sorted));
    if (alike === undefined) this.#joined.set(hash, [formula]);
    else alike.push(formula);
    return formula;
  }

  #make(kind: Formula['kind'], predicate: number, items: readonly Formula[], variable: number): Formula {
    return { id: this.#size++, kind, predicate, items, variable, mentions: null, known: null, left: null };
  }
}

const NO_ITEMS: readonly Formula[] = [];

function hashOf(kind: 'and' | 'or', items: readonly Formula[]): number {
  let hash = kind === 'and' ? 1 : 2;
  for (let i = 0; i < items.length; i++) {
    hash = Math.imul(hash ^ items[i]!.id, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function sameItems(a: readonly Formula[], b: readonly Formula[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function firstVariable(items: readonly Formula[]): number {
  let first = NO_VARIABLE;
  for (let i = 0; i < items.length; i++) if (items[i]!.variable < first) first = items[i]!.variable;
  return first;
}

/**
 * Whether items are in normal form: ordered by number, without duplicates, neutral items, or nested items of the same
 * kind.
 */
function isNormal(kind: Formula['kind'], items: readonly Formula[], neutral: Formula): boolean {
  let last = -1;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (item.kind === kind || item === neutral || item.id <= last) return false;
    last = item.id;
  }
  return true;
}

/** Brings items into the normal form of {@link isNormal}. */
function normalize(kind: Formula['kind'], items: readonly Formula[], neutral: Formula): readonly Formula[] {
  const joined = new Set<Formula>();
  for (const item of items) {
    if (item.kind === kind) for (const inner of item.items) joined.add(inner);
    else if (item !== neutral) joined.add(item);
  }
  return [...joined].sort((a, b) => a.id - b.id);
}

function collectPredicates(formula: Formula, variable: number, predicates: Set<number>): void {
  if (formula.variable > variable) return;
  if (formula.predicate !== -1) predicates.add(formula.predicate);
  for (const item of formula.items) collectPredicates(item, variable, predicates);
}
