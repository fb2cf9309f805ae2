/**
 * Texts inside JSON output. Escaped are what JSON demands, `<`, `>` and `&` (as Go does), line separators, and every
 * control character of Unicode, so that no event data can drive a terminal. A byte that was no UTF-8 (a lone surrogate
 * U+DC80 … U+DCFF, see the string decoder) gives one `\ufffd`.
 */
const SPECIAL = /["\\<>&\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;
const SPECIAL_ALL = /["\\<>&\u0000-\u001f\u007f-\u009f\u2028\u2029]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;

/** The text in quotes. */
export function jsonText(text: string): string {
  return `"${escapeJson(text)}"`;
}

/** The text without quotes. */
export function escapeJson(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIAL_ALL, escapeOne) : text;
}

function escapeOne(found: string): string {
  if (found.length === 2) return found;
  switch (found) {
    case '"':
      return '\\"';
    case '\\':
      return '\\\\';
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
    default: {
      const code = found.charCodeAt(0);
      return code >= 0xd800 && code <= 0xdfff ? '\\ufffd' : `\\u${code.toString(16).padStart(4, '0')}`;
    }
  }
}

/** One quote of either kind removed from each end, as the original does with every value it prints. */
export function trimQuotes(text: string): string {
  let start = 0;
  let end = text.length;
  if (end > 0 && isQuote(text.charCodeAt(0))) start = 1;
  if (end > start && isQuote(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39;
}
