/** Compiles tests that compare attributes with each other to a function of the record. */
import type { IntField } from '../../fields/field.js';
import type { FlatRecord } from '../../records/flat-record.js';
import { compareInt64, formatInt64 } from '../../sysflow/int64.js';
import type { TestNode, Value } from '../model/policy.js';
import { evaluateTest } from './interpreter.js';
import { OPERATORS } from './operators/table.js';
import { textOf } from './values.js';

/**
 * Returns a function that evaluates a test. The common forms, one text or one number on each side, are compiled; all
 * others use the interpreter.
 */
export function compileComparison(node: TestNode): (record: FlatRecord) => boolean {
  const [right] = node.right;
  if (right !== undefined && node.right.length === 1) {
    const compiled = compileIntegers(node, right) ?? compileTexts(node, right);
    if (compiled !== null) return compiled;
  }
  return (record) => evaluateTest(node, record);
}

/** For each operator, whether it holds given the result of comparing two integers. */
const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function compileIntegers(node: TestNode, right: Value): ((record: FlatRecord) => boolean) | null {
  const holds = ORDERS[node.operator];
  const a = integerField(node.left);
  const b = integerField(right);
  if (holds === undefined || a === null || b === null) return null;
  return (record) => holds(compareInt64(a.readLow(record), a.readHigh(record), b.readLow(record), b.readHigh(record)));
}

function integerField(value: Value): IntField | null {
  if (value.kind === 'literal') return null;
  return value.field.type === 'int' || value.field.type === 'time' ? value.field : null;
}

function compileTexts(node: TestNode, right: Value): ((record: FlatRecord) => boolean) | null {
  const operator = OPERATORS[node.operator];
  const a = textReader(node.left);
  const b = textReader(right);
  if (operator.kind !== 'text' || a === null || b === null) return null;
  return (record) => operator.interpret(a(record), b(record)) !== operator.negated;
}

/** Returns a reader for a value that is a single text on every record; null if the value can have several texts. */
function textReader(value: Value): ((record: FlatRecord) => string) | null {
  if (value.kind === 'literal') return () => value.text;
  const { field } = value;
  switch (field.type) {
    case 'string':
    case 'json':
      return (record) => textOf(value, field.read(record));
    case 'int':
    case 'time':
      return (record) => formatInt64(field.readLow(record), field.readHigh(record));
    case 'bool':
      return (record) => String(field.read(record));
    default:
      return null;
  }
}
