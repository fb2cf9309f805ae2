/**
 * Decompresses Snappy's raw format, as the codec `snappy` of Avro uses it, with the package snappyjs.
 *
 *     stream  = length { element }                       ; length of the whole output, base 128, low group first
 *     element = literal | copy                            ; distinguished by the two low bits of the tag
 *     literal (00): length - 1 in 6 bits, from 60 on in the 1 to 4 following bytes; then the bytes
 *     copy    (01): length - 4 in 3 bits, offset in 3 bits and a byte
 *             (10): length - 1 in 6 bits, offset in 2 bytes
 *             (11): length - 1 in 6 bits, offset in 4 bytes
 *
 * snappyjs trusts lengths: a literal of 2 GiB or more makes it loop forever (`01 fc f6 ff ff ff`), and it does not check
 * that the elements write as much as the stated length. Therefore the elements are measured first.
 */
import type { Buffer } from 'node:buffer';
import snappy from 'snappyjs';
import { littleEndian } from './little-endian.js';

/**
 * @param maxBytes maximum size of the output
 * @returns null if the input is invalid, `size` if its stated size exceeds the maximum
 */
export function decompressSnappy(input: Buffer, maxBytes: number): Buffer | 'size' | null {
  const head = readLength(input);
  if (head === null) return null;
  if (head.length > maxBytes) return 'size';
  if (measure(input, head.position) !== head.length) return null;
  try {
    return snappy.uncompress(input);
  } catch {
    return null;
  }
}

/** Reads the length at the start: 32 bits, not negative. */
function readLength(input: Uint8Array): { readonly length: number; readonly position: number } | null {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = input[i];
    if (byte === undefined) return null;
    length += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return length < 2 ** 32 ? { length, position: i + 1 } : null;
  }
  return null;
}

/** Returns the number of bytes that the elements write; null if the last one is incomplete. */
function measure(input: Uint8Array, start: number): number | null {
  let written = 0;
  let position = start;
  while (position < input.length) {
    const tag = input[position++]!;
    const kind = tag & 3;
    let length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    if (kind > 0) position += kind === 3 ? 4 : kind;
    else {
      if (length > 60) {
        const bytes = length - 60;
        length = littleEndian(input, position, bytes) + 1;
        position += bytes;
      }
      position += length;
    }
    written += length;
  }
  return position === input.length ? written : null;
}
