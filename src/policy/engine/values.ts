/**
 * Reads the values of a condition as operators need them: as one or more texts, as one or more 64-bit integers, or as
 * present or absent. The interpreter and explanations use these functions; the compiled engine reads the same values
 * through its columns.
 */
import type { ListField } from '../../fields/field.js';
import { zeroText } from '../../fields/zero-text.js';
import type { FlatRecord } from '../../records/flat-record.js';
import { formatInt64, toBigInt } from '../../sysflow/int64.js';
import { jsonPath } from '../json-path/json-path.js';
import type { FieldValue, Value } from '../model/policy.js';
import { parseInt64 } from './integers.js';
import { trimListQuotes, trimQuotes } from './quotes.js';

/** A record, or null for one to which no attribute applies; there all attributes have their zero values. */
export type RecordOrNone = FlatRecord | null;

/**
 * Returns the texts of a value on a record: at least one, and more than one only for a multi-valued attribute. Numbers
 * are formatted in decimal, booleans as `true` and `false`. Literals are returned unchanged, since the parser already
 * removed their quotes.
 */
export function readTexts(value: Value, record: RecordOrNone): readonly string[] {
  if (value.kind === 'literal') return [value.text];
  const { field } = value;
  if (record === null) return [zeroText(field)];
  switch (field.type) {
    case 'string':
    case 'json':
      return [textOf(value, field.read(record))];
    case 'int':
    case 'time':
      return [formatInt64(field.readLow(record), field.readHigh(record))];
    case 'bool':
      return [String(field.read(record))];
    default:
      return elementsOf(value, readList(value, field, record));
  }
}

/** Returns the integers of a value on a record; empty if it is not a number. Booleans count as 0 and 1. */
export function readIntegers(value: Value, record: RecordOrNone): readonly bigint[] {
  if (value.kind === 'field') {
    const { field } = value;
    if (record === null) return zeroText(field) === '' ? [] : [0n];
    if (field.type === 'int' || field.type === 'time') {
      return [toBigInt(field.readLow(record), field.readHigh(record))];
    }
    if (field.type === 'bool') return [field.read(record) ? 1n : 0n];
  }
  return readTexts(value, record)
    .map(parseInt64)
    .filter((integer) => integer !== null);
}

/** Whether a value is present: not empty, not 0, not false. */
export function isPresent(value: Value, record: RecordOrNone): boolean {
  if (value.kind === 'literal') return value.text !== '';
  if (record === null) return false;
  const { field } = value;
  switch (field.type) {
    case 'string':
    case 'json': {
      const text = field.read(record);
      return (hasPath(value) ? textOf(value, text) : text) !== '';
    }
    case 'int':
    case 'time':
      return field.readLow(record) !== 0 || field.readHigh(record) !== 0;
    case 'bool':
      return field.read(record);
    default:
      return hasElements(value, readList(value, field, record));
  }
}

/** Returns the list that contains a value's elements. */
function readList(value: FieldValue, field: ListField, record: FlatRecord): readonly string[] {
  const read = value.index !== null && field.readIndexed !== undefined ? field.readIndexed : field.read;
  return read(record);
}

/** Returns the value at the JSON path of a text attribute, or without a path the text without surrounding quotes. */
export function textOf(value: FieldValue, text: string): string {
  return hasPath(value) && text !== '' ? jsonPath(value.path).textAt(text) : trimQuotes(text);
}

/** Whether a value has a JSON path. An empty path stands for the whole text. */
export function hasPath(value: FieldValue): value is FieldValue & { readonly path: string } {
  return value.path !== null && value.path !== '';
}

/**
 * Returns the element at the index of a list attribute, or without an index all elements, without surrounding quotes.
 */
function elementsOf(value: FieldValue, list: readonly string[]): readonly string[] {
  return value.index === null ? trimListQuotes(list) : [trimQuotes(list[value.index] ?? '')];
}

/** Whether the value of a list attribute is present. */
function hasElements(value: FieldValue, list: readonly string[]): boolean {
  if (value.index !== null) return (list[value.index] ?? '') !== '';
  return list.length > 1 || (list.length === 1 && list[0] !== '');
}
