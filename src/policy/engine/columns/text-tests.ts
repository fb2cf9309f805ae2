import { foldCase } from '../fold-case.js';
import { parseInt64 } from '../integers.js';
import type { TextIndexKind, TextOperator } from '../operators/operator.js';
import { AffixIndex } from './affix-index.js';
import { NetworkIndex } from './network-index.js';
import { joinPredicates, type Predicates, pushPredicates } from './predicates-of-literal.js';
import { SubstringAutomaton } from './substring-automaton.js';

/** A test of a text against literals. It holds if any of them matches. */
export interface TextTest {
  readonly predicate: number;
  readonly operator: TextOperator;
  readonly literals: readonly string[];
}

/** A test whether an integer is between `first` and `last`, both inclusive. */
export interface RangeTest {
  readonly predicate: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** Appends the predicates of the literals that match a text. A predicate may be appended more than once. */
type Finder = (text: string, found: number[]) => void;

/** With at least this many literals, an index is faster than trying them one by one. */
const INDEX_FROM = 12;

/**
 * All tests of one attribute's texts. Finds the tests that hold for a text, at a cost that hardly depends on the number
 * of tests.
 */
export class TextTests {
  readonly #finders: readonly Finder[];
  readonly #ranges: readonly RangeTest[];

  constructor(tests: readonly TextTest[], ranges: readonly RangeTest[]) {
    this.#ranges = ranges;
    this.#finders = [...literalsByIndex(tests)].map(([index, literals]) => finderOf(index, literals));
  }

  /** Appends the predicates that hold for a text. A predicate may be appended more than once. */
  find(text: string, found: number[]): void {
    for (const find of this.#finders) find(text, found);
    if (this.#ranges.length > 0) this.#findRanges(text, found);
  }

  #findRanges(text: string, found: number[]): void {
    const value = parseInt64(text);
    if (value === null) return;
    for (const { first, last, predicate } of this.#ranges) {
      if (value >= first && value <= last) found.push(predicate);
    }
  }
}

/** The literals of all operators that use the same index kind. */
interface Literals {
  /** One of these operators. Operators with the same index kind match in the same way. */
  readonly operator: TextOperator;
  readonly predicates: Map<string, Predicates>;
}

function literalsByIndex(tests: readonly TextTest[]): Map<TextIndexKind, Literals> {
  const result = new Map<TextIndexKind, Literals>();
  for (const { predicate, operator, literals } of tests) {
    let own = result.get(operator.index);
    if (own === undefined) {
      own = { operator, predicates: new Map() };
      result.set(operator.index, own);
    }
    for (let i = 0; i < literals.length; i++) {
      const key = operator.index === 'folded-substring' ? foldCase(literals[i]!) : literals[i]!;
      own.predicates.set(key, joinPredicates(own.predicates.get(key), predicate));
    }
  }
  return result;
}

function finderOf(index: TextIndexKind, { operator, predicates }: Literals): Finder {
  if (index === 'whole') {
    return (text, found) => {
      pushPredicates(found, predicates.get(text));
    };
  }
  if (predicates.size < INDEX_FROM) return sequentialFinder(operator, predicates);
  if (index === 'prefix' || index === 'suffix') {
    const affixes = new AffixIndex(index, predicates);
    return (text, found) => affixes.find(text, found);
  }
  if (index === 'network') {
    const networks = new NetworkIndex(predicates);
    return (text, found) => networks.find(text, found);
  }
  const parts = new SubstringAutomaton(predicates);
  if (index === 'substring') return (text, found) => parts.find(text, found);
  return (text, found) => parts.find(foldCase(text), found);
}

/** Tries the literals one by one. */
function sequentialFinder(operator: TextOperator, predicates: ReadonlyMap<string, Predicates>): Finder {
  const trials = [...predicates].map(([literal, own]) => ({ fits: operator.compile(literal), own }));
  return (text, found) => {
    for (const { fits, own } of trials) if (fits(text)) pushPredicates(found, own);
  };
}
