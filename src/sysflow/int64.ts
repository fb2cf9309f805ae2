/**
 * 64-bit integers as two 32-bit halves.
 *
 * Timestamps in nanoseconds and object ids exceed 2^53, so a JavaScript number would lose digits, and a BigInt per
 * field is slow. Everywhere in the program a 64-bit value is a pair of signed 32-bit numbers `lo`, `hi`, with the value
 * `hi * 2^32 + (lo >>> 0)`. BigInts are only created on request.
 */

const TWO_32 = 4294967296;

/** Returns the value as a BigInt. */
export function toBigInt(lo: number, hi: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo >>> 0);
}

/** Returns the low half of a 64-bit value (wraps like a 64-bit register). */
export function lowHalf(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** Returns the high half of a 64-bit value (wraps like a 64-bit register). */
export function highHalf(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n));
}

/** Returns the value as a number, rounded above 2^53; for durations and statistics only. */
export function toNumber(lo: number, hi: number): number {
  return hi * TWO_32 + (lo >>> 0);
}

/** Returns a negative number, zero or a positive number if a < b, a = b, a > b (signed). */
export function compareInt64(aLo: number, aHi: number, bLo: number, bHi: number): number {
  if (aHi !== bHi) return aHi - bHi;
  return (aLo >>> 0) - (bLo >>> 0);
}

const BILLION = 1_000_000_000;

/**
 * Splits a non-negative value into `quotient * 10^9 + remainder`, both exact. Returns the remainder and stores the
 * quotient (< 2^34) in {@link billions}.
 */
export let billions = 0;
export function splitBillion(lo: number, hi: number): number {
  // Long division in steps of 16 bits: each dividend is below 10^9 * 2^16, which a double represents exactly.
  const first = Math.floor(hi / BILLION);
  const middle = (hi - first * BILLION) * 65536 + (lo >>> 16);
  const second = Math.floor(middle / BILLION);
  const low = (middle - second * BILLION) * 65536 + (lo & 65535);
  const third = Math.floor(low / BILLION);
  billions = first * TWO_32 + second * 65536 + third;
  return low - third * BILLION;
}

/** Formats the value in decimal, exactly. */
export function formatInt64(lo: number, hi: number): string {
  if (hi === 0 && lo >= 0) return String(lo);
  if (hi === -1 && lo < 0) return String(lo);
  if (hi < 0) return toBigInt(lo, hi).toString();
  const rest = splitBillion(lo, hi);
  return billions === 0 ? String(rest) : String(billions) + String(rest).padStart(9, '0');
}

/** Maximum length of a 64-bit value in decimal, including its sign; the functions below write no further than this. */
export const INT64_DIGITS = 20;

/** Quotients of at least this value have ten digits: times after September 2001. */
const TEN_DIGITS = 1_000_000_000;

/**
 * The whole billions of the last written value, as halves and as their ten digits. Consecutive timestamps are in the
 * same second and share them.
 */
let sharedLo = 0;
let sharedHi = -1;
const sharedDigits = new DataView(new ArrayBuffer(16));

/**
 * Writes the value in decimal as ASCII.
 *
 * @param out must have space for {@link INT64_DIGITS} bytes at the position
 * @returns the position after the last digit
 */
export function writeInt64(out: DataView, position: number, lo: number, hi: number): number {
  if (hi === 0 && lo >= 0) return writeUint(out, position, lo);
  if (hi < 0) {
    const text = toBigInt(lo, hi).toString();
    for (let i = 0; i < text.length; i++) out.setUint8(position + i, text.charCodeAt(i));
    return position + text.length;
  }
  let rest = (hi - sharedHi) * TWO_32 + ((lo >>> 0) - sharedLo);
  if (rest < 0 || rest >= BILLION) {
    rest = splitBillion(lo, hi);
    if (billions < TEN_DIGITS) {
      const end = writeUint(out, position, billions);
      writeNine(out, end, rest);
      return end + 9;
    }
    shareBillions(lo, hi, rest);
  }
  out.setInt32(position, sharedDigits.getInt32(0, true), true);
  out.setInt32(position + 4, sharedDigits.getInt32(4, true), true);
  out.setInt16(position + 8, sharedDigits.getInt16(8, true), true);
  writeNine(out, position + 10, rest);
  return position + 19;
}

/** Caches the result of {@link splitBillion} for a value. */
function shareBillions(lo: number, hi: number, rest: number): void {
  sharedLo = (lo >>> 0) - rest;
  sharedHi = hi;
  if (sharedLo < 0) {
    sharedLo += TWO_32;
    sharedHi--;
  }
  writeUint(sharedDigits, 0, billions);
}

/** The digits of each number below 1,000 with leading zeros, packed for a little-endian write; the fourth byte is 0. */
const THREE_DIGITS: Int32Array = new Int32Array(1000);
for (let i = 0; i < 1000; i++) {
  THREE_DIGITS[i] = (48 + Math.floor(i / 100)) | ((48 + (Math.floor(i / 10) % 10)) << 8) | ((48 + (i % 10)) << 16);
}

/** Writes an integer below 1,000 and returns the position after it. Overwrites up to three bytes after it. */
function writeHead(out: DataView, position: number, value: number): number {
  const packed = THREE_DIGITS[value]!;
  if (value >= 100) {
    out.setInt32(position, packed, true);
    return position + 3;
  }
  if (value >= 10) {
    out.setInt16(position, packed >>> 8, true);
    return position + 2;
  }
  out.setUint8(position, 48 + value);
  return position + 1;
}

/** Writes a number below 10^9 in nine digits. Overwrites one byte after it. */
export function writeNine(out: DataView, position: number, value: number): void {
  const millions = (value / 1_000_000) | 0;
  const rest = value - millions * 1_000_000;
  const thousands = (rest / 1000) | 0;
  out.setInt32(position, THREE_DIGITS[millions]!, true);
  out.setInt32(position + 3, THREE_DIGITS[thousands]!, true);
  out.setInt32(position + 6, THREE_DIGITS[rest - thousands * 1000]!, true);
}

/** Writes a signed 32-bit number in decimal as ASCII, like {@link writeInt64}. */
export function writeInt32(out: DataView, position: number, value: number): number {
  if (value >= 0) return writeUint(out, position, value);
  out.setUint8(position, 45);
  return writeUint(out, position + 1, -value);
}

/** Writes a non-negative integer below 2^53 in decimal as ASCII, like {@link writeInt64}. */
export function writeUint(out: DataView, position: number, value: number): number {
  if (value < 1000) return writeHead(out, position, value);
  if (value < 1_000_000) {
    const thousands = (value / 1000) | 0;
    const end = writeHead(out, position, thousands);
    out.setInt32(end, THREE_DIGITS[value - thousands * 1000]!, true);
    return end + 3;
  }
  if (value < BILLION) {
    const millions = (value / 1_000_000) | 0;
    const rest = value - millions * 1_000_000;
    const thousands = (rest / 1000) | 0;
    const end = writeHead(out, position, millions);
    out.setInt32(end, THREE_DIGITS[thousands]!, true);
    out.setInt32(end + 3, THREE_DIGITS[rest - thousands * 1000]!, true);
    return end + 6;
  }
  const quotient = Math.floor(value / BILLION);
  const end = writeUint(out, position, quotient);
  writeNine(out, end, value - quotient * BILLION);
  return end + 9;
}
