import { billions, splitBillion, toBigInt, writeNine } from '../../sysflow/int64.js';
import { type ByteBuffer, copyWords } from '../byte-buffer.js';

const BILLION = 1_000_000_000;
const TWO_32 = 4_294_967_296;

/** Length of a date and time in whole seconds, without the time zone. */
const SECOND_LENGTH = 19;

/**
 * The second of the last formatted time: its start as two halves, and its text. Consecutive records mostly share it.
 */
let sharedLo = 0;
let sharedHi = Number.NaN;
let sharedText = '';
const sharedBytes = new DataView(new ArrayBuffer(24));

/** Returns the nanoseconds of a time within its second, and sets the variables above to this second. */
function splitSecond(lo: number, hi: number): number {
  const shared = (hi - sharedHi) * TWO_32 + ((lo >>> 0) - sharedLo);
  if (shared >= 0 && shared < BILLION) return shared;
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
  const start = (lo >>> 0) - rest;
  sharedLo = start < 0 ? start + TWO_32 : start;
  sharedHi = start < 0 ? hi - 1 : hi;
  sharedText = new Date(seconds * 1000).toISOString().slice(0, SECOND_LENGTH);
  for (let i = 0; i < SECOND_LENGTH; i++) sharedBytes.setUint8(i, sharedText.charCodeAt(i));
  return rest;
}

/**
 * Formats nanoseconds since the epoch as RFC 3339 in UTC. The fraction has no trailing zeros and is omitted if it is 0:
 * `2022-11-29T06:11:39.665947927Z`. Supports all 64-bit values (years 1677 to 2262).
 */
export function isoTime(lo: number, hi: number): string {
  let rest = splitSecond(lo, hi);
  if (rest === 0) return `${sharedText}Z`;
  let digits = 9;
  while (rest % 10 === 0) {
    rest /= 10;
    digits--;
  }
  return `${sharedText}.${String(rest).padStart(digits, '0')}Z`;
}

/** Appends a time in quotes; see {@link isoTime}. */
export function writeIsoTime(out: ByteBuffer, lo: number, hi: number): void {
  const rest = splitSecond(lo, hi);
  out.reserve(SECOND_LENGTH + 14);
  const { view } = out;
  let at = out.length;
  view.setUint8(at, 34);
  copyWords(sharedBytes, 0, view, at + 1, SECOND_LENGTH);
  at += 1 + SECOND_LENGTH;
  if (rest !== 0) {
    view.setUint8(at, 46);
    writeNine(view, at + 1, rest);
    at += 10;
    while (view.getUint8(at - 1) === 48) at--;
  }
  view.setUint8(at, 90);
  view.setUint8(at + 1, 34);
  out.length = at + 2;
}
