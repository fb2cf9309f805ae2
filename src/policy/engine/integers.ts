/**
 * Parses a signed 64-bit integer: decimal digits with an optional sign, without whitespace.
 *
 * @returns null if the text is not an integer or exceeds 64 bits
 */
export function parseInt64(text: string): bigint | null {
  if (!/^[+-]?[0-9]+$/.test(text)) return null;
  const negative = text.charCodeAt(0) === 45;
  const digits = text.replace(/^[+-]?0*/, '');
  if (digits.length > 19) return null;
  const value = negative ? -BigInt(digits || '0') : BigInt(digits || '0');
  return BigInt.asIntN(64, value) === value ? value : null;
}
