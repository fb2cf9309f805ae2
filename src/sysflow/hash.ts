/** A hash of some bytes, at least one. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  // Four bytes a step, since the multiplications wait for each other; the last step takes some bytes again.
  const last = end - 4;
  for (let i = start; i < last; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  const rest =
    bytes[Math.max(start, last)]! |
    (bytes[Math.max(start, end - 3)]! << 8) |
    (bytes[Math.max(start, end - 2)]! << 16) |
    (bytes[end - 1]! << 24);
  hash = Math.imul(hash ^ rest, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}
