import { type Predicates, pushPredicates } from './predicates-of-literal.js';

/**
 * Finds which of many literals a text contains, with one Aho-Corasick automaton (1975) over all of them, so the time
 * depends on the length of the text and not on the number of literals. Works on UTF-16 code units.
 */
export class SubstringAutomaton {
  /** Transitions by state and code unit; see {@link transitionKey} for the key. */
  readonly #next = new Map<number, number>();
  /** For each state, its parent state and the code unit that leads from the parent to it. */
  readonly #parents: number[] = [0];
  readonly #units: number[] = [0];
  /** The states by depth, which is the length of their text, starting with depth 1. */
  readonly #levels: number[][] = [];
  /** For each state, the state of the longest proper suffix of its text that is a state too. */
  readonly #fallback: number[] = [0];
  /** For each state, the predicates of the literals that end there, including those of its suffixes. */
  readonly #predicates: (readonly number[])[] = [NONE];

  constructor(literals: ReadonlyMap<string, Predicates>) {
    for (const [literal, predicates] of literals) this.#insert(literal, predicates);
    this.#link();
  }

  /** Appends the predicates of all literals that the text contains. A predicate may be appended more than once. */
  find(text: string, found: number[]): void {
    let state = 0;
    let seen: Set<number> | null = null;
    for (let i = 0; i < text.length; i++) {
      state = this.#step(state, text.charCodeAt(i));
      const predicates = this.#predicates[state]!;
      if (predicates.length === 0) continue;
      // A long text can contain the same literal at every offset.
      seen ??= new Set();
      if (seen.has(state)) continue;
      seen.add(state);
      for (const predicate of predicates) found.push(predicate);
    }
  }

  #step(from: number, unit: number): number {
    let state = from;
    for (;;) {
      const next = this.#next.get(transitionKey(state, unit));
      if (next !== undefined) return next;
      if (state === 0) return 0;
      state = this.#fallback[state]!;
    }
  }

  #insert(literal: string, predicates: Predicates): void {
    let state = 0;
    for (let i = 0; i < literal.length; i++) {
      const unit = literal.charCodeAt(i);
      const next = this.#next.get(transitionKey(state, unit));
      state = next ?? this.#add(state, unit, i);
    }
    const own = [...this.#predicates[state]!];
    pushPredicates(own, predicates);
    this.#predicates[state] = own;
  }

  /** Adds a child state. */
  #add(parent: number, unit: number, level: number): number {
    const state = this.#parents.length;
    this.#next.set(transitionKey(parent, unit), state);
    this.#parents.push(parent);
    this.#units.push(unit);
    this.#fallback.push(0);
    this.#predicates.push(NONE);
    const states = this.#levels[level];
    if (states === undefined) this.#levels.push([state]);
    else states.push(state);
    return state;
  }

  /** Computes the fallback states, shallow states first. States of depth 1 fall back to the root. */
  #link(): void {
    for (const states of this.#levels.slice(1)) {
      for (const state of states) {
        const fallback = this.#step(this.#fallback[this.#parents[state]!]!, this.#units[state]!);
        this.#fallback[state] = fallback;
        const inherited = this.#predicates[fallback]!;
        if (inherited.length > 0) this.#predicates[state] = [...this.#predicates[state]!, ...inherited];
      }
    }
  }
}

/** Encodes a transition as one number. Code units are below 2¹⁶. */
function transitionKey(state: number, unit: number): number {
  return state * 65_536 + unit;
}

const NONE: readonly number[] = [];
