/** Negative, zero or positive as a text stands before, at or after another by code points: the order of their UTF-8. */
export function compareCodePoints(a: string, b: string): number {
  let i = 0;
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  const point = (text: string): number => {
    // Back to the start of a pair that the two texts share the first half of.
    const low = i > 0 && (text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
    return text.codePointAt(low ? i - 1 : i) ?? -1;
  };
  return point(a) - point(b);
}
