/**
 * Explains why a condition did or did not hold for a record: a tree of its terms, each with its result and the values
 * that led to it.
 */
import { printable } from '../../diagnostics/format.js';
import type { FlatRecord } from '../../records/flat-record.js';
import type { ConditionNode, Place, Rule, TestNode, Value } from '../model/policy.js';
import { evaluateCondition, evaluateTest } from './interpreter.js';
import { OPERATORS } from './operators/table.js';
import { readTexts } from './values.js';

/** One term of a condition. Texts contain no control characters. */
export interface Explanation {
  readonly held: boolean;
  /** `and`, `or`, `not`, the name of a macro, or the test in words: `sf.proc.name 'bash' is one of 'sh', 'bash'`. */
  readonly text: string;
  readonly kind: ConditionNode['kind'] | 'prefilter';
  readonly place: Place;
  readonly terms: readonly Explanation[];
}

/** Explains why a rule did or did not match a record. The prefilter comes first if the rule has one. */
export function explainRule(rule: Rule, record: FlatRecord): Explanation {
  const condition = explainCondition(rule.condition, record);
  if (rule.prefilter.length === 0) return condition;
  const held = rule.prefilter.includes(record.type);
  const text = `record type ${quote(record.type)} ${held ? 'is' : 'is not'} one of ${rule.prefilter.map(quote).join(', ')}`;
  const prefilter: Explanation = { held, text, kind: 'prefilter', place: rule.place, terms: [] };
  return { held: held && condition.held, text: 'and', kind: 'and', place: rule.place, terms: [prefilter, condition] };
}

/** Explains why a condition did or did not hold for a record. */
function explainCondition(node: ConditionNode, record: FlatRecord): Explanation {
  const held = evaluateCondition(node, record);
  const { kind, place } = node;
  switch (node.kind) {
    case 'and':
    case 'or':
      return { held, text: kind, kind, place, terms: node.items.map((item) => explainCondition(item, record)) };
    case 'not':
      return { held, text: 'not', kind, place, terms: [explainCondition(node.item, record)] };
    case 'macro':
      return { held, text: printable(node.name), kind, place, terms: [explainCondition(node.body, record)] };
    case 'const':
      return { held, text: printable(node.reason ?? String(node.value)), kind, place, terms: [] };
    case 'test':
      return { held: evaluateTest(node, record), text: describeTest(node, record), kind, place, terms: [] };
  }
}

/** Describes a test in words, with the values on both sides. */
export function describeTest(node: TestNode, record: FlatRecord): string {
  const operator = OPERATORS[node.operator];
  const right = shorten(matchesFirst(node, record).map((value) => operand(value, record)));
  return `${operand(node.left, record)} ${operator.describe(right)}`;
}

/**
 * Returns the right side of a test with the matching values first: lists can be long, and only their start is shown.
 */
function matchesFirst(node: TestNode, record: FlatRecord): readonly Value[] {
  if (node.right.length < 2) return node.right;
  const fits = new Set(node.right.filter((value) => evaluateTest({ ...node, right: [value] }, record)));
  return [...fits, ...node.right.filter((value) => !fits.has(value))];
}

/** Formats an attribute as `name 'value'` and a literal as `'text'`. */
function operand(value: Value, record: FlatRecord): string {
  const texts = shorten(readTexts(value, record).map(quote));
  if (value.kind === 'literal') return texts;
  const argument = value.path ?? value.index;
  return `${value.field.name}${argument === null ? '' : printable(`[${argument}]`)} ${texts}`;
}

const SHOWN_ITEMS = 8;
const SHOWN_LENGTH = 200;

function shorten(items: readonly string[]): string {
  if (items.length <= SHOWN_ITEMS) return items.join(', ');
  return `${items.slice(0, SHOWN_ITEMS).join(', ')} and ${items.length - SHOWN_ITEMS} more`;
}

function quote(text: string): string {
  return `'${printable(text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text)}'`;
}
