/**
 * Reads policy files that look like YAML but are not valid YAML: with tabs, items at different columns, `: ` in texts.
 *
 * It accepts what the original's grammar accepts, which ignores indentation and line breaks, and continues after
 * anything else:
 *
 * ```
 * file      = { item } ;
 * item      = "-" key value { key value } ;
 * key       = name ":" [ ">" | "|" … ] ;       at the start of a line, or after a space where the previous value can end
 * value     = text | condition | list ;          depending on the key
 * text      = … up to the next key or item ;     a name only up to "desc" or "condition", a description up to "condition"
 * condition = … up to the next key or item ;     not inside quotes
 * list      = "[" [ entry { "," entry } [ "," ] ] "]" | { "-" entry } | entry ;
 * entry     = string | "[" … "]" | … up to "," or "]" or the end of the line ;
 * comment   = "#" … end of line ;                after whitespace or at the start of a line
 * ```
 *
 * Extensions of the original's grammar: block lists, `|` and `>-`, lists in lists, entries with spaces, keys in any
 * order, and key names inside texts if the column or the order of the keys shows that they are not keys.
 */
import type { SourceRange, SourceText } from '../../../diagnostics/diagnostic.js';
import type { RawEntry, RawItem, RawScalar, RawValue } from './document.js';
import { ITEMS } from './keys.js';

/** A part of a file that does not belong to an item, or that ends one early. */
export interface Stray {
  readonly message: string;
  readonly range: SourceRange;
}

export interface TolerantDocument {
  readonly items: readonly RawItem[];
  readonly strays: readonly Stray[];
}

/** Reads a file. Never fails, whatever the file contains. */
export function readTolerantly(source: SourceText): TolerantDocument {
  return new TolerantReader(source).read();
}

const HEADINGS: ReadonlySet<string> = new Set(ITEMS.map(({ heading }) => heading));
const KEYS: ReadonlySet<string> = new Set(ITEMS.flatMap(({ keys }) => Object.keys(keys)));
const LIST_KEYS: ReadonlySet<string> = new Set(['items', 'tags', 'prefilter', 'actions']);
/** Keys whose text may contain words that look like keys, and the keys that end such a text anywhere. */
const ENDED_BY: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['rule', new Set(['desc', 'condition'])],
  ['desc', new Set(['condition'])],
]);

/** A key: its name, and the characters allowed before its value. */
const KEY = /[A-Za-z_][\w-]*[ \t]*:(?=[\s>|["']|$)/y;
const MARKER = /[ \t]*(?:[>|][-+0-9]*[ \t]*(?=\r?\n|$)|>(?=\s))?/y;
const DASH = /-[ \t]*/y;

/**
 * Runs of characters are matched by one regular expression each. Scanning them character by character took most of the
 * reader's time.
 */
const BLANKS = /[\t-\r \ufeff]*/y;
/** Where a value may end, or a comment or string in it may start: at the start of a word. */
const TURN = /(?<=[\t-\r \ufeff()[\]=<>,])(?:["'#-]|[A-Za-z_][\w-]*[ \t]*:(?=[\s>|["']|$))/g;
/** The same for a condition, in which strings can start anywhere. */
const TURN_IN_CONDITION = /["']|(?<=[\t-\r \ufeff()[\]=<>,])(?:[#-]|[A-Za-z_][\w-]*[ \t]*:(?=[\s>|["']|$))/g;
const BARE_ENTRY = /[^,\n[\]#]*/y;

class TolerantReader {
  readonly #source: SourceText;
  readonly #text: string;
  readonly #items: RawItem[] = [];
  readonly #strays: Stray[] = [];
  #at = 0;
  #lineFrom = 0;
  #lineTo = -1;

  constructor(source: SourceText) {
    this.#source = source;
    this.#text = source.text;
  }

  read(): TolerantDocument {
    for (;;) {
      this.#at = this.#skipBlanks(this.#at);
      if (this.#at >= this.#text.length) break;
      if (this.#itemAt(this.#at)) this.#item();
      else this.#stray();
    }
    return { items: this.#items, strays: this.#strays };
  }

  /** Skips text that is not an item, up to the next item at the start of a line. */
  #stray(): void {
    const start = this.#at;
    let at = start;
    do at = this.#skipBlanks(this.#lineEnd(at));
    while (at < this.#text.length && !this.#itemAt(at));
    this.#at = at;
    const end = this.#trimEnd(start, this.#lineEnd(start));
    if (this.#text.slice(start, end) === '---' || this.#text.slice(start, end) === '...') return;
    this.#strays.push({
      message: 'expected a rule, filter, macro or list; this is ignored',
      range: { start, end },
    });
  }

  #item(): void {
    const start = this.#at;
    const entries: RawEntry[] = [];
    this.#at = this.#matchEnd(DASH, start);
    for (let at: number = this.#at; at < this.#text.length; at = this.#skipBlanks(this.#at)) {
      const key = this.#keyAt(at);
      if (key === null) break;
      entries.push(this.#entry(at, KEY.lastIndex, key));
    }
    this.#items.push({ source: this.#source, entries, range: { start, end: this.#at } });
  }

  /** Returns the key at an offset, or null. After a match `KEY.lastIndex` is the offset after its colon. */
  #keyAt(at: number): string | null {
    KEY.lastIndex = at;
    return KEY.test(this.#text) ? this.#text.slice(at, KEY.lastIndex - 1).trimEnd() : null;
  }

  /** Reads the value of a key, whose colon ends at `keyEnd`. */
  #entry(start: number, keyEnd: number, key: string): RawEntry {
    this.#at = this.#matchEnd(MARKER, keyEnd);
    const value = LIST_KEYS.has(key) ? this.#list(key, start) : this.#textValue(key, start);
    return { key, keyRange: { start, end: start + key.length }, value };
  }

  /** Reads a text or a condition. */
  #textValue(key: string, keyStart: number): RawScalar | null {
    const start = this.#skipBlanks(this.#at);
    const end = this.#valueEnd(start, key, this.#column(keyStart));
    this.#at = end;
    const trimmed = this.#trimEnd(start, end);
    if (trimmed <= start) return null;
    const text = this.#text.slice(start, trimmed);
    const quoted = key !== 'condition' && isQuoted(text);
    const range = { start, end: trimmed };
    return { kind: 'scalar', text: quoted ? text.slice(1, -1) : text, range, offsets: null };
  }

  /** Returns the end of a value: the start of the next key or item. */
  #valueEnd(start: number, key: string, column: number): number {
    const turn = key === 'condition' ? TURN_IN_CONDITION : TURN;
    let at = start;
    while (at < this.#text.length) {
      const c = this.#text[at]!;
      if (c === '#') at = this.#lineEnd(at);
      else if (c === '"' || c === "'") at = this.#skipString(at) + 1;
      else if (this.#isKey(at, key, column) || (this.#itemAt(at) && this.#mayEndAt(at, key))) return at;
      else at++;
      turn.lastIndex = at;
      at = turn.exec(this.#text)?.index ?? this.#text.length;
    }
    return this.#text.length;
  }

  /**
   * Returns the offset of the last character of a string that starts here and ends on the same line; otherwise the
   * given offset.
   */
  #skipString(at: number): number {
    const close = this.#text.indexOf(this.#text[at]!, at + 1);
    return close === -1 || close > this.#lineEnd(at) ? at : close;
  }

  /** Whether an item can end a value here: a name or description ends only at the end of a line. */
  #mayEndAt(at: number, key: string): boolean {
    return !ENDED_BY.has(key) || this.#startsLine(at);
  }

  /** Whether a key starts here that ends the value of another key at that column. */
  #isKey(at: number, inside: string, column: number): boolean {
    const name = this.#keyAt(at);
    if (name === null) return false;
    const startsLine = this.#startsLine(at);
    const outside = startsLine && this.#column(at) <= column;
    if (!KEYS.has(name)) return outside && this.#column(at) === column;
    const endedBy = ENDED_BY.get(inside);
    if (endedBy !== undefined) return endedBy.has(name) || outside;
    return startsLine || !HEADINGS.has(name);
  }

  /** Whether an item starts here: a dash and a heading, or at the start of a line a dash and any key. */
  #itemAt(at: number): boolean {
    if (this.#text[at] !== '-') return false;
    const name = this.#keyAt(this.#skipBlanks(at + 1));
    return name !== null && (HEADINGS.has(name) || (KEYS.has(name) && this.#startsLine(at)));
  }

  #list(key: string, keyStart: number): RawValue | null {
    const start = this.#skipBlanks(this.#at);
    if (this.#text[start] === '[') {
      this.#at = start;
      return this.#flowList();
    }
    if (this.#text[start] === '-' && !this.#itemAt(start)) return this.#blockList(start, key);
    return this.#textValue(key, keyStart);
  }

  /** Reads `[…]`; nested brackets are flattened. */
  #flowList(): RawValue {
    const start = this.#at;
    const items: RawScalar[] = [];
    let depth = 0;
    for (;;) {
      const at = this.#skipBlanks(this.#at);
      const c = this.#text[at];
      if (c === undefined || (this.#startsLine(at) && (this.#itemAt(at) || this.#knownKeyAt(at)))) {
        this.#at = at;
        this.#strays.push({ message: "missing ']' for this '['", range: { start, end: start + 1 } });
        return { kind: 'other', range: { start, end: start + 1 } };
      }
      this.#at = at + 1;
      if (c === '[') depth++;
      else if (c === ']') depth--;
      else if (c !== ',') {
        this.#at = at;
        items.push(this.#flowEntry());
      }
      if (depth === 0) return { kind: 'list', items, range: { start, end: this.#at } };
    }
  }

  #knownKeyAt(at: number): boolean {
    return KEYS.has(this.#keyAt(at) ?? '');
  }

  /** Reads an entry of `[…]`: a string, or everything up to a comma, a bracket or a comment. */
  #flowEntry(): RawScalar {
    const start = this.#at;
    const string = this.#stringEnd(start);
    if (this.#endsEntry(string)) {
      this.#at = string;
      const quote = this.#quoteAt(start).length;
      const range = { start, end: string };
      return { kind: 'scalar', text: this.#text.slice(start + quote, string - quote), range, offsets: null };
    }
    const escaped = this.#escapedStringEnd(start);
    if (this.#endsEntry(escaped)) {
      this.#at = escaped;
      const text = this.#text.slice(start + 1, escaped - 1).replace(/\\(["\\])/g, '$1');
      return { kind: 'scalar', text, range: { start, end: escaped }, offsets: null };
    }
    const at = this.#bareEntryEnd(start);
    this.#at = at;
    const end = this.#trimEnd(start, at);
    return { kind: 'scalar', text: this.#text.slice(start, end), range: { start, end }, offsets: null };
  }

  /** Whether an entry ends after the string that ends here; -1 stands for no string. */
  #endsEntry(at: number): boolean {
    return at !== -1 && /^[ \t\r\n]*([,\]#]|$)/.test(this.#text.slice(at, at + 40));
  }

  /**
   * Returns the end of the double-quoted string that starts here and contains escaped quotes; -1 if it does not end on
   * this line.
   */
  #escapedStringEnd(start: number): number {
    if (this.#text[start] !== '"') return -1;
    const lineEnd = this.#lineEnd(start);
    for (let at = start + 1; at < lineEnd; at++) {
      if (this.#text[at] === '"') return at + 1;
      if (this.#text[at] === '\\') at++;
    }
    return -1;
  }

  /** Returns the end of an entry without quotes; balanced brackets are part of it. */
  #bareEntryEnd(start: number): number {
    let brackets = 0;
    for (let at = start; ; at++) {
      at = this.#matchEnd(BARE_ENTRY, at);
      const c = this.#text[at];
      if (c === undefined || c === ',' || c === '\n' || (c === ']' && brackets === 0)) return at;
      if (c === '#' && at > start && isBlank(this.#text.charCodeAt(at - 1))) return at;
      if (c === '[') brackets++;
      else if (c === ']') brackets--;
    }
  }

  /** Returns the quotes that open a string here, or the empty text. */
  #quoteAt(at: number): string {
    if (!'"\'\\'.includes(this.#text.charAt(at))) return '';
    for (const quote of ['"', '\\"', "''", "'"]) {
      if (!this.#text.startsWith(quote, at)) continue;
      if (quote !== "''" || /^''[^\s,\]]/.test(this.#text.slice(at, at + 3))) return quote;
    }
    return '';
  }

  /** Returns the offset after the closing quotes of the string that starts here; -1 if it does not end on this line. */
  #stringEnd(at: number): number {
    const quote = this.#quoteAt(at);
    if (quote === '') return -1;
    const close = this.#text.indexOf(quote, at + quote.length);
    return close === -1 || close >= this.#lineEnd(at) ? -1 : close + quote.length;
  }

  /** Reads lines that start with a dash. */
  #blockList(start: number, key: string): RawValue {
    const items: RawScalar[] = [];
    let at = start;
    let end = start;
    while (this.#text[at] === '-' && this.#startsLine(at) && !this.#itemAt(at)) {
      const from = this.#matchEnd(DASH, at);
      this.#at = from;
      const lineEnd = this.#lineEnd(from);
      const commentless = this.#text.slice(from, lineEnd).search(/(^|\s)#/);
      end = this.#trimEnd(from, commentless === -1 ? lineEnd : from + commentless);
      const text = this.#text.slice(from, end);
      if (text !== '') {
        const quoted = isQuoted(text) ? text.slice(1, -1) : text;
        items.push({ kind: 'scalar', text: quoted, range: { start: from, end }, offsets: null });
      }
      at = this.#skipBlanks(lineEnd);
    }
    this.#at = end;
    return items.length === 0 && key !== 'items'
      ? { kind: 'other', range: { start, end } }
      : { kind: 'list', items, range: { start, end } };
  }

  /** Skips whitespace, line breaks and comments. */
  #skipBlanks(from: number): number {
    let at = from;
    for (;;) {
      at = this.#matchEnd(BLANKS, at);
      if (this.#text[at] !== '#') return at;
      at = this.#lineEnd(at);
    }
  }

  /**
   * Returns the end of a text without trailing whitespace and comments; `#` inside strings does not start a comment.
   */
  #trimEnd(start: number, end: number): number {
    const text = this.#text.slice(start, end);
    if (!text.includes('#')) return start + text.trimEnd().length;
    let last = start;
    for (let at = start; at < end; at++) {
      const c = this.#text[at]!;
      const startsWord = at === start || isBlank(this.#text.charCodeAt(at - 1));
      if (c === '#' && startsWord) at = this.#lineEnd(at);
      else if (c === '"' || (c === "'" && (startsWord || '(,=['.includes(this.#text[at - 1]!)))) {
        at = Math.min(this.#skipString(at), end - 1);
        last = at + 1;
      } else if (!isBlank(this.#text.charCodeAt(at))) last = at + 1;
    }
    return last;
  }

  /** Whether only whitespace precedes this offset on its line. */
  #startsLine(at: number): boolean {
    let i = at - 1;
    while (i >= 0 && (this.#text[i] === ' ' || this.#text[i] === '\t')) i--;
    return i < 0 || this.#text[i] === '\n';
  }

  #column(at: number): number {
    this.#findLine(at);
    return at - this.#lineFrom;
  }

  #lineEnd(from: number): number {
    this.#findLine(from);
    return this.#lineTo;
  }

  /**
   * Finds the line of an offset. The result is cached, since searching for its ends again takes time proportional to
   * the line each time.
   */
  #findLine(at: number): void {
    if (at >= this.#lineFrom && at <= this.#lineTo) return;
    this.#lineFrom = at === 0 ? 0 : this.#text.lastIndexOf('\n', at - 1) + 1;
    const newline = this.#text.indexOf('\n', at);
    this.#lineTo = newline === -1 ? this.#text.length : newline;
  }

  #matchEnd(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    return pattern.test(this.#text) ? pattern.lastIndex : at;
  }
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xfeff;
}

/** Whether a text is a single quoted string. */
function isQuoted(text: string): boolean {
  const quote = text[0];
  return text.length >= 2 && (quote === '"' || quote === "'") && text.indexOf(quote, 1) === text.length - 1;
}
