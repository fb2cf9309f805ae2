/**
 * An unsigned number, lowest byte first; bytes beyond the end count as 0. Beyond 2^53 it is rounded, which no comparison
 * with a bound minds.
 */
export function littleEndian(input: Uint8Array, position: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + (input[position + i] ?? 0);
  return value;
}
