/**
 * Conditions as formulas over numbered predicates, in negation normal form and hash-consed: equal formulas are one object.
 *
 * Every predicate belongs to a variable: the signature, the actor, the file, … of a record, or one attribute of the event.
 * Variables are numbered in the order in which a decision looks at them, so that a formula knows the first one it needs.
 */
export interface Formula {
  readonly id: number;
  readonly kind: 'true' | 'false' | 'predicate' | 'not' | 'and' | 'or';
  /** The predicate of `predicate` and `not`, else -1. */
  readonly predicate: number;
  /** The items of `and` and `or`. */
  readonly items: readonly Formula[];
  /** The first variable it needs; {@link NO_VARIABLE} for constants. */
  readonly variable: number;
  /** The predicates of that variable in it; worked out on demand. */
  mentions: readonly number[] | null;
  /** What is left of it once the predicates of `known` are known: the latest result of {@link FormulaTable.substitute}. */
  known: Uint8Array | null;
  left: Formula | null;
}

/** Beyond all variables. */
export const NO_VARIABLE: number = 1 << 30;

export class FormulaTable {
  readonly always: Formula;
  readonly never: Formula;
  /** The variable of each predicate. */
  readonly #variables: readonly number[];
  /** Predicates by number, and their negations. */
  readonly #positive: (Formula | undefined)[] = [];
  readonly #negative: (Formula | undefined)[] = [];
  /** What is joined, by a hash of kind and items. */
  readonly #joined = new Map<number, Formula[]>();
  #size = 0;

  constructor(variableOfPredicate: readonly number[]) {
    this.#variables = variableOfPredicate;
    this.never = this.#make('false', -1, NO_ITEMS, NO_VARIABLE);
    this.always = this.#make('true', -1, NO_ITEMS, NO_VARIABLE);
  }

  /** How many formulas there are. */
  get size(): number {
    return this.#size;
  }

  /** The predicate, or its negation. */
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
   * What is left of a formula once a variable is known. It must need no variable before that one.
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
   * What is left of a formula once some predicates are known, of whatever variables.
   *
   * @param known 0 for a predicate that does not hold, 1 for one that does, anything else where it is not known; the same array
   *   has always the same values
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

  /** The predicates of the formula's first variable, each once. */
  mentions(formula: Formula): readonly number[] {
    if (formula.mentions === null) {
      const predicates = new Set<number>();
      collectPredicates(formula, formula.variable, predicates);
      formula.mentions = [...predicates];
    }
    return formula.mentions;
  }

  /** An `and` or `or` with other items. Mostly none changes, or one decides; so only what does change is joined anew. */
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
    const sorted = isJoined(kind, items, neutral) ? items : flatten(kind, items, neutral);
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

/** Whether items are as those of a formula are: by number, each once, without any that is neutral or of the same kind. */
function isJoined(kind: Formula['kind'], items: readonly Formula[], neutral: Formula): boolean {
  let last = -1;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (item.kind === kind || item === neutral || item.id <= last) return false;
    last = item.id;
  }
  return true;
}

/** The items as {@link isJoined} wants them. */
function flatten(kind: Formula['kind'], items: readonly Formula[], neutral: Formula): readonly Formula[] {
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
