import { UNSAFE_CHARACTERS } from '../../diagnostics/format.js';

/**
 * Escapes event data for a terminal: control characters, line breaks and changes of the writing direction. Bytes that
 * are not valid UTF-8 are shown as `\xNN`.
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

/** Shortens a text to a number of characters; the last one is then an ellipsis. */
export function shorten(value: string, length: number): string {
  return value.length <= length ? value : `${value.slice(0, length - 1)}…`;
}
