/**
 * JSON with positions: the tree of a text, each node with its place, so that every later check can point at it.
 *
 *     value  = object | array | string | number | "true" | "false" | "null"
 *     object = "{" [ member { "," member } [ "," ] ] "}"      member = string ":" value
 *     array  = "[" [ value { "," value } [ "," ] ] "]"
 *
 * Comments and trailing commas are reported and passed over, so that what follows them is checked as well; any other
 * mistake ends the reading.
 */
import type { Diagnostics, SourceRange, SourceText } from '../diagnostics/diagnostic.js';

export interface JsonMember {
  readonly key: string;
  readonly keyRange: SourceRange;
  readonly value: JsonNode;
}

export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly JsonMember[]; readonly range: SourceRange }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[]; readonly range: SourceRange }
  | { readonly kind: 'string'; readonly value: string; readonly range: SourceRange }
  /** The number as written. */
  | { readonly kind: 'number'; readonly text: string; readonly range: SourceRange }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly range: SourceRange }
  | { readonly kind: 'null'; readonly range: SourceRange };

/** Deeper nesting than any pipeline has; the reader recurses. */
const MAX_DEPTH = 64;

/** Reads a text; null where it is no JSON, with the reason among the diagnostics. */
export function parseJson(source: SourceText, diagnostics: Diagnostics): JsonNode | null {
  return new JsonReader(source, diagnostics).document();
}

/** Ends the reading from any depth; caught in {@link JsonReader.document}. */
class JsonSyntaxError extends Error {
  readonly range: SourceRange;
  constructor(message: string, range: SourceRange) {
    super(message);
    this.range = range;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[A-Za-z0-9_$+.-]+/y;
/** Text of a string up to what needs a look: the closing quote, an escape, a control character. */
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

class JsonReader {
  readonly #source: SourceText;
  readonly #text: string;
  readonly #diagnostics: Diagnostics;
  #at = 0;
  #depth = 0;

  constructor(source: SourceText, diagnostics: Diagnostics) {
    this.#source = source;
    this.#text = source.text;
    this.#diagnostics = diagnostics;
  }

  document(): JsonNode | null {
    try {
      // A byte order mark is no part of the text.
      if (this.#text.startsWith('\ufeff')) this.#at = 1;
      this.#skipBlanks();
      if (this.#at === this.#text.length) throw this.#error('the text is empty', 0);
      const value = this.#value();
      this.#skipBlanks();
      if (this.#at < this.#text.length) throw this.#error('nothing may follow the value', 1);
      return value;
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      this.#diagnostics.error('json-syntax', error.message, this.#source, error.range);
      return null;
    }
  }

  #value(): JsonNode {
    const start = this.#at;
    switch (this.#text[start]) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        return { kind: 'string', value: this.#string(), range: { start, end: this.#at } };
      default:
        return this.#scalar();
    }
  }

  #nested(read: () => JsonNode): JsonNode {
    if (++this.#depth > MAX_DEPTH) throw this.#error(`values are nested deeper than ${MAX_DEPTH}`, 1);
    const node = read();
    this.#depth--;
    return node;
  }

  #object(): JsonNode {
    const start = this.#at++;
    const members: JsonMember[] = [];
    this.#sequence('}', () => {
      const keyStart = this.#at;
      if (this.#text[keyStart] !== '"') throw this.#expected('a key in double quotes');
      const key = this.#string();
      const keyRange = { start: keyStart, end: this.#at };
      this.#skipBlanks();
      if (this.#text[this.#at] !== ':') throw this.#expected("':' after the key");
      this.#at++;
      this.#skipBlanks();
      members.push({ key, keyRange, value: this.#value() });
    });
    return { kind: 'object', members, range: { start, end: this.#at } };
  }

  #array(): JsonNode {
    const start = this.#at++;
    const items: JsonNode[] = [];
    this.#sequence(']', () => items.push(this.#value()));
    return { kind: 'array', items, range: { start, end: this.#at } };
  }

  /** Reads items with commas between them and consumes the closing bracket. */
  #sequence(close: string, item: () => void): void {
    this.#skipBlanks();
    while (this.#text[this.#at] !== close) {
      item();
      this.#skipBlanks();
      const next = this.#text[this.#at];
      if (next === close) break;
      if (next !== ',') throw this.#expected(`',' or '${close}'`);
      const comma = this.#at++;
      this.#skipBlanks();
      if (this.#text[this.#at] === close) this.#report('a comma may not stand at the end', comma, comma + 1);
    }
    this.#at++;
  }

  #string(): string {
    const start = this.#at++;
    let value = '';
    for (;;) {
      PLAIN.lastIndex = this.#at;
      const plain = PLAIN.exec(this.#text)![0];
      value += plain;
      this.#at += plain.length;
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next !== '\\') {
        const what = next === undefined || next === '\n' ? 'is not closed' : 'holds a control character';
        throw new JsonSyntaxError(`the string ${what}`, { start, end: this.#at });
      }
      value += this.#escape();
    }
    this.#at++;
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) {
      this.#at += 2;
      return plain;
    }
    const digits = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#error('there is no such escape', 2);
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #scalar(): JsonNode {
    const start = this.#at;
    WORD.lastIndex = start;
    const word = WORD.exec(this.#text)?.[0] ?? '';
    const range = { start, end: start + word.length };
    this.#at = range.end;
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true', range };
    if (word === 'null') return { kind: 'null', range };
    NUMBER.lastIndex = start;
    if (word !== '' && NUMBER.exec(this.#text)?.[0] === word) return { kind: 'number', text: word, range };
    this.#at = start;
    if (word === '') throw this.#expected('a value');
    throw this.#error(`'${word}' is no value; texts stand in double quotes`, word.length);
  }

  /** Passes over blanks, and over comments with a report. */
  #skipBlanks(): void {
    for (;;) {
      while (' \t\r\n'.includes(this.#text[this.#at] ?? '.')) this.#at++;
      const start = this.#at;
      const isLine = this.#text.startsWith('//', start);
      if (!isLine && !this.#text.startsWith('/*', start)) return;
      const close = this.#text.indexOf(isLine ? '\n' : '*/', start + 2);
      this.#at = close === -1 ? this.#text.length : close + (isLine ? 1 : 2);
      this.#report("JSON has no comments; a key '_comment' may hold one", start, this.#at);
    }
  }

  #report(message: string, start: number, end: number): void {
    this.#diagnostics.error('json-syntax', message, this.#source, { start, end });
  }

  #expected(what: string): JsonSyntaxError {
    const end = this.#at >= this.#text.length;
    return this.#error(`expected ${what}, found ${end ? 'the end of the text' : `'${this.#text[this.#at]}'`}`, 1);
  }

  #error(message: string, length: number): JsonSyntaxError {
    return new JsonSyntaxError(message, { start: this.#at, end: Math.min(this.#at + length, this.#text.length) });
  }
}
