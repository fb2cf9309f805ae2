/**
 * Formats JSON texts for people, as GJSON's `@pretty` does: one member per line, and arrays without objects on one line
 * if they fit. Source: the README of tidwall/pretty.
 */
import { compareCodePoints } from './code-points.js';
import { eachElement, eachMember, firstValue, numberOf, stringEnd, textOfValue, typeOf, unquote } from './json-text.js';

interface Layout {
  readonly width: number;
  readonly prefix: string;
  readonly indent: string;
  readonly sortKeys: boolean;
}

/** Maximum number of formatted levels; deeper values are copied unchanged. */
const MAX_DEPTH = 100;

/** Formats a text and adds a line end. The argument is an object with `width`, `prefix`, `indent`, `sortKeys`. */
export function pretty(json: string, argument: string): string {
  const value = firstValue(json);
  const layout = layoutOf(argument);
  return value === '' ? '' : `${layout.prefix}${layOut(value, layout, 0, layout.prefix.length)}\n`;
}

/** Removes the whitespace between the values of a text. */
export function ugly(json: string): string {
  const kept: string[] = [];
  for (let i = 0; i < json.length; ) {
    if (json.charCodeAt(i) <= 0x20) {
      i++;
      continue;
    }
    const end = json[i] === '"' ? stringEnd(json, i) : i + 1;
    kept.push(json.slice(i, end));
    i = end;
  }
  return kept.join('');
}

function layoutOf(argument: string): Layout {
  const options = new Map<string, string>();
  const value = firstValue(argument);
  if (typeOf(value) === 'object') {
    eachMember(value, (key, member) => {
      options.set(unquote(key), member);
      return true;
    });
  }
  const blanks = (name: string): string | undefined => {
    const text = options.get(name);
    return text === undefined ? undefined : textOfValue(text).replace(/[^ \t\n\r]/g, '');
  };
  const width = options.get('width');
  return {
    width: width === undefined ? 80 : Math.trunc(numberOf(textOfValue(width))),
    prefix: blanks('prefix') ?? '',
    indent: blanks('indent') ?? '  ',
    sortKeys: options.get('sortKeys') === 'true',
  };
}

/** @param column number of characters on the line before the value */
function layOut(value: string, layout: Layout, depth: number, column: number): string {
  const type = typeOf(value);
  if ((type !== 'object' && type !== 'array') || depth > MAX_DEPTH) return value;
  if (type === 'array') {
    const room = layout.width - column;
    const line = layout.width > 0 && room > 3 ? onOneLine(value, room) : null;
    if (line !== null) return line;
  }
  const margin = `${layout.prefix}${layout.indent.repeat(depth + 1)}`;
  const items = type === 'object' ? members(value, layout, depth, margin) : elements(value, layout, depth, margin);
  const [open, close] = type === 'object' ? '{}' : '[]';
  if (items.length === 0) return `${open}${close}`;
  return `${open}\n${items.join(',\n')}\n${layout.prefix}${layout.indent.repeat(depth)}${close}`;
}

function members(object: string, layout: Layout, depth: number, margin: string): string[] {
  const found: { key: string; text: string }[] = [];
  eachMember(object, (key, value) => {
    const head = `${margin}${key}: `;
    // The newline counts as a column, as in the original.
    found.push({ key, text: `${head}${layOut(value, layout, depth + 1, Buffer.byteLength(head) + 1)}` });
    return true;
  });
  if (layout.sortKeys) found.sort((a, b) => compareCodePoints(unquote(a.key), unquote(b.key)));
  return found.map(({ text }) => text);
}

function elements(array: string, layout: Layout, depth: number, margin: string): string[] {
  const found: string[] = [];
  eachElement(array, (value) => found.push(`${margin}${layOut(value, layout, depth + 1, margin.length + 1)}`) > 0);
  return found;
}

/** Formats an array on one line. Returns null if it contains an object or is too long. */
function onOneLine(array: string, room: number): string | null {
  let line = '';
  for (let i = 0; i < array.length; ) {
    const character = array[i]!;
    if (character === '{' || line.length > room) return null;
    const end = character === '"' ? stringEnd(array, i) : i + 1;
    if (character === ',') line += ', ';
    else if (character > ' ') line += array.slice(i, end);
    i = end;
  }
  return Buffer.byteLength(line) <= room ? line : null;
}
