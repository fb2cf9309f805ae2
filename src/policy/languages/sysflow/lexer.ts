/**
 * Tokens of a condition.
 *
 * ```
 * token    = word | string | "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "(" | ")" | "[" | "]" | "," ;
 * word     = wordchar { wordchar | argument } ;
 * wordchar = any character except whitespace ( ) [ ] " ' = < > , and "!=", and except "#" at the start ;
 * argument = "[" … matching "]" ;               brackets nest and are ignored inside quotes; on one line
 * string   = '"' … '"' | "'" … "'" | '\"' … '\"' | "''" … "''" ;         on one line
 * comment  = "#" … end of line ;                at the start of a token
 * ```
 *
 * In `"…"` a backslash escapes a quote or a backslash; in the other quotes it is an ordinary character. The original has
 * no escapes, so `"C:\"` is a complete string for it; `EscapedQuotes` selects one of the two meanings.
 *
 * Keywords are words, since their meaning depends on the context. The original ends a word at `#` (see
 * `comment-in-word.ts`) and has fewer word characters (letters, digits and `_ . - / * :`); other characters are errors.
 */
import type { SourceRange, SourceText } from '../../../diagnostics/diagnostic.js';
import type { Place } from '../../model/policy.js';
import { offsetIn, type RawScalar } from './document.js';

export type TokenKind = 'word' | 'string' | 'symbol' | 'end';

export class Token {
  readonly kind: TokenKind;
  /** The whole word, the string without its quotes, or the symbol. */
  readonly text: string;
  /** The part of a word before its argument, and the argument. Without an argument: the whole word, and null. */
  readonly name: string;
  readonly argument: string | null;
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;

  constructor(
    kind: TokenKind,
    text: string,
    name: string,
    argument: string | null,
    source: SourceText,
    start: number,
    end: number,
  ) {
    this.kind = kind;
    this.text = text;
    this.name = name;
    this.argument = argument;
    this.source = source;
    this.start = start;
    this.end = end;
  }

  /** The position; created on demand, since most tokens never need it. */
  get place(): Place {
    return { source: this.source, range: { start: this.start, end: this.end } };
  }
}

/** A problem in a text, with its range. */
export interface SyntaxProblem {
  readonly message: string;
  readonly source: SourceText;
  readonly range: SourceRange;
  readonly hint?: string;
}

/**
 * The meaning of `\"` inside `"…"`: it ends the string after a backslash, as in the original, or it is an escaped
 * quote.
 */
export type EscapedQuotes = 'end-strings' | 'are-escapes';

export interface Tokens {
  /** The last one has the kind `end`. */
  readonly tokens: readonly Token[];
  /** The first problem; the tokens end before it. */
  readonly problem: SyntaxProblem | null;
}

const BLANK = /[\s\ufeff\u0000]/;
/**
 * Tokens and runs of characters are matched by one regular expression each. Scanning them character by character took
 * most of the time to load a policy.
 */
/** A word without an argument, or a symbol. Most conditions consist of these; other tokens need `#next`. */
const PLAIN_TOKEN =
  /[^\s\ufeff\u0000()[\]"'=<>,!#\\][^\s\ufeff\u0000()[\]"'=<>,!]*(?=[\s\ufeff\u0000()\]=<>,]|$)|[()[\],]|!=|[=<>]=?/y;
const BLANKS = /[\s\ufeff\u0000]*/y;
/** Characters that are always part of a word; `!` and `[` depend on the next character. */
const WORD_CHARACTERS = /[^\s\ufeff\u0000()[\]"'=<>,!]*/y;
const SYMBOLS: ReadonlySet<string> = new Set(['(', ')', '[', ']', ',', '=', '==', '!=', '<', '<=', '>', '>=']);
const QUOTES: readonly string[] = ['"', '\\"', "''", "'"];

// Classes of the ASCII characters that can start a token; all others are part of a word.
const [BLANK_CLASS, SYMBOL_CLASS, QUOTE_CLASS] = [1, 2, 3];
const CLASSES = new Uint8Array(128);
for (const [characters, its] of [
  ['\u0000\t\n\v\f\r ', BLANK_CLASS],
  ['()[],=<>!', SYMBOL_CLASS],
  ['"\'\\', QUOTE_CLASS],
] as const) {
  for (const character of characters) CLASSES[character.charCodeAt(0)] = its;
}
const [SPACE, EQUALS, BANG, BRACKET, BACKSLASH, HASH] = [' ', '=', '!', '[', '\\', '#'].map((character) =>
  character.charCodeAt(0),
);

/** Splits a condition into tokens. */
export function tokenize(source: SourceText, scalar: RawScalar, quotes: EscapedQuotes = 'end-strings'): Tokens {
  return new Lexer(source, scalar, quotes).run();
}

class Lexer {
  readonly #source: SourceText;
  readonly #scalar: RawScalar;
  readonly #text: string;
  readonly #quotes: EscapedQuotes;
  readonly #tokens: Token[] = [];
  #at = 0;
  #lineFrom = 0;
  #lineTo = -1;
  #problem: SyntaxProblem | null = null;

  constructor(source: SourceText, scalar: RawScalar, quotes: EscapedQuotes) {
    this.#source = source;
    this.#scalar = scalar;
    this.#text = scalar.text;
    this.#quotes = quotes;
  }

  run(): Tokens {
    while (this.#problem === null) {
      this.#plainTokens();
      this.#skipBlanks();
      if (this.#at >= this.#text.length) break;
      if (!this.#plainTokens()) this.#next();
    }
    const end = this.#problem === null ? this.#text.length : this.#at;
    this.#push('end', '', end, end);
    return { tokens: this.#tokens, problem: this.#problem };
  }

  /** Reads plain tokens separated by single spaces; returns false if there is none. */
  #plainTokens(): boolean {
    const text = this.#text;
    const { offsets, range } = this.#scalar;
    let at = this.#at;
    while (at < text.length) {
      const start = text.charCodeAt(at) === SPACE ? at + 1 : at;
      PLAIN_TOKEN.lastIndex = start;
      if (!PLAIN_TOKEN.test(text)) break;
      at = PLAIN_TOKEN.lastIndex;
      const token = text.slice(start, at);
      const kind = SYMBOLS.has(token) ? 'symbol' : 'word';
      // The same as `#push` without its support for mapped texts and other tokens: most tokens of most policies are
      // created here.
      if (offsets !== null) this.#push(kind, token, start, at);
      else this.#tokens.push(new Token(kind, token, token, null, this.#source, range.start + start, range.start + at));
    }
    const found = at > this.#at;
    this.#at = at;
    return found;
  }

  #skipBlanks(): void {
    for (;;) {
      if (this.#isBlank(this.#at)) this.#at = this.#endOf(BLANKS, this.#at);
      if (this.#text.charCodeAt(this.#at) !== HASH) return;
      this.#at = this.#lineEnd(this.#at);
    }
  }

  /** Reads a string, or a word of any kind. */
  #next(): void {
    const start = this.#at;
    if (this.#classAt(start) === QUOTE_CLASS) {
      for (const quote of QUOTES) {
        if (this.#text.startsWith(quote, start) && this.#string(quote, start)) return;
      }
    }
    this.#word(start);
  }

  /**
   * Reads a string in these quotes; returns false if they are not quotes here (`''` alone is the empty string in `'`).
   */
  #string(quote: string, start: number): boolean {
    const from = start + quote.length;
    const lineEnd = this.#lineEnd(start);
    const close = this.#closingQuote(quote, from);
    const closed = close !== -1 && close < lineEnd;
    if (quote === "''" && (!closed || close === from || this.#isDelimiter(from))) return false;
    if (!closed) {
      if (quote === '\\"') return false;
      this.#fail(`missing closing ${quote} on this line`, start, lineEnd);
      return true;
    }
    this.#at = close + quote.length;
    const text = this.#text.slice(from, close);
    const unescaped = quote === '"' && text.includes('\\') ? text.replace(/\\(["\\])/g, '$1') : text;
    this.#push('string', unescaped, start, this.#at);
    return true;
  }

  /** Returns the offset of the closing quotes of a string; -1 if there are none. */
  #closingQuote(quote: string, from: number): number {
    if (quote !== '"' || this.#quotes === 'end-strings') return this.#text.indexOf(quote, from);
    const lineEnd = this.#lineEnd(from);
    for (let at = from; at < lineEnd; at++) {
      const c = this.#text[at];
      if (c === '"') return at;
      if (c === '\\') at++;
    }
    return -1;
  }

  #word(start: number): void {
    let argumentStart = -1;
    let argumentEnd = -1;
    for (;;) {
      this.#at = this.#endOf(WORD_CHARACTERS, this.#at);
      if (this.#isDelimiter(this.#at)) break;
      if (this.#text.charCodeAt(this.#at) !== BRACKET) {
        this.#at++;
        continue;
      }
      const close = this.#closingBracket(this.#at);
      if (close === -1) {
        this.#fail(
          "missing closing ']' on this line",
          this.#at,
          this.#lineEnd(this.#at),
          "put the text in quotes if '[' belongs to it",
        );
        return;
      }
      if (argumentStart === -1) {
        argumentStart = this.#at + 1;
        argumentEnd = close;
      }
      this.#at = close + 1;
    }
    const text = this.#text.slice(start, this.#at);
    // Only a word that ends with its argument is an attribute with an argument: `runc:[1:CHILD]x` is a literal.
    if (argumentStart === -1 || argumentEnd + 1 !== this.#at) this.#push('word', text, start, this.#at);
    else {
      const name = this.#text.slice(start, argumentStart - 1);
      this.#push('word', text, start, this.#at, name, this.#text.slice(argumentStart, argumentEnd));
    }
  }

  /** Returns the end of a run of characters that a sticky pattern matches. */
  #endOf(run: RegExp, start: number): number {
    run.lastIndex = start;
    run.test(this.#text);
    return run.lastIndex;
  }

  /** Whether a word ends before the character at an offset, or the text ends there. */
  #isDelimiter(at: number): boolean {
    if (at >= this.#text.length || this.#isBlank(at)) return true;
    const its = this.#classAt(at);
    const character = this.#text.charCodeAt(at);
    if (character === BANG) return this.#text.charCodeAt(at + 1) === EQUALS;
    return its !== 0 && character !== BRACKET && character !== BACKSLASH;
  }

  #isBlank(at: number): boolean {
    const character = this.#text.charCodeAt(at);
    return character < 128 ? CLASSES[character] === BLANK_CLASS : BLANK.test(this.#text[at] ?? '');
  }

  /** Class of the character at an offset; 0 for a word, and at the end of the text. */
  #classAt(at: number): number {
    return CLASSES[this.#text.charCodeAt(at)] ?? 0;
  }

  /** Returns the offset of the matching bracket on the same line; -1 if there is none. */
  #closingBracket(open: number): number {
    const lineEnd = this.#lineEnd(open);
    let depth = 0;
    for (let i = open; i < lineEnd; i++) {
      const c = this.#text[i]!;
      if (c === '"' || c === "'") {
        const close = this.#text.indexOf(c, i + 1);
        if (close !== -1 && close < lineEnd) i = close;
      } else if (c === '\\') i++;
      else if (c === '[') depth++;
      else if (c === ']' && --depth === 0) return i;
    }
    return -1;
  }

  /**
   * Returns the end of a line. It is cached, since searching for it again takes time proportional to the line each
   * time.
   */
  #lineEnd(from: number): number {
    if (from < this.#lineFrom || from > this.#lineTo) {
      const newline = this.#text.indexOf('\n', from);
      this.#lineFrom = from;
      this.#lineTo = newline === -1 ? this.#text.length : newline;
    }
    return this.#lineTo;
  }

  #range(start: number, end: number): SourceRange {
    return { start: offsetIn(this.#scalar, start), end: this.#endIn(start, end) };
  }

  /** Returns the end of the last character: in a mapped text the next character may be several lines later. */
  #endIn(start: number, end: number): number {
    return end > start ? offsetIn(this.#scalar, end - 1) + 1 : offsetIn(this.#scalar, end);
  }

  #push(kind: TokenKind, text: string, start: number, end: number, name = text, argument: string | null = null): void {
    const from = offsetIn(this.#scalar, start);
    this.#tokens.push(new Token(kind, text, name, argument, this.#source, from, this.#endIn(start, end)));
  }

  #fail(message: string, start: number, end: number, hint?: string): void {
    const range = this.#range(start, end);
    this.#at = start;
    this.#problem = { message, source: this.#source, range, ...(hint === undefined ? {} : { hint }) };
  }
}
