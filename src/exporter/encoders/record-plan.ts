/**
 * Plans how the records of an output format are written. Neighbouring tokens with the same dependency are merged into a
 * piece. The bytes of each piece are cached with the entity it depends on, so that a record costs a few copies and a
 * few numbers.
 */
import { type CacheSource, cacheSourceOf, type FragmentCache } from './fragment-cache.js';
import type { Piece, Step } from './plan-code.js';
import { type FragmentToken, sequence, type TextToken, type Token, text } from './tokens.js';

/** Plans the records of one output format. */
export class Planner {
  readonly #cache: FragmentCache;
  /**
   * Pieces by their tokens, so that equal pieces of several record kinds are cached once; and the numbers of tokens.
   */
  readonly #pieces = new Map<string, Piece>();
  readonly #tokens = new Map<Token, number>();

  /** @param cache where the pieces are cached */
  constructor(cache: FragmentCache) {
    this.#cache = cache;
  }

  /** Returns the steps for one kind of record. */
  steps(tokens: readonly Token[]): Step[] {
    const steps: Step[] = [];
    let run: (TextToken | FragmentToken)[] = [];
    let source: CacheSource | null = null;
    const endRun = (): void => {
      if (source !== null) steps.push({ kind: 'piece', piece: this.#piece(source, run) });
      else if (run.length > 0) steps.push(text(run.map((token) => (token as TextToken).text).join('')));
      run = [];
      source = null;
    };
    for (const token of tokens) {
      if (token.kind === 'text') {
        // Constant text is merged with the pieces before and after it.
        run.push(token);
      } else if (token.kind === 'fragment' && token.source !== 'context') {
        if (source !== null && source !== cacheSourceOf(token.source)) endRun();
        run.push(token);
        source = cacheSourceOf(token.source);
      } else {
        endRun();
        // Most records have no context, so its text is not merged with other pieces.
        if (token.kind === 'fragment') steps.push({ kind: 'piece', piece: this.#piece('context', [token]) });
        else if (token.kind !== 'boundary') steps.push(token);
      }
    }
    endRun();
    return steps;
  }

  #piece(source: CacheSource, run: readonly (TextToken | FragmentToken)[]): Piece {
    const key = run.map((token) => (token.kind === 'text' ? JSON.stringify(token.text) : this.#numberOf(token))).join();
    let piece = this.#pieces.get(key);
    if (piece === undefined) {
      const conditions = run.flatMap((token) =>
        token.kind === 'fragment' && token.cacheable ? [token.cacheable] : [],
      );
      piece = {
        source,
        dependsOnOpenFlags: run.some((token) => token.kind === 'fragment' && token.source === 'openflags'),
        number: this.#cache.allocate(source),
        write: sequence(run),
        cacheable: conditions.length === 0 ? null : (record) => conditions.every((holds) => holds(record)),
      };
      this.#pieces.set(key, piece);
    }
    return piece;
  }

  #numberOf(token: Token): number {
    let number = this.#tokens.get(token);
    if (number === undefined) {
      number = this.#tokens.size;
      this.#tokens.set(token, number);
    }
    return number;
  }
}
