/**
 * Texts inside JSON output. Escaped are what JSON demands, `<`, `>` and `&` (as Go does), line separators, and every
 * control character of Unicode, so that no event data can drive a terminal. A byte that was no UTF-8 (a lone surrogate
 * U+DC80 … U+DCFF, see the string decoder) gives one `\ufffd`.
 */
import type { ByteBuffer } from '../byte-buffer.js';

const QUOTE = 34;
const BACKSLASH = 92;

/** What stands for a byte of UTF-8: 0 itself, 1 an escape in hex or a longer sequence, else this letter after a backslash. */
const ESCAPES: Uint8Array = new Uint8Array(256).fill(1, 0, 32).fill(1, 127);
for (const char of '<>&') ESCAPES[char.charCodeAt(0)] = 1;
for (const [char, letter] of ['""', '\\\\', '\nn', '\rr', '\tt']) ESCAPES[char!.charCodeAt(0)] = letter!.charCodeAt(0);

const HEX = '0123456789abcdef';

/** Characters for which room is made at once, so that a long text does not ask for six times its length. */
const CHUNK = 4096;

/** From here on the engine's own copy and a look at the bytes are faster than a character at a time (measured: 48 to 60). */
const LONG = 56;

/** Most bytes for one UTF-16 unit: an escape in hex. */
const ESCAPE_BYTES = 6;

/** Appends the text in quotes. */
export function writeJsonText(out: ByteBuffer, text: string): void {
  writeJsonPart(out, text, 0, text.length);
}

/** Appends a part of the text, which does not split a surrogate pair, in quotes. */
export function writeJsonPart(out: ByteBuffer, text: string, start: number, end: number): void {
  out.reserve(1);
  out.bytes[out.length++] = QUOTE;
  writeEscaped(out, text, start, end);
  out.reserve(1);
  out.bytes[out.length++] = QUOTE;
}

/** Appends the text in quotes, without one quote of either kind at each end, as the original does with every value. */
export function writeQuoteless(out: ByteBuffer, text: string): void {
  writeJsonPart(out, text, textStart(text), textEnd(text));
}

/** Appends a part of the text, which does not split a surrogate pair, without quotes around it. */
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

/** Appends as much of the first characters as needs no escape and is ASCII, and returns how many those are. */
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

/** Writes a character that is no plain ASCII and returns the position after it. */
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

/** Appends an object of texts. */
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

/** The text with one quote of either kind removed from each end. */
export function trimQuotes(text: string): string {
  const start = textStart(text);
  const end = textEnd(text);
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Where the text starts behind a bounding quote. */
export function textStart(text: string): number {
  return text.length > 0 && isQuote(text.charCodeAt(0)) ? 1 : 0;
}

/** Where the text ends before a bounding quote; at its start where it is a single quote. */
export function textEnd(text: string): number {
  const end = text.length;
  return end > textStart(text) && isQuote(text.charCodeAt(end - 1)) ? end - 1 : end;
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39;
}
