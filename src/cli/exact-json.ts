/** What JSON.stringify leaves as it is and a terminal or a line-based reader might take for more than text. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * JSON text on one line. BigInts are numbers with all their digits, maps are objects, and control characters, line
 * separators and marks of writing direction in strings are escaped.
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
