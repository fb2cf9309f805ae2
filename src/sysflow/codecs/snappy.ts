/**
 * Decompresses Snappy's raw format, as the codec `snappy` of Avro uses it.
 *
 *     stream  = length { element }                       ; length of the whole output, base 128, low group first
 *     element = literal | copy                            ; the two low bits of the tag tell which
 *     literal (00): length - 1 in 6 bits; from 60 on, it stands in 1 to 4 bytes that follow; then the bytes
 *     copy    (01): length - 4 in 3 bits, offset in 3 bits and a byte
 *             (10): length - 1 in 6 bits, offset in 2 bytes
 *             (11): length - 1 in 6 bits, offset in 4 bytes
 *
 * Every element that is accepted writes at least a byte of the output, so hostile input ends in time. (The package
 * snappyjs takes literals of negative length and may never end.)
 */
import { Buffer } from 'node:buffer';
import { littleEndian } from './little-endian.js';

/**
 * @param maxBytes bound on the output
 * @returns null where the input is broken, `size` where it claims more than the bound
 */
export function decompressSnappy(input: Uint8Array, maxBytes: number): Buffer | 'size' | null {
  const head = readLength(input);
  if (head === null) return null;
  if (head.length > maxBytes) return 'size';
  const output = Buffer.allocUnsafeSlow(head.length);
  let position = head.position;
  let written = 0;
  while (position < input.length) {
    const tag = input[position++]!;
    if ((tag & 3) === 0) {
      let length = (tag >> 2) + 1;
      if (length > 60) {
        const bytes = length - 60;
        length = littleEndian(input, position, bytes) + 1;
        position += bytes;
      }
      if (length > input.length - position || length > output.length - written) return null;
      output.set(input.subarray(position, position + length), written);
      position += length;
      written += length;
      continue;
    }
    const bytes = (tag & 3) === 3 ? 4 : tag & 3;
    const length = bytes === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const offset = littleEndian(input, position, bytes) + (bytes === 1 ? (tag >> 5) << 8 : 0);
    position += bytes;
    if (position > input.length || offset === 0 || offset > written || length > output.length - written) return null;
    // Byte by byte, since a copy may overlap what it writes.
    for (const end = written + length; written < end; written++) output[written] = output[written - offset]!;
  }
  return written === output.length ? output : null;
}

/** The length at the front: 32 bits, not negative. */
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
