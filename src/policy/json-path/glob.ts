/**
 * Whether a text matches a pattern: `*` matches any characters, `?` matches one, and `\` escapes the next one.
 *
 * Only the last `*` is retried, so the time is at most the product of the lengths, whatever the pattern.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  let t = 0;
  let p = 0;
  let star = -1;
  let retry = 0;
  while (t < text.length || p < pattern.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      retry = t;
      continue;
    }
    const width = t < text.length ? characterWidth(text, t) : 0;
    const step = width === 0 ? 0 : stepAt(text, t, width, pattern, p);
    if (step > 0) {
      t += width;
      p += step;
      continue;
    }
    if (star === -1 || retry >= text.length) return false;
    retry += characterWidth(text, retry);
    t = retry;
    p = star + 1;
  }
  return true;
}

/** Returns how much of the pattern matches the character; 0 if it does not match. */
function stepAt(text: string, t: number, width: number, pattern: string, p: number): number {
  if (p >= pattern.length) return 0;
  if (pattern[p] === '?') return 1;
  const escaped = pattern[p] === '\\' && p + 1 < pattern.length ? 1 : 0;
  return pattern.startsWith(text.slice(t, t + width), p + escaped) ? width + escaped : 0;
}

function characterWidth(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
