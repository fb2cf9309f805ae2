import { type Predicates, pushPredicates } from './predicates-of-literal.js';

/**
 * Finds which of many literals are a prefix (or suffix) of a text. It keeps one hash table per literal length and looks
 * up the prefix of each length. There are few distinct lengths, whatever the number of literals.
 */
export class AffixIndex {
  readonly #suffix: boolean;
  /** Tables by ascending literal length. Each maps a literal to its predicates. */
  readonly #tables: { readonly length: number; readonly predicates: Map<string, Predicates> }[] = [];

  constructor(side: 'prefix' | 'suffix', literals: ReadonlyMap<string, Predicates>) {
    this.#suffix = side === 'suffix';
    const byLength = new Map<number, Map<string, Predicates>>();
    for (const [literal, predicates] of literals) {
      const table = byLength.get(literal.length) ?? new Map<string, Predicates>();
      byLength.set(literal.length, table.set(literal, predicates));
    }
    for (const length of [...byLength.keys()].sort((a, b) => a - b)) {
      this.#tables.push({ length, predicates: byLength.get(length)! });
    }
  }

  /** Appends the predicates of all matching literals. */
  find(text: string, found: number[]): void {
    for (const { length, predicates } of this.#tables) {
      if (length > text.length) return;
      const affix = this.#suffix ? text.slice(text.length - length) : text.slice(0, length);
      pushPredicates(found, predicates.get(affix));
    }
  }
}
