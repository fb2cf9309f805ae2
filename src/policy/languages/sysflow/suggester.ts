import { nearestName } from '../../../diagnostics/nearest.js';

/** How many names one load compares: looking for near ones costs more than everything else where all names are wrong. */
const BUDGET = 200_000;
const MAX_LENGTH = 60;

/** Looks for near names within a budget; when that is spent, nothing is near. */
export class Suggester {
  #left: number = BUDGET;
  readonly #remembered = new Map<string, string | undefined>();

  /** The nearest of some names, or undefined. */
  nearest(written: string, names: Iterable<string>): string | undefined {
    if (this.#left <= 0 || written.length > MAX_LENGTH) return undefined;
    return nearestName(written, this.#counted(names));
  }

  /** The same for names that never change, told apart by a label: the same mistake tends to stand in many rules. */
  nearestOf(label: string, written: string, names: Iterable<string>): string | undefined {
    const key = `${label}:${written}`;
    if (!this.#remembered.has(key)) this.#remembered.set(key, this.nearest(written, names));
    return this.#remembered.get(key);
  }

  /** `did you mean 'x'?` for the nearest name, or something else where none is near. */
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
