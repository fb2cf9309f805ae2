/**
 * 64-bit integers as two 32-bit halves.
 *
 * Timestamps in nanoseconds and object ids exceed 2^53, so a JavaScript number would lose digits, and a BigInt per
 * field is slow. Everywhere in the program a 64-bit value is a pair of signed 32-bit numbers `lo`, `hi`, with the value
 * `hi * 2^32 + (lo >>> 0)`; a BigInt is made only when someone asks.
 */

const TWO_32 = 4294967296;

/** The value as a BigInt. */
export function toBigInt(lo: number, hi: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo >>> 0);
}

/** The low half of a 64-bit value (wraps like a 64-bit register). */
export function lowHalf(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** The high half of a 64-bit value (wraps like a 64-bit register). */
export function highHalf(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n));
}

/** The value as a number, rounded where it exceeds 2^53; for durations and statistics only. */
export function toNumber(lo: number, hi: number): number {
  return hi * TWO_32 + (lo >>> 0);
}

/** Negative, zero or positive as a < b, a = b, a > b (signed). */
export function compareInt64(aLo: number, aHi: number, bLo: number, bHi: number): number {
  if (aHi !== bHi) return aHi - bHi;
  return (aLo >>> 0) - (bLo >>> 0);
}

const BILLION = 1_000_000_000;

/**
 * Splits a non-negative value into `quotient * 10^9 + remainder`; the quotient (< 2^34) and the remainder are exact.
 * The remainder is returned, the quotient left in {@link billions}.
 */
export let billions = 0;
export function splitBillion(lo: number, hi: number): number {
  // Long division in steps of 16 bits: each dividend is below 10^9 * 2^16, which a double holds exactly.
  const first = Math.floor(hi / BILLION);
  const middle = (hi - first * BILLION) * 65536 + (lo >>> 16);
  const second = Math.floor(middle / BILLION);
  const low = (middle - second * BILLION) * 65536 + (lo & 65535);
  const third = Math.floor(low / BILLION);
  billions = first * TWO_32 + second * 65536 + third;
  return low - third * BILLION;
}

/** The value in decimal, exact. */
export function formatInt64(lo: number, hi: number): string {
  if (hi === 0 && lo >= 0) return String(lo);
  if (hi === -1 && lo < 0) return String(lo);
  if (hi < 0) return toBigInt(lo, hi).toString();
  const rest = splitBillion(lo, hi);
  return billions === 0 ? String(rest) : String(billions) + String(rest).padStart(9, '0');
}

/**
 * Writes the value in decimal as ASCII.
 *
 * @returns the position after the last digit; at most 20 bytes are written
 */
export function writeInt64(out: Uint8Array, position: number, lo: number, hi: number): number {
  if (hi === 0 && lo >= 0) return writeUint(out, position, lo);
  if (hi < 0) {
    const text = toBigInt(lo, hi).toString();
    for (let i = 0; i < text.length; i++) out[position + i] = text.charCodeAt(i);
    return position + text.length;
  }
  const rest = splitBillion(lo, hi);
  const quotient = billions;
  if (quotient === 0) return writeUint(out, position, rest);
  const end = writeUint(out, position, quotient);
  // Nine digits: one, then twice four from the table.
  const first = Math.floor(rest / 100_000_000);
  const eight = rest - first * 100_000_000;
  const high = Math.floor(eight / 10_000);
  out[end] = 48 + first;
  writeFour(out, end + 1, high);
  writeFour(out, end + 5, eight - high * 10_000);
  return end + 9;
}

/** The four digits of each number below 10,000. */
const DIGITS: Uint8Array = new Uint8Array(40_000);
for (let i = 0; i < 10_000; i++) {
  DIGITS[i * 4] = 48 + Math.floor(i / 1000);
  DIGITS[i * 4 + 1] = 48 + (Math.floor(i / 100) % 10);
  DIGITS[i * 4 + 2] = 48 + (Math.floor(i / 10) % 10);
  DIGITS[i * 4 + 3] = 48 + (i % 10);
}

/** Writes a number below 10,000 with leading zeros. */
function writeFour(out: Uint8Array, position: number, value: number): void {
  const at = value * 4;
  out[position] = DIGITS[at]!;
  out[position + 1] = DIGITS[at + 1]!;
  out[position + 2] = DIGITS[at + 2]!;
  out[position + 3] = DIGITS[at + 3]!;
}

/** Writes a signed 32-bit number in decimal as ASCII and returns the position after it; at most 11 bytes. */
export function writeInt32(out: Uint8Array, position: number, value: number): number {
  if (value >= 0) return writeUint(out, position, value);
  out[position] = 45;
  return writeUint(out, position + 1, -value);
}

/** Writes a non-negative integer below 2^53 in decimal as ASCII and returns the position after it. */
export function writeUint(out: Uint8Array, position: number, value: number): number {
  if (value < 10) {
    out[position] = 48 + value;
    return position + 1;
  }
  let length = 2;
  for (let bound = 100; value >= bound; bound *= 10) length++;
  let rest = value;
  let i = position + length;
  for (; rest >= 10_000; i -= 4) {
    const next = Math.floor(rest / 10_000);
    writeFour(out, i - 4, rest - next * 10_000);
    rest = next;
  }
  while (i > position) {
    const next = Math.floor(rest / 10);
    out[--i] = 48 + (rest - next * 10);
    rest = next;
  }
  return position + length;
}
