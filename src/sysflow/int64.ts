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
  let digits = rest;
  for (let i = end + 8; i >= end; i--) {
    const next = Math.floor(digits / 10);
    out[i] = 48 + (digits - next * 10);
    digits = next;
  }
  return end + 9;
}

/** Writes a signed 32-bit number in decimal as ASCII and returns the position after it; at most 11 bytes. */
export function writeInt32(out: Uint8Array, position: number, value: number): number {
  if (value >= 0) return writeUint(out, position, value);
  out[position] = 45;
  return writeUint(out, position + 1, -value);
}

/** Writes a non-negative integer below 2^53 in decimal as ASCII and returns the position after it. */
export function writeUint(out: Uint8Array, position: number, value: number): number {
  let length = 1;
  for (let bound = 10; value >= bound; bound *= 10) length++;
  let rest = value;
  for (let i = position + length - 1; i >= position; i--) {
    const next = Math.floor(rest / 10);
    out[i] = 48 + (rest - next * 10);
    rest = next;
  }
  return position + length;
}
