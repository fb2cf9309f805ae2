/** Characters that JSON.stringify does not escape and that terminals or line-based readers may interpret. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Formats JSON on one line. BigInts become numbers with all digits, maps become objects. Escapes control characters,
 * line separators and bidirectional marks in strings.
 */
export function exactJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') {
    return JSON.stringify(value).replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return `{${entries.map(([key, item]) => `${exactJson(String(key))}:${exactJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
