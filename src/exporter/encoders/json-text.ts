/**
 * Writes texts in JSON output. It escapes what JSON requires, `<`, `>` and `&` (like Go), line separators, and all
 * control characters of Unicode, so that no event data can control a terminal. A byte that is not valid UTF-8 (an
 * unpaired surrogate U+DC80 … U+DCFF, see `sysflow/utf8.ts`) becomes one `\ufffd`.
 */
import type { ByteBuffer } from '../byte-buffer.js';

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * How a UTF-8 byte is written: 0 unchanged, 1 as a hexadecimal escape or as part of a longer sequence, otherwise as
 * this letter after a backslash.
 */
const ESCAPES: Uint8Array = new Uint8Array(256).fill(1, 0, 32).fill(1, 127);
for (const char of '<>&') ESCAPES[char.charCodeAt(0)] = 1;
for (const [char, letter] of ['""', '\\\\', '\nn', '\rr', '\tt']) ESCAPES[char!.charCodeAt(0)] = letter!.charCodeAt(0);

const HEX = '0123456789abcdef';

/**
 * Number of characters for which space is reserved at once, so that a long text does not reserve six times its length.
 */
const CHUNK = 4096;

/**
 * From this length on, a native copy followed by a check of the bytes is faster than a loop over the characters
 * (measured: from 48 to 60 on).
 */
const LONG = 56;

/** Maximum number of bytes for one UTF-16 unit: a hexadecimal escape. */
const ESCAPE_BYTES = 6;

/** Appends a text in quotes. */
export function writeJsonText(out: ByteBuffer, text: string): void {
  writeJsonPart(out, text, 0, text.length);
}

/** Appends a part of a text in quotes. The part must not split a surrogate pair. */
export function writeJsonPart(out: ByteBuffer, text: string, start: number, end: number): void {
  out.reserve(1);
  out.bytes[out.length++] = QUOTE;
  writeEscaped(out, text, start, end);
  out.reserve(1);
  out.bytes[out.length++] = QUOTE;
}

/**
 * Appends a text in quotes, after removing one quote of either kind from each end, as the original does with every
 * value.
 */
export function writeQuoteless(out: ByteBuffer, text: string): void {
  writeJsonPart(out, text, textStart(text), textEnd(text));
}

/** Appends a part of a text without quotes around it. The part must not split a surrogate pair. */
export function writeEscaped(out: ByteBuffer, text: string, start: number, end: number): void {
  let i = end - start < LONG ? start : start + writePlain(out, start === 0 ? text : text.slice(start), end - start);
  while (i < end) {
    const stop = Math.min(end, i + CHUNK);
    out.reserve((stop - i + 1) * ESCAPE_BYTES);
    const { bytes } = out;
    let at = out.length;
    while (i < stop) {
      const code = text.charCodeAt(i);
      if (code < 128 && ESCAPES[code] === 0) {
        bytes[at++] = code;
        i++;
      } else {
        const point = text.codePointAt(i)!;
        at = writeSpecial(bytes, at, point);
        i += point > 0xffff ? 2 : 1;
      }
    }
    out.length = at;
  }
}

/** Appends the leading characters that are ASCII and need no escape, and returns their number. */
function writePlain(out: ByteBuffer, text: string, length: number): number {
  const size = Math.min(length, CHUNK);
  out.reserve(size);
  const { bytes, length: start } = out;
  const end = start + bytes.write(text, start, size, 'utf8');
  let at = start;
  while (
    at + 4 <= end &&
    (ESCAPES[bytes[at]!]! | ESCAPES[bytes[at + 1]!]! | ESCAPES[bytes[at + 2]!]! | ESCAPES[bytes[at + 3]!]!) === 0
  ) {
    at += 4;
  }
  while (at < end && ESCAPES[bytes[at]!] === 0) at++;
  out.length = at;
  return at - start;
}

/** Writes a character that is not plain ASCII and returns the offset after it. */
function writeSpecial(bytes: Uint8Array, position: number, point: number): number {
  let at = position;
  if (point < 128) {
    const letter = ESCAPES[point]!;
    if (letter === 1) return writeHex(bytes, at, point);
    bytes[at++] = BACKSLASH;
    bytes[at++] = letter;
    return at;
  }
  if (point < 0xa0 || point === 0x2028 || point === 0x2029) return writeHex(bytes, at, point);
  if (point >= 0xd800 && point <= 0xdfff) return writeHex(bytes, at, 0xfffd);
  if (point < 0x800) {
    bytes[at++] = 0xc0 | (point >> 6);
  } else {
    if (point < 0x10000) {
      bytes[at++] = 0xe0 | (point >> 12);
    } else {
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 63);
    }
    bytes[at++] = 0x80 | ((point >> 6) & 63);
  }
  bytes[at++] = 0x80 | (point & 63);
  return at;
}

function writeHex(bytes: Uint8Array, position: number, unit: number): number {
  bytes[position] = BACKSLASH;
  bytes[position + 1] = 117;
  for (let i = 0; i < 4; i++) bytes[position + 2 + i] = HEX.charCodeAt((unit >> (12 - 4 * i)) & 15);
  return position + ESCAPE_BYTES;
}

/** Appends an array. */
export function writeList<T>(out: ByteBuffer, items: readonly T[], write: (out: ByteBuffer, item: T) => void): void {
  out.appendAscii('[');
  for (let i = 0; i < items.length; i++) {
    if (i > 0) out.appendAscii(',');
    write(out, items[i]!);
  }
  out.appendAscii(']');
}

/** Appends an object whose values are texts. */
export function writeTexts(out: ByteBuffer, members: readonly (readonly [name: string, value: string])[]): void {
  out.appendAscii('{');
  members.forEach(([name, value], i) => {
    if (i > 0) out.appendAscii(',');
    writeJsonText(out, name);
    out.appendAscii(':');
    writeJsonText(out, value);
  });
  out.appendAscii('}');
}

/** Removes one quote of either kind from each end of a text. */
export function trimQuotes(text: string): string {
  const start = textStart(text);
  const end = textEnd(text);
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Returns the start of a text after an optional quote. */
export function textStart(text: string): number {
  return text.length > 0 && isQuote(text.charCodeAt(0)) ? 1 : 0;
}

/** Returns the end of a text before an optional quote; the start if the text is a single quote. */
export function textEnd(text: string): number {
  const end = text.length;
  return end > textStart(text) && isQuote(text.charCodeAt(end - 1)) ? end - 1 : end;
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39;
}
