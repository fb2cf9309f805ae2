/**
 * Lossless UTF-8: strings of a trace can contain any bytes that a program used in a path or an argument.
 *
 * A byte that is not part of valid UTF-8 becomes the unpaired surrogate U+DC00 + byte (U+DC80 to U+DCFF), which valid
 * text never contains, and becomes that byte again when written (PEP 383 calls this `surrogateescape`). What counts as
 * valid is exactly the same as in Go's `unicode/utf8`.
 */
import { Buffer, isUtf8 } from 'node:buffer';

/** First surrogate that represents a byte, minus that byte. */
const BYTE_ESCAPE = 0xdc00;

/** Decodes bytes to text. */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  let position = start;
  while (position < end && bytes[position]! < 128) position++;
  if (position === end) return bytes.toString('latin1', start, end);
  if (isUtf8(bytes.subarray(position, end))) return bytes.toString('utf8', start, end);
  return decodeBroken(bytes, start, end);
}

/** Decodes one sequence at a time into UTF-16 units, of which there are at most as many as bytes. */
function decodeBroken(bytes: Buffer, start: number, end: number): string {
  const units = new Uint16Array(end - start);
  let count = 0;
  for (let position = start; position < end; ) {
    const length = sequenceLength(bytes, position, end);
    if (length === 0) {
      units[count++] = BYTE_ESCAPE + bytes[position++]!;
      continue;
    }
    let point = bytes[position]! & (length === 1 ? 0x7f : 0x7f >> length);
    for (let i = 1; i < length; i++) point = (point << 6) | (bytes[position + i]! & 0x3f);
    position += length;
    if (point > 0xffff) {
      point -= 0x10000;
      units[count++] = 0xd800 + (point >> 10);
      point = 0xdc00 + (point & 0x3ff);
    }
    units[count++] = point;
  }
  return Buffer.from(units.buffer, 0, 2 * count).toString('utf16le');
}

/** Returns the length of the valid sequence at a position, 0 if there is none. */
function sequenceLength(bytes: Uint8Array, position: number, end: number): number {
  const first = bytes[position]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (position + length > end) return 0;
  // The second byte's range excludes overlong forms, surrogates, and code points beyond U+10FFFF.
  const second = bytes[position + 1]!;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let i = 2; i < length; i++) {
    if ((bytes[position + i]! & 0xc0) !== 0x80) return 0;
  }
  return length;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Encodes a text: escaped bytes as themselves, any other unpaired surrogate as U+FFFD. */
export function encodeUtf8(text: string): Buffer {
  if (!LONE_SURROGATE.test(text)) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  let run = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.charCodeAt(i + 1);
    if (unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) {
      i++;
      continue;
    }
    if (unit < BYTE_ESCAPE + 0x80 || unit > BYTE_ESCAPE + 0xff) continue;
    parts.push(Buffer.from(text.slice(run, i), 'utf8'), Buffer.from([unit - BYTE_ESCAPE]));
    run = i + 1;
  }
  parts.push(Buffer.from(text.slice(run), 'utf8'));
  return Buffer.concat(parts);
}
