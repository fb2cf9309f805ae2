/** Parses times in options. */
const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: NANOSECONDS_PER_SECOND,
  m: 60n * NANOSECONDS_PER_SECOND,
  h: 3_600n * NANOSECONDS_PER_SECOND,
  d: 86_400n * NANOSECONDS_PER_SECOND,
};
const MAX_INT64 = 2n ** 63n - 1n;

/** Forms of a time, for messages. */
export const TIME_FORMS =
  '2026-11-24T19:14:47.264Z, 2026-11-24, seconds or nanoseconds since 1970, or how long ago (90m, 1h30m, 7d)';

/**
 * Parses a time:
 *
 *     date [ ( "T" | " " ) hh:mm [ :ss [ .fraction ] ] [ "Z" | ±hh:mm ] ]   ; without a zone: UTC
 *     seconds [ .fraction ]                ; since the epoch; more than 15 digits without a fraction are nanoseconds, and
 *                                          ; 4 or 8 are rejected, since they look like a year or a date
 *     [ "-" ] { number unit }              ; before now; units d h m s ms us ns
 *
 * A fraction has at most nine digits.
 *
 * @param now milliseconds since the epoch
 * @returns nanoseconds since the epoch, exact; null if it is not a time, or none of 64 bits
 */
export function parseTime(text: string, now: number): bigint | null {
  const time = parseEpoch(text) ?? parseAgo(text, now) ?? parseDate(text);
  return time !== null && time <= MAX_INT64 && time >= -MAX_INT64 - 1n ? time : null;
}

function parseEpoch(text: string): bigint | null {
  const [, whole, fraction] = /^(\d{1,20})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  // Four digits are more likely a year, and eight a date, than seconds since 1970.
  if (whole === undefined || (fraction === undefined && (whole.length === 4 || whole.length === 8))) return null;
  if (fraction === undefined && whole.length > 15) return BigInt(whole);
  return BigInt(whole) * NANOSECONDS_PER_SECOND + fractionOf(fraction);
}

function parseAgo(text: string, now: number): bigint | null {
  if (!/^-?(\d{1,15}(ns|us|ms|s|m|h|d))+$/.test(text)) return null;
  let ago = 0n;
  for (const [, count, unit] of text.matchAll(/(\d+)(ns|us|ms|s|m|h|d)/g)) ago += BigInt(count!) * UNITS[unit!]!;
  return BigInt(now) * UNITS.ms! - ago;
}

function parseDate(text: string): bigint | null {
  const form = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:\d\d)?)?$/;
  const [, date, minute = '00:00', second = '00', fraction, zone = 'Z'] = form.exec(text) ?? [];
  if (date === undefined) return null;
  const local = new Date(`${date}T${minute}:${second}Z`);
  // Reject out-of-range dates; JavaScript would convert February 30 to another day.
  if (Number.isNaN(local.getTime()) || !local.toISOString().startsWith(`${date}T${minute}`)) return null;
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  if (Number(hours ?? 0) > 23 || Number(minutes ?? 0) > 59) return null;
  const offset = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return BigInt(local.getTime() - offset) * UNITS.ms! + fractionOf(fraction);
}

/** Converts the digits after a decimal point to nanoseconds. */
function fractionOf(digits = ''): bigint {
  return BigInt(digits.padEnd(9, '0'));
}
