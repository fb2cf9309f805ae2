/**
 * Parses JSON into a tree with the position of each node, for diagnostics.
 *
 * The package jsonc-parser reads the text. It accepts comments and goes on after mistakes, so that more is checked here:
 * comments and trailing commas are reported and skipped; any other error ends the parsing.
 */
import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser';
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
  /** The text of the number. */
  | { readonly kind: 'number'; readonly text: string; readonly range: SourceRange }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly range: SourceRange }
  | { readonly kind: 'null'; readonly range: SourceRange };

/** Maximum nesting depth, since the parser recurses; pipelines need far less. */
const MAX_DEPTH = 64;

/** Parses a text; null if it is not JSON, which is reported. */
export function parseJson(source: SourceText, diagnostics: Diagnostics): JsonNode | null {
  // Ignore a byte order mark; a space in its place preserves the offsets.
  const text = source.text.startsWith('\ufeff') ? ` ${source.text.slice(1)}` : source.text;
  const builder = new TreeBuilder(text, (message, range) => {
    diagnostics.error('json-syntax', message, source, range);
  });
  try {
    visit(text, builder.visitor, { disallowComments: true });
    return builder.root;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    diagnostics.error('json-syntax', error.message, source, error.range);
    return null;
  }
}

/** Stops the parser; caught in {@link parseJson}. */
class JsonSyntaxError extends Error {
  readonly range: SourceRange;
  constructor(message: string, range: SourceRange) {
    super(message);
    this.range = range;
  }
}

/** Text that the parser reads as one token where it expects a value. */
const WORD = /[^\s\p{C}"{}[\]:,/]*/uy;
/** The part of a string before an invalid escape sequence. */
const VALID_ESCAPES = /"(?:[^\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

/** An object or array whose end has not been reached. */
type OpenNode =
  | { readonly kind: 'object'; readonly start: number; readonly members: JsonMember[]; key: Omit<JsonMember, 'value'> }
  | { readonly kind: 'array'; readonly start: number; readonly items: JsonNode[] };

const NO_KEY: Omit<JsonMember, 'value'> = { key: '', keyRange: { start: 0, end: 0 } };
const KEY = 'a key in double quotes';
const VALUE = 'a value';

/** Builds the tree from the events of the parser, and turns its errors into messages. */
class TreeBuilder {
  root: JsonNode | null = null;
  readonly #text: string;
  readonly #report: (message: string, range: SourceRange) => void;
  readonly #open: OpenNode[] = [];
  /** What may follow next; null after the end of the value. */
  #expected: string | null = VALUE;
  /** The position of the last comma, while nothing has followed it. */
  #comma: number | null = null;
  /** The bracket after a trailing comma, which the parser reports twice. */
  #closing = -1;

  constructor(text: string, report: (message: string, range: SourceRange) => void) {
    this.#text = text;
    this.#report = report;
  }

  readonly visitor: JSONVisitor = {
    onObjectBegin: (start) => this.#begin({ kind: 'object', start, members: [], key: NO_KEY }, KEY),
    onArrayBegin: (start) => this.#begin({ kind: 'array', start, items: [] }, VALUE),
    onObjectEnd: (offset) => this.#end(offset, '}'),
    onArrayEnd: (offset) => this.#end(offset, ']'),
    onObjectProperty: (key, start, length) => {
      const object = this.#open.at(-1);
      if (object?.kind === 'object') object.key = { key, keyRange: { start, end: start + length } };
      this.#expect("':' after the key");
    },
    onSeparator: (separator, offset) => {
      const inObject = this.#open.at(-1)?.kind === 'object';
      this.#expect(separator === ',' && inObject ? KEY : VALUE);
      if (separator === ',') this.#comma = offset;
    },
    onLiteralValue: (value: unknown, start, length) => this.#literal(value, { start, end: start + length }),
    onError: (code, start, length) => {
      // A comment without an end extends beyond the text.
      this.#error(printParseErrorCode(code), { start, end: Math.min(start + length, this.#text.length) });
    },
  };

  #expect(what: string | null): void {
    this.#expected = what;
    this.#comma = null;
  }

  #begin(node: OpenNode, expected: string): void {
    if (this.#open.length === MAX_DEPTH) {
      const range = { start: node.start, end: node.start + 1 };
      throw new JsonSyntaxError(`values are nested deeper than ${MAX_DEPTH}`, range);
    }
    this.#open.push(node);
    this.#expect(expected);
  }

  #end(offset: number, bracket: string): void {
    if (this.#text[offset] !== bracket) throw this.#unexpected(offset);
    const node = this.#open.pop()!;
    const range = { start: node.start, end: offset + 1 };
    if (node.kind === 'object') this.#add({ kind: 'object', members: node.members, range });
    else this.#add({ kind: 'array', items: node.items, range });
  }

  #literal(value: unknown, range: SourceRange): void {
    if (typeof value === 'string') this.#add({ kind: 'string', value, range });
    else {
      // The parser splits '01' into two numbers.
      if (this.#wordAt(range.start).length > range.end - range.start) throw this.#unexpected(range.start);
      if (typeof value === 'boolean') this.#add({ kind: 'boolean', value, range });
      else if (value === null) this.#add({ kind: 'null', range });
      else this.#add({ kind: 'number', text: this.#text.slice(range.start, range.end), range });
    }
  }

  #add(node: JsonNode): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) this.root = node;
    else if (parent.kind === 'array') parent.items.push(node);
    else parent.members.push({ ...parent.key, value: node });
    this.#expect(parent === undefined ? null : `',' or '${bracketOf(parent)}'`);
  }

  #error(name: string, range: SourceRange): void {
    switch (name) {
      case 'InvalidCommentToken':
        this.#report("JSON has no comments; a key '_comment' may hold one", range);
        return;
      case 'UnexpectedEndOfString':
        throw new JsonSyntaxError('the string is not closed', range);
      case 'InvalidCharacter':
        throw new JsonSyntaxError('the string holds a control character', range);
      case 'InvalidEscapeCharacter':
      case 'InvalidUnicode': {
        VALID_ESCAPES.lastIndex = range.start;
        const start = range.start + VALID_ESCAPES.exec(this.#text)![0].length;
        throw new JsonSyntaxError('unknown escape sequence', { start, end: start + 2 });
      }
      default:
        if (range.start !== this.#closing && !this.#isTrailingComma(range.start)) throw this.#unexpected(range.start);
    }
  }

  /** Whether a bracket follows a comma; reports the comma. */
  #isTrailingComma(offset: number): boolean {
    const parent = this.#open.at(-1);
    if (parent === undefined || this.#comma === null || this.#text[offset] !== bracketOf(parent)) return false;
    this.#report('trailing comma', { start: this.#comma, end: this.#comma + 1 });
    this.#closing = offset;
    return true;
  }

  #unexpected(start: number): JsonSyntaxError {
    const isEnd = start >= this.#text.length;
    const word = this.#wordAt(start);
    const range = { start, end: isEnd ? start : start + 1 };
    if (this.#expected === null) return new JsonSyntaxError('unexpected text after the value', range);
    if (this.#expected === VALUE && word !== '') {
      const message = `'${word}' is not a value; strings need double quotes`;
      return new JsonSyntaxError(message, { start, end: start + word.length });
    }
    if (isEnd && this.#open.length === 0) return new JsonSyntaxError('the text is empty', range);
    const found = isEnd ? 'the end of the text' : `'${this.#text[start]}'`;
    return new JsonSyntaxError(`expected ${this.#expected}, found ${found}`, range);
  }

  #wordAt(offset: number): string {
    WORD.lastIndex = offset;
    return WORD.exec(this.#text)![0];
  }
}

function bracketOf(node: OpenNode): string {
  return node.kind === 'object' ? '}' : ']';
}
