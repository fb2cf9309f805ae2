import { type Predicates, pushPredicates } from './predicates-of-literal.js';

/**
 * Which of many literals a text contains: one automaton over all of them (Aho and Corasick 1975), so that the time grows
 * with the text and not with the literals. Works on UTF-16 units.
 */
export class SubstringAutomaton {
  /** Transitions by state and unit; see {@link edge}. */
  readonly #next = new Map<number, number>();
  /** By state: where it comes from, and by which unit. */
  readonly #parents: number[] = [0];
  readonly #units: number[] = [0];
  /** The states by the number of units they stand for, from 1. */
  readonly #levels: number[][] = [];
  /** By state: the longest proper suffix of what it stands for that is a state too. */
  readonly #fallback: number[] = [0];
  /** By state: the predicates of the literals that end there, those of its suffixes included. */
  readonly #predicates: (readonly number[])[] = [NONE];

  constructor(literals: ReadonlyMap<string, Predicates>) {
    for (const [literal, predicates] of literals) this.#insert(literal, predicates);
    this.#link();
  }

  /** Appends the predicates of all literals that the text contains; a predicate may come more than once. */
  find(text: string, found: number[]): void {
    let state = 0;
    let seen: Set<number> | null = null;
    for (let i = 0; i < text.length; i++) {
      state = this.#step(state, text.charCodeAt(i));
      const predicates = this.#predicates[state]!;
      if (predicates.length === 0) continue;
      // A long text may hold the same literal at every place.
      seen ??= new Set();
      if (seen.has(state)) continue;
      seen.add(state);
      for (const predicate of predicates) found.push(predicate);
    }
  }

  #step(from: number, unit: number): number {
    let state = from;
    for (;;) {
      const next = this.#next.get(edge(state, unit));
      if (next !== undefined) return next;
      if (state === 0) return 0;
      state = this.#fallback[state]!;
    }
  }

  #insert(literal: string, predicates: Predicates): void {
    let state = 0;
    for (let i = 0; i < literal.length; i++) {
      const unit = literal.charCodeAt(i);
      const next = this.#next.get(edge(state, unit));
      state = next ?? this.#add(state, unit, i);
    }
    const own = [...this.#predicates[state]!];
    pushPredicates(own, predicates);
    this.#predicates[state] = own;
  }

  /** Adds a state behind another one. */
  #add(parent: number, unit: number, level: number): number {
    const state = this.#parents.length;
    this.#next.set(edge(parent, unit), state);
    this.#parents.push(parent);
    this.#units.push(unit);
    this.#fallback.push(0);
    this.#predicates.push(NONE);
    const states = this.#levels[level];
    if (states === undefined) this.#levels.push([state]);
    else states.push(state);
    return state;
  }

  /** Sets the fallbacks, shorter states first; those of one unit fall back to none. */
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

/** A transition as one number: the units are below 2¹⁶. */
function edge(state: number, unit: number): number {
  return state * 65_536 + unit;
}

const NONE: readonly number[] = [];
