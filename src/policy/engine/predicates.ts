/**
 * Predicates: the distinct tests of all conditions of a policy, each assigned to the column of the attribute it looks at.
 *
 * Tests that ask the same are one predicate (`a = b` and `a in (b)`), and a test whose outcome no record changes is a constant.
 */
import type { FieldDependency } from '../../fields/field.js';
import { zeroText } from '../../fields/zero-text.js';
import type { FlatRecord } from '../../records/flat-record.js';
import { formatInt64 } from '../../sysflow/int64.js';
import { jsonPath } from '../json-path/json-path.js';
import type { FieldValue, LiteralValue, Operator, TestNode, Value } from '../model/policy.js';
import type { ClassTable, Column } from './columns/column.js';
import { IntegerColumn } from './columns/integer-column.js';
import { ListColumn } from './columns/list-column.js';
import { TestColumn } from './columns/test-column.js';
import { TextColumn } from './columns/text-column.js';
import { type RangeTest, type TextTest, TextTests } from './columns/text-tests.js';
import { compileComparison } from './comparison.js';
import { parseInt64 } from './integers.js';
import { evaluateTest } from './interpreter.js';
import { isIn } from './operators/in.js';
import type { OrderOperator, TextIndexKind, TextOperator } from './operators/operator.js';
import { OPERATORS } from './operators/table.js';
import { hasPath } from './values.js';

/** A test as a predicate: the test holds where the predicate does, or where it does not (`negated`). */
export interface PredicateUse {
  readonly predicate: number;
  readonly negated: boolean;
}

/** What is known of a predicate beside its column. */
export interface Predicate {
  readonly column: ColumnPlan;
  /** Whether it holds on records to which its attributes do not apply. */
  readonly whenAbsent: boolean;
}

/** A column before it is built: an attribute and the tests of it. */
export interface ColumnPlan {
  readonly dependsOn: FieldDependency;
  /** Bits of the record kinds its attributes apply to. */
  readonly kinds: number;
  /** How dear a look at the value is: 0 a number, 1 a text, 2 a list, 3 a path into JSON. */
  readonly cost: number;
  build(classes: ClassTable): Column;
}

/** Collects predicates and columns over all conditions. */
export class PredicateTable {
  readonly predicates: Predicate[] = [];
  readonly columns: ColumnPlan[] = [];
  readonly #values = new Map<string, ValueColumn>();
  readonly #comparisons = new Map<string, number>();
  readonly #uses = new Map<TestNode, PredicateUse | boolean>();

  /** The predicate of a test, or its outcome where that is the same for all records. */
  use(node: TestNode): PredicateUse | boolean {
    let use = this.#uses.get(node);
    if (use === undefined) {
      use = this.#find(node);
      this.#uses.set(node, use);
    }
    return use;
  }

  #find(node: TestNode): PredicateUse | boolean {
    if (node.left.kind === 'literal' && node.right.every(({ kind }) => kind === 'literal')) {
      return evaluateTest(node, null);
    }
    const operator = OPERATORS[node.operator];
    switch (operator.kind) {
      case 'presence':
        return { negated: false, predicate: this.#presence(node.left as FieldValue) };
      case 'order':
        return this.#order(node, operator);
      case 'text':
        return this.#text(node, operator);
    }
  }

  #presence(value: FieldValue): number {
    const column = this.#column(value);
    if (column.presence === -1) column.presence = this.#add(column, false);
    return column.presence;
  }

  #order(node: TestNode, operator: OrderOperator): PredicateUse | boolean {
    const [right] = node.right;
    if (right === undefined) return false;
    if (node.left.kind === 'field' && right.kind === 'field') return this.#compare(node);
    const mirrored = node.left.kind === 'literal';
    const value = (mirrored ? right : node.left) as FieldValue;
    const limit = parseInt64(((mirrored ? node.left : right) as LiteralValue).text);
    if (limit === null) return false;
    const { first, last } = mirrored
      ? (OPERATORS[MIRRORED[operator.name]!] as OrderOperator).compile(limit)
      : operator.compile(limit);
    if (first > last) return false;
    const column = this.#column(value);
    const key = `${first}..${last}`;
    let predicate = column.ranges.get(key);
    if (predicate === undefined) {
      predicate = this.#add(column, evaluateTest(node, null));
      column.ranges.set(key, predicate);
      column.addRange(predicate, first, last);
    }
    return { negated: false, predicate };
  }

  #text(node: TestNode, operator: TextOperator): PredicateUse | boolean {
    const { negated, index } = operator;
    const mirrored = index === 'whole' && node.left.kind === 'literal' && node.right.length === 1;
    const value = mirrored ? node.right[0]! : node.left;
    if (value.kind === 'literal') return this.#compare(node);
    const operands = mirrored ? [node.left] : node.right;
    if (operands.some(isField)) return this.#compare(node);
    const literals = operands.map(textOfLiteral);
    if (literals.length === 0) return negated;
    if (index !== 'whole' && index !== 'network' && literals.includes('')) return !negated;
    const column = this.#column(value);
    const key = literals.join('\n');
    const known = column.texts[index].get(key);
    if (known !== undefined && sameTexts(known.literals, literals)) return { negated, predicate: known.predicate };
    const absent = zeroText(value.field);
    const whenAbsent = literals.some((literal) => operator.interpret(absent, literal));
    const test = { predicate: this.#add(column, whenAbsent), operator, literals };
    column.texts[index].set(key, test);
    column.addText(test);
    return { negated, predicate: test.predicate };
  }

  /** A test that compares attributes with each other: a column of its own, without the negation. */
  #compare(node: TestNode): PredicateUse {
    const operator = OPERATORS[node.operator];
    const negated = operator.kind === 'text' && operator.negated;
    const positive: TestNode = negated ? { ...node, operator: '=' } : node;
    const key = [positive.operator, ...[node.left, ...node.right].map(valueKey)].join(' ');
    let predicate = this.#comparisons.get(key);
    if (predicate === undefined) {
      const column = new ComparisonColumn(positive, this.predicates.length);
      this.columns.push(column);
      predicate = this.#add(column, evaluateTest(positive, null));
      this.#comparisons.set(key, predicate);
    }
    return { negated, predicate };
  }

  #column(value: FieldValue): ValueColumn {
    const key = valueKey(value);
    let column = this.#values.get(key);
    if (column === undefined) {
      column = new ValueColumn(value);
      this.#values.set(key, column);
      this.columns.push(column);
    }
    return column;
  }

  #add(column: ColumnPlan, whenAbsent: boolean): number {
    return this.predicates.push({ column, whenAbsent }) - 1;
  }
}

function isField({ kind }: Value): boolean {
  return kind === 'field';
}

function textOfLiteral(value: Value): string {
  return (value as LiteralValue).text;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

/** The operator with its sides exchanged. */
const MIRRORED: Partial<Record<Operator, Operator>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function valueKey(value: Value): string {
  if (value.kind === 'literal') return JSON.stringify(value.text);
  if (value.path === null && value.index === null) return value.field.name;
  return `${value.field.name}[${value.index ?? JSON.stringify(value.path)}]`;
}

/** The column of an attribute that is tested against literals. */
class ValueColumn implements ColumnPlan {
  /** The predicate of `exists`, or -1. */
  presence = -1;
  /** Predicates by the integers for which they hold. */
  readonly ranges = new Map<string, number>();
  /** Tests by the part of a value that is looked at, and by their literals, joined: other literals may join to the same text. */
  readonly texts: Readonly<Record<TextIndexKind, Map<string, TextTest>>> = {
    whole: new Map(),
    prefix: new Map(),
    suffix: new Map(),
    substring: new Map(),
    'folded-substring': new Map(),
    network: new Map(),
  };
  readonly dependsOn: FieldDependency;
  readonly kinds: number;
  readonly cost: number;
  readonly #value: FieldValue;
  readonly #textTests: TextTest[] = [];
  readonly #rangeTests: RangeTest[] = [];
  /** Depends on the policy alone and outlives the columns that are built. */
  #tests: TextTests | null = null;

  constructor(value: FieldValue) {
    this.#value = value;
    this.dependsOn = value.field.dependsOn;
    this.kinds = value.field.kinds;
    this.cost = value.path !== null ? 3 : COSTS[value.field.type];
  }

  addText(test: TextTest): void {
    this.#textTests.push(test);
  }

  addRange(predicate: number, first: bigint, last: bigint): void {
    if (this.#value.field.type !== 'bool') this.#rangeTests.push({ predicate, first, last });
    else {
      const literals = [
        ...(first <= 0n && 0n <= last ? ['false'] : []),
        ...(first <= 1n && 1n <= last ? ['true'] : []),
      ];
      this.#textTests.push({ predicate, operator: isIn, literals });
    }
  }

  build(classes: ClassTable): Column {
    const { field, index } = this.#value;
    switch (field.type) {
      case 'int':
      case 'time': {
        const { readLow, readHigh } = field;
        const ranges = this.#integerRanges();
        const slot = field.slot === undefined || field.slot.wide ? null : field.slot.offset;
        if (ranges !== null) return new IntegerColumn(readLow, readHigh, ranges, classes, slot);
        return this.#textColumn((record) => formatInt64(readLow(record), readHigh(record)), true, '0', classes);
      }
      case 'bool':
        return this.#textColumn((record) => (field.read(record) ? 'true' : 'false'), false, 'false', classes);
      case 'string':
      case 'json': {
        if (!hasPath(this.#value)) return this.#textColumn(field.read, true, '', classes);
        const compiled = jsonPath(this.#value.path);
        return this.#textColumn((record) => compiled.textAt(field.read(record)), false, '', classes);
      }
      default: {
        const read = index !== null && field.readIndexed !== undefined ? field.readIndexed : field.read;
        if (index !== null) return this.#textColumn((record) => read(record)[index] ?? '', true, '', classes);
        return new ListColumn({ read, tests: this.#indexedTests(), presence: this.presence }, classes);
      }
    }
  }

  #textColumn(read: (record: FlatRecord) => string, trims: boolean, absent: string, classes: ClassTable): Column {
    return new TextColumn({ read, trims, tests: this.#indexedTests(), presence: this.presence, absent }, classes);
  }

  #indexedTests(): TextTests {
    this.#tests ??= new TextTests(this.#textTests, this.#rangeTests);
    return this.#tests;
  }

  /** All tests as ranges of integers, or null where a test looks at the digits. */
  #integerRanges(): RangeTest[] | null {
    const ranges = this.#rangeTests.slice();
    for (const { predicate, operator, literals } of this.#textTests) {
      if (operator.index !== 'whole') return null;
      for (const literal of literals) {
        const value = parseInt64(literal);
        // Equality is of decimal text: +5 and 05 are nobody's value.
        if (value !== null && String(value) === literal) ranges.push({ predicate, first: value, last: value });
      }
    }
    if (this.presence !== -1) {
      const { compile: below } = OPERATORS['<'] as OrderOperator;
      const { compile: above } = OPERATORS['>'] as OrderOperator;
      ranges.push({ predicate: this.presence, ...below(0n) }, { predicate: this.presence, ...above(0n) });
    }
    return ranges;
  }
}

const COSTS = { bool: 0, int: 0, time: 0, string: 1, json: 1, strings: 2, ints: 2 } as const;

/** The column of a test that compares attributes with each other. */
class ComparisonColumn implements ColumnPlan {
  readonly dependsOn: FieldDependency;
  readonly kinds: number;
  readonly cost = 2;
  readonly #node: TestNode;
  readonly #predicate: number;

  constructor(node: TestNode, predicate: number) {
    this.#node = node;
    this.#predicate = predicate;
    const fields = [node.left, ...node.right].flatMap((value) => (value.kind === 'field' ? [value.field] : []));
    const [first] = fields;
    const dependency = first?.dependsOn ?? 'event';
    this.dependsOn = fields.every(({ dependsOn }) => dependsOn === dependency) ? dependency : 'event';
    this.kinds = fields.reduce((kinds, field) => kinds | field.kinds, 0);
  }

  build(): Column {
    return new TestColumn(compileComparison(this.#node), this.#predicate);
  }
}
