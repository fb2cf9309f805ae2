import { billions, splitBillion, toBigInt } from '../../sysflow/int64.js';
import type { ByteBuffer } from '../byte-buffer.js';

let lastSecond = Number.NaN;
let lastText = '';

/** Date and time of a whole second, without the zone; consecutive records mostly share it. */
function secondText(seconds: number): string {
  if (seconds !== lastSecond) {
    lastSecond = seconds;
    lastText = new Date(seconds * 1000).toISOString().slice(0, 19);
  }
  return lastText;
}

/**
 * Nanoseconds since the epoch as RFC 3339 in UTC, the fraction without trailing zeros and left out when 0:
 * `2022-11-29T06:11:39.665947927Z`. All of 64 bits is in range (years 1677 to 2262).
 */
export function isoTime(lo: number, hi: number): string {
  let rest: number;
  let seconds: number;
  if (hi >= 0) {
    rest = splitBillion(lo, hi);
    seconds = billions;
  } else {
    const value = toBigInt(lo, hi);
    rest = Number(((value % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
    seconds = Number((value - BigInt(rest)) / 1_000_000_000n);
  }
  if (rest === 0) return `${secondText(seconds)}Z`;
  let digits = 9;
  while (rest % 10 === 0) {
    rest /= 10;
    digits--;
  }
  return `${secondText(seconds)}.${String(rest).padStart(digits, '0')}Z`;
}

/** Appends the time in quotes: see {@link isoTime}. */
export function writeIsoTime(out: ByteBuffer, lo: number, hi: number): void {
  out.appendAscii('"');
  out.appendAscii(isoTime(lo, hi));
  out.appendAscii('"');
}
