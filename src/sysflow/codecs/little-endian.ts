/**
 * Reads an unsigned little-endian number; bytes after the end count as 0. Numbers above 2^53 are rounded, which does
 * not affect comparisons with limits.
 */
export function littleEndian(input: Uint8Array, position: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + (input[position + i] ?? 0);
  return value;
}
