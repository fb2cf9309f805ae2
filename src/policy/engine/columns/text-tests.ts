import { foldCase } from '../fold-case.js';
import { parseInt64 } from '../integers.js';
import type { TextIndexKind, TextOperator } from '../operators/operator.js';
import { AffixIndex } from './affix-index.js';
import { type Atoms, joinAtoms, pushAtoms } from './atoms-of-literal.js';
import { NetworkIndex } from './network-index.js';
import { PartIndex } from './part-index.js';

/** A test of a text against literals, any of which may fit. */
export interface TextTest {
  readonly atom: number;
  readonly operator: TextOperator;
  readonly literals: readonly string[];
}

/** A test of an integer: whether it is from `first` to `last`. */
export interface RangeTest {
  readonly atom: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** Appends the atoms of the literals that fit a text; an atom may come more than once. */
type Finder = (text: string, found: number[]) => void;

/** From this many literals on an index is quicker than trying one after the other. */
const INDEX_FROM = 12;

/** All tests of one attribute's texts: says which of them hold for a text, at a cost that their number hardly changes. */
export class TextTests {
  readonly #finders: readonly Finder[];
  readonly #ranges: readonly RangeTest[];

  constructor(tests: readonly TextTest[], ranges: readonly RangeTest[]) {
    this.#ranges = ranges;
    this.#finders = [...literalsByIndex(tests)].map(([index, literals]) => finderOf(index, literals));
  }

  /** Appends the atoms that hold for a text; an atom may come more than once. */
  find(text: string, found: number[]): void {
    for (const find of this.#finders) find(text, found);
    if (this.#ranges.length > 0) this.#findRanges(text, found);
  }

  #findRanges(text: string, found: number[]): void {
    const value = parseInt64(text);
    if (value === null) return;
    for (const { first, last, atom } of this.#ranges) {
      if (value >= first && value <= last) found.push(atom);
    }
  }
}

/** The literals that are looked for in one part of a text. */
interface Literals {
  /** Any operator that looks there; all of them do it alike. */
  readonly operator: TextOperator;
  readonly atoms: Map<string, Atoms>;
}

function literalsByIndex(tests: readonly TextTest[]): Map<TextIndexKind, Literals> {
  const result = new Map<TextIndexKind, Literals>();
  for (const { atom, operator, literals } of tests) {
    let own = result.get(operator.index);
    if (own === undefined) {
      own = { operator, atoms: new Map() };
      result.set(operator.index, own);
    }
    for (let i = 0; i < literals.length; i++) {
      const key = operator.index === 'folded-part' ? foldCase(literals[i]!) : literals[i]!;
      own.atoms.set(key, joinAtoms(own.atoms.get(key), atom));
    }
  }
  return result;
}

function finderOf(index: TextIndexKind, { operator, atoms }: Literals): Finder {
  if (index === 'whole') {
    return (text, found) => {
      pushAtoms(found, atoms.get(text));
    };
  }
  if (atoms.size < INDEX_FROM) return trialFinder(operator, atoms);
  if (index === 'prefix' || index === 'suffix') {
    const affixes = new AffixIndex(index, atoms);
    return (text, found) => affixes.find(text, found);
  }
  if (index === 'network') {
    const networks = new NetworkIndex(atoms);
    return (text, found) => networks.find(text, found);
  }
  const parts = new PartIndex(atoms);
  if (index === 'part') return (text, found) => parts.find(text, found);
  return (text, found) => parts.find(foldCase(text), found);
}

/** Tries one literal after the other. */
function trialFinder(operator: TextOperator, atoms: ReadonlyMap<string, Atoms>): Finder {
  const trials = [...atoms].map(([literal, own]) => ({ fits: operator.compile(literal), own }));
  return (text, found) => {
    for (const { fits, own } of trials) if (fits(text)) pushAtoms(found, own);
  };
}
