/**
 * Determines from the record type alone whether a condition is always true, always false, or neither.
 *
 * It considers values that attributes cannot have on a record type, terms that contradict each other, and alternatives
 * of which one always holds. It is conservative: a condition called true or false has that value on every record of the
 * type.
 */
import type { RecordKind } from '../../../sysflow/record-types.js';
import type { ConditionNode, FieldValue, LiteralValue, TestNode } from '../../model/policy.js';
import { isSingleValued, possibleValues } from './record-values.js';

export type ConstantValue = boolean | undefined;

export class SatisfiabilityChecker {
  readonly #bodies = new Map<ConditionNode, Map<RecordKind, ConstantValue>>();

  /** Returns the value that a condition has on every record of a kind; undefined if it can vary. */
  constantValue(node: ConditionNode, kind: RecordKind): ConstantValue {
    switch (node.kind) {
      case 'const':
        return node.value;
      case 'not': {
        const inner = this.constantValue(node.item, kind);
        return inner === undefined ? undefined : !inner;
      }
      case 'macro':
        return this.#body(node.body, kind);
      case 'and':
        return this.#group(node.items, kind, true);
      case 'or':
        return this.#group(node.items, kind, false);
      case 'test':
        return constantValueOfTest(node, kind);
    }
  }

  #body(body: ConditionNode, kind: RecordKind): ConstantValue {
    let known = this.#bodies.get(body);
    if (known === undefined) {
      known = new Map();
      this.#bodies.set(body, known);
    }
    if (!known.has(kind)) known.set(kind, this.constantValue(body, kind));
    return known.get(kind);
  }

  /**
   * Evaluates the items of `and` (`neutral` true) or `or` (`neutral` false). A single item with the opposite of the
   * neutral value decides the result.
   */
  #group(items: readonly ConditionNode[], kind: RecordKind, neutral: boolean): ConstantValue {
    let certain = true;
    for (const item of items) {
      const value = this.constantValue(item, kind);
      if (value === !neutral) return !neutral;
      if (value === undefined) certain = false;
    }
    if (certain) return neutral;
    return contradict(claimsOf(items, neutral), kind) ? !neutral : undefined;
  }
}

/** States that a test of an attribute against literals holds, or that it does not hold. */
interface Claim {
  readonly left: FieldValue;
  readonly test: TestNode;
  readonly holds: boolean;
}

/**
 * Returns the claims about attributes that a conjunction makes. With `holds` false it returns those of the negated
 * items, for a disjunction: if the negations contradict each other, one of its items always holds.
 */
function claimsOf(items: readonly ConditionNode[], holds: boolean): Claim[] {
  const claims: Claim[] = [];
  const collect = (node: ConditionNode, expected: boolean): void => {
    if (claims.length >= MAX_CLAIMS) return;
    if (node.kind === 'not') collect(node.item, !expected);
    else if (node.kind === 'macro') collect(node.body, expected);
    else if (node.kind === (expected ? 'and' : 'or')) for (const item of node.items) collect(item, expected);
    else if (node.kind === 'test' && node.left.kind === 'field' && node.right.every(isLiteral)) {
      claims.push({ left: node.left, test: node, holds: expected });
    }
  };
  for (const item of items) collect(item, holds);
  return claims;
}

/** Maximum number of claims considered in a condition. */
const MAX_CLAIMS = 200;

function isLiteral(value: TestNode['left']): value is LiteralValue {
  return value.kind === 'literal';
}

/** Whether claims about the same attribute contradict each other. */
function contradict(claims: readonly Claim[], kind: RecordKind): boolean {
  const byAttribute = new Map<string, Claim[]>();
  for (const claim of claims) {
    const { field, path, index } = claim.left;
    if (!isSingleValued(claim.left, kind)) continue;
    const key = `${field.name}[${path ?? index ?? ''}]`;
    const known = byAttribute.get(key);
    if (known === undefined) byAttribute.set(key, [claim]);
    else known.push(claim);
  }
  return [...byAttribute.values()].some((about) => about.length > 1 && cannotHold(about));
}

function cannotHold(claims: readonly Claim[]): boolean {
  const candidates = claims.find(({ test, holds }) => isEquality(test) === holds && SETS.has(test.operator));
  if (candidates === undefined) return emptyInterval(claims);
  const texts = candidates.test.right.map((value) => (value as LiteralValue).text);
  return texts.every((text) => claims.some(({ test, holds }) => holdsFor(test, text) === !holds));
}

const SETS: ReadonlySet<string> = new Set(['=', 'in', '!=']);

/** Whether a test that holds limits the attribute to its literals. For `!=` this is the case if it does not hold. */
function isEquality(test: TestNode): boolean {
  return test.operator !== '!=';
}

/** Whether no integer satisfies all order claims. */
function emptyInterval(claims: readonly Claim[]): boolean {
  let least = -(1n << 63n);
  let greatest = (1n << 63n) - 1n;
  for (const { test, holds } of claims) {
    const bound = test.right.length === 1 ? integer((test.right[0] as LiteralValue).text) : undefined;
    if (bound === undefined) continue;
    const operator = holds ? test.operator : OPPOSITES[test.operator];
    if (operator === '>' && bound >= least) least = bound + 1n;
    else if (operator === '>=' && bound > least) least = bound;
    else if (operator === '<' && bound <= greatest) greatest = bound - 1n;
    else if (operator === '<=' && bound < greatest) greatest = bound;
  }
  return least > greatest;
}

const OPPOSITES: Readonly<Record<string, string>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' };

/** Returns the value that a test has on every record of a kind; undefined if it can vary. */
function constantValueOfTest(test: TestNode, kind: RecordKind): ConstantValue {
  if (test.operator === 'in' && test.right.length === 0) return false;
  if (test.left.kind === 'literal') {
    return test.right.every(isLiteral) ? holdsFor(test, test.left.text) : undefined;
  }
  if (!test.right.every(isLiteral)) return undefined;
  const texts = test.right.map(({ text }) => text);
  const possible = possibleValues(test.left, kind);
  if (possible.kind === 'exact') {
    return test.operator === 'exists' && possible.text === '' ? false : holdsFor(test, possible.text);
  }
  if (TEXT_PARTS.has(test.operator) && texts.includes('')) return true;
  if (possible.kind === 'any' || !SETS.has(test.operator)) return undefined;
  const impossible = texts.every((text) => text !== '' && !possible.texts.has(text));
  return impossible ? test.operator === '!=' : undefined;
}

const TEXT_PARTS: ReadonlySet<string> = new Set(['contains', 'icontains', 'startswith', 'endswith', 'pmatch']);

/** Whether a test holds for a value; undefined if it cannot be decided here. */
function holdsFor(test: TestNode, value: string): ConstantValue {
  const texts = test.right.map((right) => (right as LiteralValue).text);
  switch (test.operator) {
    case '=':
    case 'in':
      return texts.includes(value);
    case '!=':
      return !texts.includes(value);
    case 'startswith':
      return texts.some((text) => value.startsWith(text));
    case 'endswith':
      return texts.some((text) => value.endsWith(text));
    case 'contains':
    case 'pmatch':
      return texts.some((text) => value.includes(text));
    case 'exists':
      return existsAs(test, value);
    case 'within':
      return value === '' ? false : undefined;
    case 'icontains':
      return undefined;
    default:
      return holdsInOrder(test.operator, value, texts);
  }
}

/** Whether a value with this text exists. A text of quotes only reads as the empty text and exists. */
function existsAs({ left }: TestNode, value: string): ConstantValue {
  const type = left.kind === 'field' ? left.field.type : 'string';
  if (type === 'int' || type === 'time') return value !== '0';
  if (type === 'bool') return value !== 'false';
  return value === '' ? undefined : true;
}

function holdsInOrder(operator: string, value: string, texts: readonly string[]): ConstantValue {
  const left = integer(value);
  const bounds = texts.map(integer);
  if (left === undefined || bounds.includes(undefined)) return undefined;
  return bounds.some((bound) => {
    if (operator === '<') return left < bound!;
    if (operator === '<=') return left <= bound!;
    return operator === '>' ? left > bound! : left >= bound!;
  });
}

function integer(text: string): bigint | undefined {
  return /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
}
