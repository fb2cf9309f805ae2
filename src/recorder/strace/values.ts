/**
 * Parses arguments of system calls as strace prints them.
 *
 *     items    = [ item { "," item } ]
 *     item     = [ name "=" ] value [ "=>" value ] | "..."
 *     value    = string | list | struct | call | descriptor | word
 *     string   = [ "@" ] '"' { char | escape } '"' [ "..." ]         "@": abstract socket; "...": truncated by strace
 *     escape   = "\" ( octal{1,3} | "x" hex hex | one of  " \ n t r v f ' )
 *     list     = [ "~" ] "[" items "]"
 *     struct   = "{" items "}"
 *     call     = name "(" items ")"                                    as in htons(80)
 *     descriptor = ( number | "AT_FDCWD" ) "<" target ">" [ "(deleted)" ]
 *     target   = protocol ":[" { char | string } "]"                   as in TCP:[10.0.0.1:40000->10.0.0.2:80]
 *              | { char | escape } [ "<" ( "char" | "block" ) " " number ":" number ">" ]
 *     word     = { char | string | balanced parentheses }              numbers, flags, expressions
 *
 * Comments (between slash-star and star-slash) and spaces are allowed between any two parts. strace escapes quotes inside
 * strings, angle brackets inside paths and every byte other than printable ASCII, so a traced program cannot end a string,
 * a path or a line.
 *
 * The text is hostile nevertheless (strace may be cut off, or be another program): the parser never throws, recurses at
 * most {@link MAX_DEPTH} deep and reads every character a bounded number of times.
 */

/** A descriptor with its resource as printed by strace, still escaped: `/etc/passwd`, `TCP:[…]`, `pipe:[12]`. */
export interface DescriptorValue {
  readonly kind: 'descriptor';
  /** The number, or -100 for `AT_FDCWD`. */
  readonly fd: number;
  /** The resource as printed, without the brackets and the device number. */
  readonly target: string;
  /** Whether the resource is a character or block device. */
  readonly device: boolean;
}

/** One argument, struct member or list item. */
export type StraceValue =
  /** A number, flags, `NULL`, an address or any other word. */
  | { readonly kind: 'word'; readonly text: string }
  /** A string; `bytes` holds one byte per UTF-16 unit. */
  | { readonly kind: 'string'; readonly bytes: string; readonly truncated: boolean; readonly abstract: boolean }
  | DescriptorValue
  | { readonly kind: 'list'; readonly items: readonly StraceValue[]; readonly truncated: boolean }
  /** `fields` are the named members, `items` the unnamed ones, such as `inet_pton(…)`. */
  | {
      readonly kind: 'struct';
      readonly fields: ReadonlyMap<string, StraceValue>;
      readonly items: readonly StraceValue[];
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly StraceValue[] }
  /** A value that the call changed. */
  | { readonly kind: 'change'; readonly before: StraceValue; readonly after: StraceValue };

/** `AT_FDCWD`: relative to the working directory. */
export const AT_FDCWD = -100;

/** Maximum nesting of lists and structs; strace itself stays below 10. */
export const MAX_DEPTH = 32;

const EMPTY: StraceValue = { kind: 'word', text: '' };
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /-?(?:0x[0-9a-f]+|[0-9]+)|AT_FDCWD/y;
const PROTOCOL = /[A-Z][A-Za-z0-9_-]*:\[/y;
const DEVICE = /<(?:char|block) [0-9a-fx]+:[0-9a-fx]+>/y;

/** Parses values of one line. After a call, `position` is after the value. */
export class ValueParser {
  readonly text: string;
  position: number;
  /** Whether something did not match the grammar, or the text ended inside a value. */
  damaged = false;
  #depth = 0;

  constructor(text: string, position = 0) {
    this.text = text;
    this.position = position;
  }

  /** Parses items up to a closing character (`)`, `]` or `}`), which is consumed, or up to the end of the text. */
  items(close: string): StraceValue[] {
    const items: StraceValue[] = [];
    this.#each(close, (name, value) => {
      // A named argument, as in `clone(child_stack=NULL, flags=…)`, is represented as a struct with one member.
      items.push(name === null ? value : { kind: 'struct', fields: new Map([[name, value]]), items: [] });
    });
    return items;
  }

  /** Parses a string whose quote is at the position. */
  string(abstract: boolean): StraceValue {
    const start = this.position + 1;
    const end = this.#closingQuote(start);
    this.position = Math.min(end + 1, this.text.length);
    let truncated = false;
    if (this.text.startsWith('...', this.position)) {
      truncated = true;
      this.position += 3;
    }
    return { kind: 'string', bytes: unescapeBytes(this.text.slice(start, end)), truncated, abstract };
  }

  /** Parses a descriptor if there is one at the position. */
  descriptor(): DescriptorValue | null {
    NUMBER.lastIndex = this.position;
    const number = NUMBER.exec(this.text)?.[0];
    if (number === undefined) return null;
    const open = this.position + number.length;
    if (this.text[open] !== '<' || this.text[open + 1] === '<') return null;
    PROTOCOL.lastIndex = open + 1;
    const close = PROTOCOL.test(this.text)
      ? this.#closingProtocol(PROTOCOL.lastIndex)
      : this.text.indexOf('>', open + 1);
    if (close === -1) return null;
    let target = this.text.slice(open + 1, close);
    let end = close + 1;
    const device = target.lastIndexOf('<');
    if (device !== -1) {
      DEVICE.lastIndex = open + 1 + device;
      if (!DEVICE.test(this.text) || this.text[DEVICE.lastIndex] !== '>') return null;
      end = DEVICE.lastIndex + 1;
      target = target.slice(0, device);
    }
    if (this.text.startsWith('(deleted)', end)) end += 9;
    this.position = end;
    const fd = number === 'AT_FDCWD' ? AT_FDCWD : Number(number);
    return { kind: 'descriptor', fd, target, device: device !== -1 };
  }

  #each(close: string, take: (name: string | null, value: StraceValue) => void): void {
    if (++this.#depth > MAX_DEPTH) {
      this.damaged = true;
      this.position = this.text.length;
    }
    for (;;) {
      this.#skipBlanks();
      const next = this.text[this.position];
      if (next === undefined) {
        this.damaged = true;
        break;
      }
      if (next === close) {
        this.position++;
        break;
      }
      if (next === ',') {
        this.position++;
        continue;
      }
      const before = this.position;
      const name = this.#memberName();
      take(name, this.#change());
      if (this.position === before) {
        // An unexpected closing character: skip it.
        this.damaged = true;
        this.position++;
      }
    }
    this.#depth--;
  }

  /** Parses the name of a struct member with its `=`; returns null if the item has no name. */
  #memberName(): string | null {
    NAME.lastIndex = this.position;
    const name = NAME.exec(this.text)?.[0];
    if (name === undefined) return null;
    const after = this.position + name.length;
    if (this.text[after] !== '=' || this.text[after + 1] === '>' || this.text[after + 1] === '=') return null;
    this.position = after + 1;
    return name;
  }

  /** Parses a value and, if the call changed it, its new value. */
  #change(): StraceValue {
    const before = this.#value();
    this.#skipBlanks();
    if (!this.text.startsWith('=>', this.position)) return before;
    this.position += 2;
    this.#skipBlanks();
    return { kind: 'change', before, after: this.#value() };
  }

  #value(): StraceValue {
    const start = this.position;
    const first = this.text[start];
    if (first === undefined) {
      this.damaged = true;
      return EMPTY;
    }
    if (first === '"') return this.string(false);
    if (first === '@' && this.text[start + 1] === '"') {
      this.position++;
      return this.string(true);
    }
    if (first === '[') return this.#list(start + 1);
    if (first === '~' && this.text[start + 1] === '[') return this.#list(start + 2);
    if (first === '{') return this.#struct();
    const descriptor = this.descriptor();
    if (descriptor !== null && this.#atItemEnd()) return descriptor;
    this.position = start;
    return this.#call() ?? this.#word(start);
  }

  #list(start: number): StraceValue {
    this.position = start;
    const items = this.items(']');
    const last = items.at(-1);
    const truncated = last !== undefined && last.kind === 'word' && last.text === '...';
    if (truncated) items.pop();
    return { kind: 'list', items, truncated };
  }

  #struct(): StraceValue {
    this.position++;
    const fields = new Map<string, StraceValue>();
    const items: StraceValue[] = [];
    this.#each('}', (name, value) => {
      if (name === null) items.push(value);
      else if (!fields.has(name)) fields.set(name, value);
    });
    return { kind: 'struct', fields, items };
  }

  /** Parses a call such as `htons(80)` that forms the whole item; otherwise restores the position and returns null. */
  #call(): StraceValue | null {
    const start = this.position;
    NAME.lastIndex = start;
    const name = NAME.exec(this.text)?.[0];
    if (name === undefined || this.text[start + name.length] !== '(') return null;
    const damagedBefore = this.damaged;
    const depthBefore = this.#depth;
    this.position = start + name.length + 1;
    const args = this.items(')');
    if (this.#atItemEnd()) return { kind: 'call', name, args };
    this.position = start;
    this.damaged = damagedBefore;
    this.#depth = depthBefore;
    return null;
  }

  /** Parses the text up to the end of the item, including strings, comments and balanced brackets. */
  #word(start: number): StraceValue {
    let open = 0;
    let position = start;
    for (; position < this.text.length; position++) {
      const c = this.text[position]!;
      if (c === '"') position = this.#closingQuote(position + 1);
      else if (c === '/' && this.text[position + 1] === '*') {
        if (open === 0) break;
        position = this.#commentEnd(position) - 1;
      } else if (c === '(' || c === '[' || c === '{') open++;
      else if (c === ')' || c === ']' || c === '}') {
        if (open === 0) break;
        open--;
      } else if (open === 0 && (c === ',' || (c === '=' && this.text[position + 1] === '>'))) break;
    }
    if (open > 0) this.damaged = true;
    this.position = Math.min(position, this.text.length);
    return { kind: 'word', text: this.text.slice(start, this.position).trimEnd() };
  }

  #atItemEnd(): boolean {
    this.#skipBlanks();
    const c = this.text[this.position];
    return (
      c === undefined || c === ',' || c === ')' || c === ']' || c === '}' || this.text.startsWith('=>', this.position)
    );
  }

  #skipBlanks(): void {
    for (;;) {
      const c = this.text[this.position];
      if (c === ' ' || c === '\t') this.position++;
      else if (c === '/' && this.text[this.position + 1] === '*') this.position = this.#commentEnd(this.position);
      else return;
    }
  }

  #commentEnd(start: number): number {
    const end = this.text.indexOf('*/', start + 2);
    if (end !== -1) return end + 2;
    this.damaged = true;
    return this.text.length;
  }

  /** Returns the offset of the quote that ends a string, or the end of the text. */
  #closingQuote(start: number): number {
    for (let position = start; position < this.text.length; position++) {
      const c = this.text.charCodeAt(position);
      if (c === 34) return position;
      if (c === 92) position++;
    }
    this.damaged = true;
    return this.text.length;
  }

  /** Returns the offset of the `>` after the `]` at the end of a socket's description; -1 if there is none. */
  #closingProtocol(start: number): number {
    for (let position = start; position < this.text.length; position++) {
      const c = this.text[position];
      if (c === '"') position = this.#closingQuote(position + 1);
      else if (c === ']' && this.text[position + 1] === '>') return position + 1;
    }
    return -1;
  }
}

const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|([\s\S]))/g;
const LETTERS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' };

/** Decodes an escaped text to bytes, one per UTF-16 unit. */
export function unescapeBytes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (_, octal?: string, hex?: string, letter?: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return LETTERS[letter!] ?? letter!;
  });
}
