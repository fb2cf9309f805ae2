/**
 * Compares two texts by code points, which is the order of their UTF-8 bytes. Returns a negative number, zero or a
 * positive number.
 */
export function compareCodePoints(a: string, b: string): number {
  let i = 0;
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  const point = (text: string): number => {
    // Moves back to the start of a surrogate pair if the texts share its first half.
    const low = i > 0 && (text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
    return text.codePointAt(low ? i - 1 : i) ?? -1;
  };
  return point(a) - point(b);
}
