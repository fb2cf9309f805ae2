import { type Atoms, pushAtoms } from './atoms-of-literal.js';

/**
 * Which of many literals a text starts with, or ends with: a table per length of literal, probed with that much of the
 * text. The lengths are few, whatever the number of literals.
 */
export class AffixIndex {
  readonly #suffix: boolean;
  /** By length, ascending: the atoms of each literal. */
  readonly #tables: { readonly length: number; readonly atoms: Map<string, Atoms> }[] = [];

  constructor(side: 'prefix' | 'suffix', literals: ReadonlyMap<string, Atoms>) {
    this.#suffix = side === 'suffix';
    const byLength = new Map<number, Map<string, Atoms>>();
    for (const [literal, atoms] of literals) {
      const table = byLength.get(literal.length) ?? new Map<string, Atoms>();
      byLength.set(literal.length, table.set(literal, atoms));
    }
    for (const length of [...byLength.keys()].sort((a, b) => a - b)) {
      this.#tables.push({ length, atoms: byLength.get(length)! });
    }
  }

  /** Appends the atoms of all literals that fit. */
  find(text: string, found: number[]): void {
    for (const { length, atoms } of this.#tables) {
      if (length > text.length) return;
      const affix = this.#suffix ? text.slice(text.length - length) : text.slice(0, length);
      pushAtoms(found, atoms.get(affix));
    }
  }
}
