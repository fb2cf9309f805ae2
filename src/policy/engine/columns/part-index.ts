/**
 * Which of many literals a text contains: one automaton over all of them (Aho and Corasick 1975), so that the time grows
 * with the text and not with the literals. Works on UTF-16 units.
 */
export class PartIndex {
  /** By state: transitions by unit. */
  readonly #next: Map<number, number>[] = [new Map()];
  /** By state: the longest proper suffix of what it stands for that is a state too. */
  readonly #fallback: number[] = [0];
  /** By state: the atoms of the literals that end there, those of its suffixes included. */
  readonly #atoms: (readonly number[])[] = [NONE];

  constructor(literals: ReadonlyMap<string, number[]>) {
    for (const [literal, atoms] of literals) this.#insert(literal, atoms);
    this.#link();
  }

  /** Appends the atoms of all literals that the text contains; an atom may come more than once. */
  find(text: string, found: number[]): void {
    let state = 0;
    let seen: Set<number> | null = null;
    for (let i = 0; i < text.length; i++) {
      state = this.#step(state, text.charCodeAt(i));
      const atoms = this.#atoms[state]!;
      if (atoms.length === 0) continue;
      // A long text may hold the same literal at every place.
      seen ??= new Set();
      if (seen.has(state)) continue;
      seen.add(state);
      found.push(...atoms);
    }
  }

  #step(from: number, unit: number): number {
    let state = from;
    for (;;) {
      const next = this.#next[state]!.get(unit);
      if (next !== undefined) return next;
      if (state === 0) return 0;
      state = this.#fallback[state]!;
    }
  }

  #insert(literal: string, atoms: readonly number[]): void {
    let state = 0;
    for (let i = 0; i < literal.length; i++) {
      const unit = literal.charCodeAt(i);
      let next = this.#next[state]!.get(unit);
      if (next === undefined) {
        next = this.#next.length;
        this.#next.push(new Map());
        this.#fallback.push(0);
        this.#atoms.push(NONE);
        this.#next[state]!.set(unit, next);
      }
      state = next;
    }
    this.#atoms[state] = [...this.#atoms[state]!, ...atoms];
  }

  /** Sets the fallbacks, shorter states first. */
  #link(): void {
    const queue = [...this.#next[0]!.values()];
    for (let i = 0; i < queue.length; i++) {
      const state = queue[i]!;
      for (const [unit, next] of this.#next[state]!) {
        const fallback = this.#step(this.#fallback[state]!, unit);
        this.#fallback[next] = fallback;
        const inherited = this.#atoms[fallback]!;
        if (inherited.length > 0) this.#atoms[next] = [...this.#atoms[next]!, ...inherited];
        queue.push(next);
      }
    }
  }
}

const NONE: readonly number[] = [];
