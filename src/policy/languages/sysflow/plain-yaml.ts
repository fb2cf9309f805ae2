/**
 * Decides without a YAML parser whether a file is valid YAML with the meaning that the tolerant reader found.
 *
 * Nearly all policies use a small subset of YAML, and a few violate YAML in ways that are easy to recognize. Neither
 * needs the YAML library, whose loading takes longer than the rest of the start-up. The subset:
 *
 * ```
 * file   = { "- " key value { "  " key value } } ;   items at column 1, keys at column 3, blank and comment lines between
 * value  = " " ( plain | quoted | flow | folded ) ;
 * plain  = words without ": " and " #", the first character a letter, digit or one of _ / . ( < $ ~ + = ^ ;
 *          may continue on further lines, indented by at least three spaces
 * quoted = a text in quotes on one line, not a condition ;
 * flow   = "[" … "]" of such words without brackets and braces, or of quoted texts on one line ;
 *          may continue on further lines, indented by at least three spaces, the closing bracket by two
 * folded = ">" line { line } ;      indented by at least three spaces, and no line less than the first
 * ```
 *
 * All other files are left to the library, unless they are certainly not valid YAML.
 */
import type { SourceRange, SourceText } from '../../../diagnostics/diagnostic.js';
import type { RawEntry, RawItem, RawScalar } from './document.js';
import type { TolerantDocument } from './tolerant-reader.js';
import { unquote } from './yaml-quotes.js';

export type PlainVerdict =
  /** The file is valid YAML, with these items. */
  | { readonly kind: 'yaml'; readonly items: readonly RawItem[] }
  /** The file is not valid YAML. */
  | { readonly kind: 'not-yaml'; readonly message: string; readonly range: SourceRange }
  | { readonly kind: 'unknown' };

const UNKNOWN: PlainVerdict = { kind: 'unknown' };

/** An entry with a plain text on the line of its key; most entries have this form. */
const PLAIN_LINE = /(?:- | {2})[\w-]+: [\w/.(<$~+=^](?:[!-9;-~]|:(?=[!-~])| (?=[^#\n]))*\n/y;
const PLAIN_START = /^[\w/.(<$~+=^]/;
/** Contents that are not allowed in a plain text: a key, a comment, a line break other than `\n`. */
const NOT_PLAIN = /:(?=[ \t\n]|$)|[ \t\n]#|[^\x20-\x7e\n\t]/;
/** A line with too little indentation, or with a tab as indentation. */
const BADLY_INDENTED = /\n {0,2}(?:\t[ \t]*[^ \t]?|[^ \t\n])/;
/** Characters that are not allowed in a list item. */
const NOT_FLOW = /[[\]{},\n]|:(?=[ \t,[\]{}]|$)|[ \t]#/;
/** A quoted text on one line with valid escapes. */
const SIMPLY_QUOTED = /^(?:'(?:[^'\n]|'')*'|"(?:[^"\\\n]|\\(?:["\\/abefnrtv0 ]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}))*")$/;
/** Text between two entries of a list, before the first, and after the last. */
const SEPARATOR = /^[ \n]*,[ \n]*$/;
const AT_START = /^[ \n]*$/;
const AT_END = /^[ \n]*,?[ \n]*$/;
const KEY_COLUMN = 2;

/** Judges a file by what the tolerant reader found in it. */
export function judgePlainYaml(source: SourceText, document: TolerantDocument): PlainVerdict {
  const items: RawItem[] = [];
  let at = 0;
  for (const item of document.items) {
    const judged = new ItemJudge(source.text, item, at).judge();
    if ('kind' in judged) return judged;
    items.push({ ...item, entries: judged.entries });
    at = judged.end;
  }
  return document.strays.length === 0 && items.length > 0 && endOfEmptyLines(source.text, at) === source.text.length
    ? { kind: 'yaml', items }
    : UNKNOWN;
}

type Judged = { readonly entries: readonly RawEntry[]; readonly end: number } | PlainVerdict;

class ItemJudge {
  readonly #text: string;
  readonly #item: RawItem;
  #at: number;

  /** @param from end of the previous item */
  constructor(text: string, item: RawItem, from: number) {
    this.#text = text;
    this.#item = item;
    this.#at = from;
  }

  judge(): Judged {
    const { start } = this.#item.range;
    const lineStart = this.#lineStart(start);
    if (!this.#onlyEmptyLinesBefore(lineStart)) return UNKNOWN;
    if (lineStart < start) return this.#indentedItem(lineStart, start);
    if (!/^- \S/.test(this.#text.slice(start, start + 3))) return UNKNOWN;
    const entries: RawEntry[] = [];
    this.#at = start;
    for (const entry of this.#item.entries) {
      const judged = this.#entry(entry, entries.length === 0);
      if ('kind' in judged) return judged;
      entries.push(judged.value === entry.value ? entry : { ...entry, value: judged.value });
    }
    return entries.length === 0 ? UNKNOWN : { entries, end: this.#at };
  }

  #indentedItem(lineStart: number, start: number): PlainVerdict {
    const indent = this.#text.slice(lineStart, start);
    if (/^\t/.test(indent)) return tabAt(lineStart);
    // After an item at column 1 this indentation is invalid. From column 4 on the line may belong to a text.
    if (!/^ {1,2}$/.test(indent) || this.#at === 0) return UNKNOWN;
    const message = 'all items must start at the same column';
    return { kind: 'not-yaml', message, range: { start, end: start + 1 } };
  }

  #entry(entry: RawEntry, first: boolean): { readonly value: RawEntry['value'] } | PlainVerdict {
    const { keyRange, value } = entry;
    if (value?.kind === 'scalar' && this.#isPlainLine(value)) return { value };
    const lineStart = this.#lineStart(keyRange.start);
    if (first ? keyRange.start !== this.#at + KEY_COLUMN : !this.#onlyEmptyLinesBefore(lineStart)) return UNKNOWN;
    if (!first) {
      const indent = this.#text.slice(lineStart, keyRange.start);
      if (/^\t/.test(indent)) return tabAt(lineStart);
      if (indent !== '  ') return UNKNOWN;
    }
    const colon = keyRange.end;
    if (value === null || value.kind === 'other' || !/^:[ \n]/.test(this.#text.slice(colon, colon + 2))) return UNKNOWN;
    const between = this.#text.slice(colon + 1, value.range.start);
    if (value.kind === 'list') return this.#flow(entry, between);
    if (/^ *>\n *$/.test(between)) return this.#folded(entry.key, value);
    return /^(?: +| *\n {3,})$/.test(between) ? this.#plain(entry, value) : UNKNOWN;
  }

  /** Whether a plain text fills the rest of its key's line; if so, moves to the next line. */
  #isPlainLine({ range }: RawScalar): boolean {
    PLAIN_LINE.lastIndex = this.#at;
    if (!PLAIN_LINE.test(this.#text) || PLAIN_LINE.lastIndex !== range.end + 1) return false;
    this.#at = PLAIN_LINE.lastIndex;
    return true;
  }

  #plain({ key, keyRange }: RawEntry, value: RawScalar): { readonly value: RawScalar } | PlainVerdict {
    const { start, end } = value.range;
    const text = this.#text.slice(start, end);
    if (key !== 'condition' && isSimplyQuoted(text)) {
      this.#at = end;
      return this.#endsLine() ? { value: { ...value, text: unquote(this.#text, start, end).text } } : UNKNOWN;
    }
    if (text !== value.text || !PLAIN_START.test(text)) return UNKNOWN;
    const badly = BADLY_INDENTED.exec(text);
    const found = NOT_PLAIN.exec(text);
    if (badly !== null && (found === null || found.index > badly.index)) {
      const tab = badly[0].indexOf('\t');
      // A line of whitespace alone is left to the library.
      return tab === -1 || /\s$/.test(badly[0]) ? UNKNOWN : tabAt(start + badly.index + tab);
    }
    if (found !== null) {
      // On a line of its own the text may be a map, which may be valid YAML.
      if (found[0] !== ':' || text.includes('\n') || this.#lineStart(start) >= keyRange.end) return UNKNOWN;
      const message = "': ' within a text without quotes";
      return { kind: 'not-yaml', message, range: { start: start + found.index, end: start + found.index + 1 } };
    }
    if (badly !== null || (key !== 'condition' && text.includes('\t'))) return UNKNOWN;
    this.#at = end;
    if (!this.#endsLine()) return UNKNOWN;
    return { value };
  }

  #folded(key: string, value: RawScalar): { readonly value: RawScalar } | PlainVerdict {
    const from = this.#lineStart(value.range.start);
    const text = this.#text.slice(from, value.range.end);
    this.#at = value.range.end;
    const indent = /^ */.exec(text)![0];
    const lines = text.split('\n');
    const indented = lines.every((line) => line.startsWith(indent) || /^ *$/.test(line));
    if (/[^\x20-\x7e\n]/.test(text) || indent.length <= KEY_COLUMN || !indented || !this.#endsLine()) return UNKNOWN;
    // In YAML, comments are part of the text; the lexer of conditions recognizes them as comments.
    if (key === 'condition') return { value };
    const behind = this.#text.slice(value.range.end);
    if (/(^|[ \n])#/.test(text) || /^ *(?:#|(?:\n *)*\n {3,}#)/.test(behind)) return UNKNOWN;
    return { value };
  }

  #flow(entry: RawEntry, between: string): { readonly value: RawEntry['value'] } | PlainVerdict {
    const { value } = entry;
    if (value?.kind !== 'list' || !/^ +$/.test(between)) return UNKNOWN;
    const { start, end } = value.range;
    if (this.#text[start] !== '[' || this.#text[end - 1] !== ']') return UNKNOWN;
    const text = this.#text.slice(start, end);
    if (/[^\x20-\x7e\n]|\n ?\]$/.test(text) || !this.#indented(text.slice(0, -1))) return UNKNOWN;
    const items: RawScalar[] = [];
    let at = start + 1;
    for (const item of value.items) {
      const separator = items.length === 0 ? AT_START : SEPARATOR;
      const judged = separator.test(this.#text.slice(at, item.range.start)) ? this.#flowEntry(item) : null;
      if (judged === null) return UNKNOWN;
      items.push(judged);
      at = item.range.end;
    }
    if (!(items.length === 0 ? AT_START : AT_END).test(this.#text.slice(at, end - 1))) return UNKNOWN;
    this.#at = end;
    if (!this.#endsLine()) return UNKNOWN;
    return { value: items.every((item, i) => item === value.items[i]) ? value : { ...value, items } };
  }

  /** Reads an entry of a list: a word, or a quoted text. */
  #flowEntry(entry: RawScalar): RawScalar | null {
    const { start, end } = entry.range;
    const written = this.#text.slice(start, end);
    if (isSimplyQuoted(written)) {
      const inner = written.slice(1, -1);
      return { ...entry, text: /[\\']/.test(inner) ? unquote(this.#text, start, end).text : inner };
    }
    return written === entry.text && PLAIN_START.test(written) && !NOT_FLOW.test(written) ? entry : null;
  }

  /** Whether the lines after the first have the indentation of a continued value. */
  #indented(text: string): boolean {
    return !/\n {0,2}\S/.test(text);
  }

  /** Whether only a comment follows the value on its line. */
  #endsLine(): boolean {
    const newline = this.#text.indexOf('\n', this.#at);
    const rest = this.#text.slice(this.#at, newline === -1 ? undefined : newline);
    if (!/^ *$|^ +#/.test(rest)) return false;
    this.#at = newline === -1 ? this.#text.length : newline + 1;
    return true;
  }

  /** Whether all lines from here to another line are empty or comments. */
  #onlyEmptyLinesBefore(lineStart: number): boolean {
    return lineStart >= this.#at && endOfEmptyLines(this.#text, this.#at) >= lineStart;
  }

  #lineStart(at: number): number {
    return at === 0 ? 0 : this.#text.lastIndexOf('\n', at - 1) + 1;
  }
}

/** The limit keeps the regular expression from exhausting its stack. */
function isSimplyQuoted(text: string): boolean {
  return text.length < 10_000 && SIMPLY_QUOTED.test(text);
}

/** Returns the end of the empty and comment lines at an offset. */
function endOfEmptyLines(text: string, from: number): number {
  for (let line = from; ; ) {
    let at = line;
    while (text[at] === ' ') at++;
    if (text[at] === '#') {
      const newline = text.indexOf('\n', at);
      at = newline === -1 ? text.length : newline;
    }
    if (at >= text.length) return text.length;
    if (text[at] !== '\n') return line;
    line = at + 1;
  }
}

function tabAt(start: number): PlainVerdict {
  return { kind: 'not-yaml', message: 'tabs are not allowed as indentation', range: { start, end: start + 1 } };
}
