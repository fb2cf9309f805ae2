/** Reads arguments. Each function returns null (or an empty list) for a value of another kind. */
import { textOf } from '../text.js';
import { AT_FDCWD, type DescriptorValue, type StraceValue } from './values.js';

/** Returns the argument at a position, or the one that strace prints with this name, as `clone(flags=…)`. */
export function argument(args: readonly StraceValue[], position: number, name?: string): StraceValue | undefined {
  if (name !== undefined) {
    for (const value of args) if (value.kind === 'struct' && value.fields.has(name)) return value.fields.get(name);
  }
  return args[position];
}

/** Returns a member of a struct, with its value before the call. */
export function member(value: StraceValue | undefined, name: string): StraceValue | undefined {
  const before = value?.kind === 'change' ? value.before : value;
  return before?.kind === 'struct' ? before.fields.get(name) : undefined;
}

/** A number, in decimal, hex or octal. */
export function numberOf(value: StraceValue | undefined): number | null {
  if (value?.kind === 'change') return numberOf(value.after);
  if (value?.kind !== 'word') return null;
  const { text } = value;
  if (/^-?(?:\d+|0x[0-9a-f]+)$/.test(text)) return Number(/^0[0-7]+$/.test(text) ? `0o${text}` : text);
  return null;
}

/** A descriptor's number. Raw arguments are 32-bit words, so -1 is `0xffffffff`. */
export function descriptorNumber(value: StraceValue | undefined): number | null {
  if (value?.kind === 'descriptor') return value.fd;
  if (value?.kind === 'word' && value.text === 'AT_FDCWD') return AT_FDCWD;
  const number = numberOf(value);
  return number === null ? null : number | 0;
}

/** A string's text. */
export function stringOf(value: StraceValue | undefined): string | null {
  return value?.kind === 'string' ? textOf(value.bytes) : null;
}

/** The strings of an argument vector, with `...` where strace truncated a string or the list. */
export function stringsOf(value: StraceValue | undefined): string[] {
  if (value?.kind !== 'list') return [];
  const strings: string[] = [];
  for (const item of value.items) {
    if (item.kind === 'string') strings.push(item.truncated ? `${textOf(item.bytes)}...` : textOf(item.bytes));
  }
  if (value.truncated) strings.push('...');
  return strings;
}

/** Names joined by `|`. */
export function flagsOf(value: StraceValue | undefined): ReadonlySet<string> {
  return new Set(value?.kind === 'word' ? value.text.split('|') : []);
}

/** Returns all descriptors in the values, in order. */
export function descriptorsIn(values: readonly StraceValue[], depth = 0): DescriptorValue[] {
  const found: DescriptorValue[] = [];
  for (const value of values) {
    if (value.kind === 'descriptor') found.push(value);
    else if (depth < 8) found.push(...descriptorsIn(children(value), depth + 1));
  }
  return found;
}

function children(value: StraceValue): readonly StraceValue[] {
  switch (value.kind) {
    case 'list':
      return value.items;
    case 'struct':
      return [...value.fields.values(), ...value.items];
    case 'change':
      return [value.after];
    default:
      return [];
  }
}
