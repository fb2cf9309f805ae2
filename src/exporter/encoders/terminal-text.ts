import { UNSAFE_CHARACTERS } from '../../diagnostics/format.js';

/**
 * Event data made fit for a terminal: no escape, no line break and no change of writing direction survives; bytes that
 * were no UTF-8 are shown as `\xNN`.
 */
export function terminalText(value: string): string {
  return value.replace(UNSAFE_CHARACTERS, (found) => {
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
