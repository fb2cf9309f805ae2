import { foldCase } from '../fold-case.js';
import { parseInt64 } from '../integers.js';
import type { TextIndexKind } from '../operators/operator.js';
import { AffixIndex } from './affix-index.js';
import { PartIndex } from './part-index.js';

/** A test of a text against literals, any of which may fit. */
export interface TextTest {
  readonly atom: number;
  readonly index: TextIndexKind;
  readonly literals: readonly string[];
}

/** A test of an integer: whether it is from `first` to `last`. */
export interface RangeTest {
  readonly atom: number;
  readonly first: bigint;
  readonly last: bigint;
}

interface Finder {
  find(text: string, found: number[]): void;
}

/** From this many literals on an index is quicker than trying one after the other. */
const INDEX_FROM = 12;

/** All tests of one attribute's texts: says which of them hold for a text, at a cost that their number hardly changes. */
export class TextTests {
  readonly #whole: ReadonlyMap<string, number[]>;
  readonly #finders: readonly Finder[];
  readonly #folded: Finder | null;
  readonly #ranges: readonly RangeTest[];

  constructor(tests: readonly TextTest[], ranges: readonly RangeTest[]) {
    const literals = byIndex(tests);
    this.#whole = literals.whole;
    this.#ranges = ranges;
    this.#folded = literals['folded-part'].size === 0 ? null : partFinder(literals['folded-part']);
    this.#finders = [
      literals.prefix.size === 0 ? [] : [affixFinder('prefix', literals.prefix)],
      literals.suffix.size === 0 ? [] : [affixFinder('suffix', literals.suffix)],
      literals.part.size === 0 ? [] : [partFinder(literals.part)],
    ].flat();
  }

  /** Appends the atoms that hold for a text; an atom may come more than once. */
  find(text: string, found: number[]): void {
    const same = this.#whole.get(text);
    if (same !== undefined) found.push(...same);
    for (const finder of this.#finders) finder.find(text, found);
    this.#folded?.find(foldCase(text), found);
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

type LiteralAtoms = Map<string, number[]>;

/** The atoms of each literal, by the part of a text that it is looked for in. */
function byIndex(tests: readonly TextTest[]): Record<TextIndexKind, LiteralAtoms> {
  const result: Record<TextIndexKind, LiteralAtoms> = {
    whole: new Map(),
    prefix: new Map(),
    suffix: new Map(),
    part: new Map(),
    'folded-part': new Map(),
  };
  for (const { atom, index, literals } of tests) {
    for (const literal of literals) {
      const key = index === 'folded-part' ? foldCase(literal) : literal;
      const atoms = result[index].get(key);
      if (atoms === undefined) result[index].set(key, [atom]);
      else atoms.push(atom);
    }
  }
  return result;
}

function affixFinder(side: 'prefix' | 'suffix', literals: LiteralAtoms): Finder {
  if (literals.size >= INDEX_FROM) return new AffixIndex(side, literals);
  const fits =
    side === 'prefix'
      ? (text: string, literal: string) => text.startsWith(literal)
      : (text: string, literal: string) => text.endsWith(literal);
  return trialFinder(literals, fits);
}

function partFinder(literals: LiteralAtoms): Finder {
  if (literals.size >= INDEX_FROM) return new PartIndex(literals);
  return trialFinder(literals, (text, literal) => text.includes(literal));
}

/** Tries one literal after the other. */
function trialFinder(literals: LiteralAtoms, fits: (text: string, literal: string) => boolean): Finder {
  const entries = [...literals];
  return {
    find(text, found) {
      for (const [literal, atoms] of entries) if (fits(text, literal)) found.push(...atoms);
    },
  };
}
