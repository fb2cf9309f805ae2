import { findField } from '../../../../src/fields/table.js';
import type {
  ConditionNode,
  FieldValue,
  Filter,
  LiteralValue,
  Operator,
  Place,
  Policy,
  Rule,
  TestNode,
  Value,
} from '../../../../src/policy/model/policy.js';

export const PLACE: Place = { source: { path: 'test', text: '' }, range: { start: 0, end: 0 } };

/** An attribute, with a JSON path or an index in brackets: `sf.pod.services[0.name]`, `proc.aname[1]`. */
export function attribute(text: string): FieldValue {
  const [, name = '', argument = null] = /^([^[]*)(?:\[(.*)\])?$/s.exec(text) ?? [];
  const field = findField(name)?.field;
  if (field === undefined) throw new Error(`no attribute ${name}`);
  const json = field.type === 'json';
  return {
    kind: 'field',
    field,
    path: json ? argument : null,
    index: json || argument === null ? null : Number(argument),
    place: PLACE,
  };
}

export function literal(text: string): LiteralValue {
  return { kind: 'literal', text, place: PLACE };
}

export function check(left: Value | string, operator: Operator, ...right: (Value | string)[]): TestNode {
  return {
    kind: 'test',
    operator,
    left: typeof left === 'string' ? attribute(left) : left,
    right: right.map((value) => (typeof value === 'string' ? literal(value) : value)),
    place: PLACE,
  };
}

export function and(...items: ConditionNode[]): ConditionNode {
  return { kind: 'and', items, place: PLACE };
}

export function or(...items: ConditionNode[]): ConditionNode {
  return { kind: 'or', items, place: PLACE };
}

export function not(item: ConditionNode): ConditionNode {
  return { kind: 'not', item, place: PLACE };
}

export function constant(value: boolean): ConditionNode {
  return { kind: 'const', value, reason: null, place: PLACE };
}

export function rule(name: string, condition: ConditionNode, rest: Partial<Rule> = {}): Rule {
  return {
    name,
    description: `${name} happened`,
    condition,
    priority: 1,
    severity: null,
    tags: [],
    prefilter: [],
    enabled: true,
    actions: [],
    output: null,
    place: PLACE,
    ...rest,
  };
}

export function filter(name: string, condition: ConditionNode, enabled = true): Filter {
  return { name, condition, enabled, place: PLACE };
}

export function policy(rules: readonly Rule[], filters: readonly Filter[] = []): Policy {
  return { rules, filters };
}
