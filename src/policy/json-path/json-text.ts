/**
 * Looking into JSON texts without building objects: a value is the piece of text that it is written in.
 *
 * Nothing here recurses, so that no nesting of the text can exhaust the stack. A text that is no valid JSON gives
 * something or nothing, never an error.
 */

/** What a value's text starts with tells its type; `none` is no value at all. */
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

/** The position of the next character that is no blank. */
export function skipBlanks(text: string, from: number): number {
  let i = from;
  while (i < text.length && text.charCodeAt(i) <= 0x20) i++;
  return i;
}

/** The position after the string that starts at a quote. */
export function stringEnd(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === BACKSLASH) i++;
    else if (unit === QUOTE) return i + 1;
  }
  return text.length;
}

/** The position after the value that starts here. Parentheses count as brackets, for the texts of paths. */
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

/** The first value of a text without the blanks around it; empty where there is none. */
export function firstValue(text: string): string {
  const start = skipBlanks(text, 0);
  return start === 0 && scanEnd(text, 0) === text.length ? text : text.slice(start, scanEnd(text, start));
}

/** The same, but an array or object with all that stands after it. */
export function wholeValue(text: string): string {
  const start = skipBlanks(text, 0);
  return isOpening(text.charCodeAt(start)) ? text.slice(start) : firstValue(text);
}

function scanEnd(text: string, start: number): number {
  return start < text.length ? valueEnd(text, start) : start;
}

/**
 * Goes through the members of an object in order.
 *
 * @param visit is given the key with its quotes and the value; false stops
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

/** Goes through the elements of an array in order; `visit` stops with false. */
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

/** The text of a string value, without quotes and escapes. Half a surrogate pair becomes U+FFFD. */
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

/** A text as a string value. As Go writes them, `<`, `>`, `&` and line separators are escaped too. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A value as text: strings without quotes, arrays and objects as they are written, null and no value as the empty text.
 * Integers are as they are written, other numbers in decimal without an exponent.
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

/** A number's text as a double; 0 for what is none. */
export function numberOf(text: string): number {
  if (/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(text)) return Number(text);
  if (/^\+?inf(?:inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-inf(?:inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY;
  return /^nan$/i.test(text) ? Number.NaN : 0;
}

/** The shortest decimal that reads as the same double, without an exponent. */
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

/** Whether a text is one valid JSON value, with blanks around it. */
export function isValidJson(text: string): boolean {
  // Native and without recursion of ours: it reports any nesting that is too deep as it does any other fault.
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
