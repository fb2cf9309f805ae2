/**
 * Reads JSON texts without building objects: a value is represented by the substring in which it is written.
 *
 * Nothing here recurses, so that no nesting of the text can exhaust the stack. On invalid JSON the functions return an
 * arbitrary part of the text or nothing, but never throw.
 */

/** Type of a value, determined by its first character; `none` means that there is no value. */
export type JsonType = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null' | 'none';

export function typeOf(raw: string): JsonType {
  switch (raw.charCodeAt(0)) {
    case 0x7b:
      return 'object';
    case 0x5b:
      return 'array';
    case QUOTE:
      return 'string';
    case 0x74:
      return 'true';
    case 0x66:
      return 'false';
    case 0x6e:
      return 'null';
    default:
      return /^[-+0-9.IN]/i.test(raw) ? 'number' : 'none';
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Returns the offset of the next character that is not whitespace. */
export function skipBlanks(text: string, from: number): number {
  let i = from;
  while (i < text.length && text.charCodeAt(i) <= 0x20) i++;
  return i;
}

/** Returns the offset after the string whose quote is at `from`. */
export function stringEnd(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === BACKSLASH) i++;
    else if (unit === QUOTE) return i + 1;
  }
  return text.length;
}

/** Returns the offset after the value at `from`. Parentheses count as brackets, for the texts of paths. */
export function valueEnd(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return stringEnd(text, from);
  if (!isOpening(first)) return scalarEnd(text, from);
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) i = stringEnd(text, i) - 1;
    else if (isOpening(unit)) depth++;
    else if (isClosing(unit) && --depth === 0) return i + 1;
  }
  return text.length;
}

/** Returns the first value of a text without surrounding whitespace; empty if there is none. */
export function firstValue(text: string): string {
  const start = skipBlanks(text, 0);
  return start === 0 && scanEnd(text, 0) === text.length ? text : text.slice(start, scanEnd(text, start));
}

/** Like {@link firstValue}, but an array or object includes everything that follows it. */
export function wholeValue(text: string): string {
  const start = skipBlanks(text, 0);
  return isOpening(text.charCodeAt(start)) ? text.slice(start) : firstValue(text);
}

function scanEnd(text: string, start: number): number {
  return start < text.length ? valueEnd(text, start) : start;
}

/**
 * Visits the members of an object in order.
 *
 * @param visit receives the key with its quotes and the value; returns false to stop
 */
export function eachMember(raw: string, visit: (key: string, value: string) => boolean): void {
  for (let i = 1; i < raw.length; ) {
    const unit = raw.charCodeAt(i);
    if (unit === 0x7d) return;
    if (unit !== QUOTE) {
      i++;
      continue;
    }
    const keyEnd = stringEnd(raw, i);
    const start = skipBlanksAndColon(raw, keyEnd);
    if (start >= raw.length) return;
    const end = valueEnd(raw, start);
    if (!visit(raw.slice(i, keyEnd), raw.slice(start, end))) return;
    i = Math.max(end, start + 1);
  }
}

/** Visits the elements of an array in order, until `visit` returns false. */
export function eachElement(raw: string, visit: (value: string) => boolean): void {
  for (let i = 1; i < raw.length; ) {
    const unit = raw.charCodeAt(i);
    if (unit === 0x5d) return;
    if (unit <= 0x20 || unit === 0x2c) {
      i++;
      continue;
    }
    const end = Math.max(valueEnd(raw, i), i + 1);
    if (!visit(raw.slice(i, end))) return;
    i = end;
  }
}

function skipBlanksAndColon(text: string, from: number): number {
  let i = from;
  while (i < text.length && (text.charCodeAt(i) <= 0x20 || text.charCodeAt(i) === 0x3a)) i++;
  return i;
}

function scalarEnd(text: string, from: number): number {
  let i = from;
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= 0x20 || unit === 0x2c || unit === 0x3a || isClosing(unit)) break;
  }
  return i;
}

function isOpening(unit: number): boolean {
  return unit === 0x7b || unit === 0x5b || unit === 0x28;
}

function isClosing(unit: number): boolean {
  return unit === 0x7d || unit === 0x5d || unit === 0x29;
}

/** Decodes a string value. An unpaired surrogate becomes U+FFFD. */
export function unquote(raw: string): string {
  const closed = raw.length > 1 && raw.charCodeAt(raw.length - 1) === QUOTE;
  const inner = raw.slice(1, closed ? -1 : undefined);
  if (!inner.includes('\\')) return inner;
  return inner
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.?))/gs, (_, hex: string | undefined, short: string) =>
      hex !== undefined ? String.fromCharCode(Number.parseInt(hex, 16)) : (ESCAPES[short] ?? short),
    )
    .replace(LONE_SURROGATE, '\ufffd');
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Encodes a text as a string value. Like Go, it also escapes `<`, `>`, `&` and line separators. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Converts a value to text: strings without quotes, arrays and objects as written, null and a missing value as the
 * empty text. Integers are returned as written, other numbers in decimal without an exponent.
 */
export function textOfValue(raw: string): string {
  switch (typeOf(raw)) {
    case 'string':
      return unquote(raw);
    case 'number':
      return /^-?[0-9]+$/.test(raw) ? raw : formatFloat(numberOf(raw));
    case 'true':
      return 'true';
    case 'false':
      return 'false';
    case 'object':
    case 'array':
      return raw;
    default:
      return '';
  }
}

/** Parses a number; returns 0 if the text is not a number. */
export function numberOf(text: string): number {
  if (/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(text)) return Number(text);
  if (/^\+?inf(?:inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-inf(?:inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY;
  return /^nan$/i.test(text) ? Number.NaN : 0;
}

/** Returns the shortest decimal that parses to the same double, without an exponent. */
function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  if (exponent === undefined) return String(value);
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

/** Whether a text is one valid JSON value, with optional whitespace around it. */
export function isValidJson(text: string): boolean {
  // `JSON.parse` is native: nesting that is too deep for it is an error like any other.
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
