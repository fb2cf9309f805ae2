/**
 * Predicates are the distinct tests in all conditions of a policy. Each belongs to the column of the attribute that it
 * tests.
 *
 * Equivalent tests are one predicate (`a = b` and `a in (b)`). A test with the same result for every record is a
 * constant.
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

/** A test in terms of a predicate: it holds if the predicate holds, or if it does not (`negated`). */
export interface PredicateUse {
  readonly predicate: number;
  readonly negated: boolean;
}

/** A predicate: its column and its value where the column does not apply. */
export interface Predicate {
  readonly column: ColumnPlan;
  /** Whether it holds on records to which its attributes do not apply. */
  readonly whenAbsent: boolean;
}

/** A column that is not built yet: an attribute and its tests. */
export interface ColumnPlan {
  readonly dependsOn: FieldDependency;
  /** Bit set of the record kinds to which its attributes apply. */
  readonly kinds: number;
  /** Cost of reading the value: 0 a number, 1 a text, 2 a list, 3 a path into JSON. */
  readonly cost: number;
  build(classes: ClassTable): Column;
}

/** Collects the predicates and columns of all conditions. */
export class PredicateTable {
  readonly predicates: Predicate[] = [];
  readonly columns: ColumnPlan[] = [];
  readonly #values = new Map<string, ValueColumn>();
  readonly #comparisons = new Map<string, number>();
  readonly #uses = new Map<TestNode, PredicateUse | boolean>();

  /** Returns the predicate of a test, or its result if that is the same for all records. */
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

  /** Registers a test that compares attributes with each other. It gets a column of its own, without the negation. */
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

/** The operator to use after exchanging the two sides. */
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
  /** Predicates by the integer range in which they hold. */
  readonly ranges = new Map<string, number>();
  /**
   * Tests by index kind and by their literals, joined with newlines. Different lists can join to the same text, so the
   * literals are compared as well.
   */
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
  /** Depends on the policy alone, so it is reused when columns are built again. */
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

  /** Returns all tests as integer ranges, or null if a test depends on the digits. */
  #integerRanges(): RangeTest[] | null {
    const ranges = this.#rangeTests.slice();
    for (const { predicate, operator, literals } of this.#textTests) {
      if (operator.index !== 'whole') return null;
      for (const literal of literals) {
        const value = parseInt64(literal);
        // Equality compares decimal texts, so literals such as +5 and 05 never match.
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
