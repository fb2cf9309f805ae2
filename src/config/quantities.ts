const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/**
 * Parses a duration in the notation of Go or similar: `30s`, `15m`, `24h`, `1h30m`, `1.5h`, `7d`; a plain number is in
 * the unit `plain`.
 *
 * @returns milliseconds, or null if it is not a time
 */
export function parseDuration(text: string, plain: 'minutes' | 'seconds'): number | null {
  const trimmed = text.trim();
  if (/^[0-9]+(\.[0-9]+)?$/.test(trimmed)) return Number(trimmed) * (plain === 'minutes' ? 60_000 : 1000);
  if (!/^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$/.test(trimmed)) return null;
  let sum = 0;
  for (const [, number, unit] of trimmed.matchAll(/([0-9.]+)([a-z]+)/g)) sum += Number(number) * UNITS.get(unit!)!;
  return sum;
}

/**
 * Parses a number of bytes: `500000`, `5e6`, `64k`, `64M`, `64MB`, `1GiB`; the suffixes are powers of 1024.
 *
 * @returns bytes, or null if it is not a size
 */
export function parseSize(text: string): number | null {
  const match = /^([0-9]+(?:\.[0-9]+)?(?:e[0-9]{1,2})?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) return null;
  const bytes = Math.floor(Number(match[1]) * 1024 ** ' kmgt'.indexOf((match[2] || ' ').toLowerCase()));
  return Number.isSafeInteger(bytes) ? bytes : null;
}
