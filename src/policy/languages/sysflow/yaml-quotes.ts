/**
 * Decodes quoted YAML scalars and records the offset of each character. The text is the same as that of the YAML
 * library.
 *
 * A quoted condition is parsed from the decoded text, but its diagnostics must point into the file.
 */

export interface MappedText {
  readonly text: string;
  /** The offset in the file of each character, and of the closing quote. */
  readonly offsets: Int32Array;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * Decodes a quoted scalar.
 *
 * @param file the text of the file
 * @param start offset of the opening quote, `'` or `"`
 * @param end offset after the closing quote
 */
export function unquote(file: string, start: number, end: number): MappedText {
  const double = file[start] === '"';
  const out = new TextBuilder();
  const last = end - 1;
  let i = start + 1;
  while (i < last) {
    const c = file[i]!;
    if (c === "'" && !double && file[i + 1] === "'" && i + 1 < last) {
      out.push("'", i);
      i += 2;
    } else if (c === '\\' && double && i + 1 < last) i = readEscape(file, i, last, out);
    else if (c === ' ' || c === '\t' || c === '\r' || c === '\n') i = blanks(file, i, last, out);
    else {
      out.push(c, i);
      i++;
    }
  }
  return out.finish(last);
}

class TextBuilder {
  #text = '';
  readonly #offsets: number[] = [];

  push(text: string, offset: number): void {
    this.#text += text;
    for (let i = 0; i < text.length; i++) this.#offsets.push(offset);
  }

  finish(end: number): MappedText {
    this.#offsets.push(end);
    return { text: this.#text, offsets: Int32Array.from(this.#offsets) };
  }
}

/** Reads a run of whitespace. A single line break becomes a space; of several, one is removed. */
function blanks(file: string, start: number, end: number, out: TextBuilder): number {
  let i = start;
  while (i < end && (file[i] === ' ' || file[i] === '\t')) i++;
  if (i >= end || (file[i] !== '\n' && file[i] !== '\r')) {
    for (let j = start; j < i; j++) out.push(file[j]!, j);
    return i;
  }
  return foldBreaks(file, i, end, out);
}

/** Reads line breaks and the whitespace around them; writes the folded result. */
function foldBreaks(file: string, start: number, end: number, out: TextBuilder): number {
  let i = start;
  let breaks = 0;
  while (i < end && ' \t\r\n'.includes(file[i]!)) {
    if (file[i] === '\n') breaks++;
    i++;
  }
  if (breaks === 1) out.push(' ', start);
  for (let j = 1; j < breaks; j++) out.push('\n', start);
  return i;
}

/** Reads an escape sequence of a double-quoted scalar. */
function readEscape(file: string, start: number, end: number, out: TextBuilder): number {
  const c = file[start + 1]!;
  if (c === '\n' || c === '\r') return skipContinuation(file, start + 1, end);
  const digits = HEX_LENGTHS[c];
  if (digits !== undefined) {
    const code = Number.parseInt(file.slice(start + 2, start + 2 + digits), 16);
    if (code >= 0 && code <= 0x10ffff) out.push(String.fromCodePoint(code), start);
    return start + 2 + digits;
  }
  out.push(SIMPLE_ESCAPES[c] ?? `\\${c}`, start);
  return start + 2;
}

/** Skips an escaped line break and the whitespace at the start of the next line. */
function skipContinuation(file: string, start: number, end: number): number {
  let i = file[start] === '\r' ? start + 2 : start + 1;
  while (i < end && (file[i] === ' ' || file[i] === '\t')) i++;
  return i;
}
