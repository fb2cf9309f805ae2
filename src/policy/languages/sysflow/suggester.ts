import { nearestName } from '../../../diagnostics/nearest.js';

/**
 * Maximum number of names compared while loading: if all names are wrong, searching for similar ones costs more than
 * everything else.
 */
const BUDGET = 200_000;
const MAX_LENGTH = 60;

/** Finds similar names, up to a limited number of comparisons; after that it returns none. */
export class Suggester {
  #left: number = BUDGET;
  readonly #remembered = new Map<string, string | undefined>();

  /** Returns the most similar name, or undefined. */
  nearest(written: string, names: Iterable<string>): string | undefined {
    if (this.#left <= 0 || written.length > MAX_LENGTH) return undefined;
    return nearestName(written, this.#counted(names));
  }

  /**
   * The same for a fixed set of names, identified by a label. The results are cached, since the same mistake often
   * occurs in many rules.
   */
  nearestOf(label: string, written: string, names: Iterable<string>): string | undefined {
    const key = `${label}:${written}`;
    if (!this.#remembered.has(key)) this.#remembered.set(key, this.nearest(written, names));
    return this.#remembered.get(key);
  }

  /** Returns `did you mean 'x'?` for the most similar name, or `otherwise` if there is none. */
  hint(written: string, names: Iterable<string>, otherwise?: string): string | undefined {
    return didYouMean(this.nearest(written, names)) ?? otherwise;
  }

  *#counted(names: Iterable<string>): Iterable<string> {
    for (const name of names) {
      if (this.#left-- <= 0) return;
      yield name;
    }
  }
}

export function didYouMean(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `did you mean '${name}'?`;
}
