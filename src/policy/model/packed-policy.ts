/**
 * Policies as plain data, for handing them to another thread: much cheaper than reading their texts once more there.
 *
 * Attributes go by name, and places are left out, since whoever evaluates rules needs none. Nodes that are shared, such
 * as the bodies of macros, stay shared. Arrays instead of objects make the copy about four times cheaper.
 */
import { findField } from '../../fields/table.js';
import type { ConditionNode, Filter, Operator, Place, Policy, Rule, Value } from './policy.js';

/** What `structuredClone` can copy; see {@link unpackPolicy}. */
export interface PackedPolicy {
  readonly rules: readonly PackedItem<Rule>[];
  readonly filters: readonly PackedItem<Filter>[];
}

/** A rule or filter, its condition apart. */
interface PackedItem<T> {
  readonly item: T;
  readonly condition: PackedNode;
}

/** The text of a literal, or an attribute with its path and index. */
type PackedValue = string | readonly [field: string, path: string | null, index: number | null];

type PackedNode =
  | readonly ['test', Operator, PackedValue, readonly PackedValue[]]
  | readonly ['and' | 'or', readonly PackedNode[]]
  | readonly ['not', PackedNode]
  | readonly ['macro', string, PackedNode]
  | readonly ['const', boolean, string | null];

/** The place of everything in an unpacked policy. */
const place: Place = { source: { path: '', text: '' }, range: { start: 0, end: 0 } };

/** The policy as plain data. */
export function packPolicy({ rules, filters }: Policy): PackedPolicy {
  const pack = remembering(packNode);
  const condition: ConditionNode = { kind: 'const', value: false, reason: null, place };
  return {
    rules: rules.map((rule) => ({ item: { ...rule, place, condition }, condition: pack(rule.condition) })),
    filters: filters.map((filter) => ({ item: { ...filter, place, condition }, condition: pack(filter.condition) })),
  };
}

/** The policy that was packed, without places. The program that packed it must have had the same attributes. */
export function unpackPolicy({ rules, filters }: PackedPolicy): Policy {
  const unpack = remembering(unpackNode);
  return {
    rules: rules.map(({ item, condition }) => ({ ...item, condition: unpack(condition) })),
    filters: filters.map(({ item, condition }) => ({ ...item, condition: unpack(condition) })),
  };
}

/** A function over nodes that does each node once. */
function remembering<A, B>(one: (node: A, recur: (node: A) => B) => B): (node: A) => B {
  const done = new Map<A, B>();
  const recur = (node: A): B => {
    let result = done.get(node);
    if (result === undefined) {
      result = one(node, recur);
      done.set(node, result);
    }
    return result;
  };
  return recur;
}

function packNode(node: ConditionNode, pack: (node: ConditionNode) => PackedNode): PackedNode {
  switch (node.kind) {
    case 'test':
      return ['test', node.operator, packValue(node.left), node.right.map(packValue)];
    case 'and':
    case 'or':
      return [node.kind, node.items.map(pack)];
    case 'not':
      return ['not', pack(node.item)];
    case 'macro':
      return ['macro', node.name, pack(node.body)];
    case 'const':
      return ['const', node.value, node.reason];
  }
}

function packValue(value: Value): PackedValue {
  return value.kind === 'literal' ? value.text : [value.field.name, value.path, value.index];
}

function unpackNode(node: PackedNode, unpack: (node: PackedNode) => ConditionNode): ConditionNode {
  switch (node[0]) {
    case 'test': {
      const [kind, operator, left, right] = node;
      return { kind, operator, left: unpackValue(left), right: right.map(unpackValue), place };
    }
    case 'and':
    case 'or':
      return { kind: node[0], items: node[1].map(unpack), place };
    case 'not':
      return { kind: 'not', item: unpack(node[1]), place };
    case 'macro':
      return { kind: 'macro', name: node[1], body: unpack(node[2]), place };
    case 'const':
      return { kind: 'const', value: node[1], reason: node[2], place };
  }
}

function unpackValue(value: PackedValue): Value {
  if (typeof value === 'string') return { kind: 'literal', text: value, place };
  const [name, path, index] = value;
  return { kind: 'field', field: findField(name)!.field, path, index, place };
}
