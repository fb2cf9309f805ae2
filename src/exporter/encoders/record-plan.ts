/**
 * Turns the token lists of an output format into one function per record kind. Neighbouring tokens with the same dependency
 * are merged into a piece; the bytes of each piece are kept for what it depends on, so that a record costs a few copies and
 * a few numbers.
 */
import { type KeptSource, type KeptSources, keptSource } from './kept-sources.js';
import { type Piece, PlanCode } from './plan-code.js';
import { type FragmentToken, sequence, type TextToken, type Token, type Write } from './tokens.js';

/** Compiles the token lists of one output format. */
export class PlanCompiler {
  readonly #sources: KeptSources;
  /** Pieces by their tokens, so that the same ones in several record kinds are kept once; and the numbers of tokens. */
  readonly #pieces = new Map<string, Piece>();
  readonly #tokens = new Map<Token, number>();

  /** @param sources where the pieces are kept */
  constructor(sources: KeptSources) {
    this.#sources = sources;
  }

  /** The function that appends one record of a kind. */
  compile(tokens: readonly Token[]): Write {
    const code = new PlanCode();
    let run: (TextToken | FragmentToken)[] = [];
    let source: KeptSource | null = null;
    const endRun = (): void => {
      if (source === null) code.text(run.map((token) => (token as TextToken).text).join(''));
      else code.fragment(this.#piece(source, run));
      run = [];
      source = null;
    };
    for (const token of tokens) {
      if (token.kind === 'text') {
        // Constant text joins the piece on either side.
        run.push(token);
      } else if (token.kind === 'fragment' && token.source !== 'context') {
        if (source !== null && source !== keptSource(token.source)) endRun();
        run.push(token);
        source = keptSource(token.source);
      } else {
        endRun();
        if (token.kind === 'int') code.int(token.slot, token.wide);
        if (token.kind === 'event') code.event(token.write);
        // Most records have no context, so its text stays apart.
        if (token.kind === 'fragment') code.fragment(this.#piece('context', [token]));
      }
    }
    endRun();
    return code.compile(
      this.#sources,
      tokens.some((token) => token.kind === 'fragment' && token.source === 'openflags'),
    );
  }

  #piece(source: KeptSource, run: readonly (TextToken | FragmentToken)[]): Piece {
    const key = run.map((token) => (token.kind === 'text' ? JSON.stringify(token.text) : this.#numberOf(token))).join();
    let piece = this.#pieces.get(key);
    if (piece === undefined) {
      const conditions = run.flatMap((token) =>
        token.kind === 'fragment' && token.cacheable ? [token.cacheable] : [],
      );
      piece = {
        source,
        number: this.#sources.allot(source),
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
