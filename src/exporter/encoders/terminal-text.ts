/** Controls, separators, direction marks, and what was no UTF-8 (lone surrogates). */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;

/**
 * Event data made fit for a terminal: no escape, no line break and no change of writing direction survives; bytes that
 * were no UTF-8 are shown as `\xNN`.
 */
export function terminalText(value: string): string {
  return value.replace(UNSAFE, (found) => {
    if (found.length === 2) return found;
    const code = found.charCodeAt(0);
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code & 0xff).toString(16)}`;
    if (found === '\n') return '\\n';
    if (found === '\r') return '\\r';
    if (found === '\t') return '\\t';
    return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The text cut to so many characters, the last of which then is an ellipsis. */
export function shorten(value: string, length: number): string {
  return value.length <= length ? value : `${value.slice(0, length - 1)}…`;
}
