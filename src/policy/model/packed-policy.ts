/**
 * Policies as plain data, for handing them to another thread: much cheaper than reading their texts once more there.
 *
 * Attributes go by name, and places are left out, since whoever evaluates rules needs none. Nodes that are shared, such
 * as the bodies of macros, stay shared.
 */
import { findField } from '../../fields/table.js';
import type { ConditionNode, FieldValue, Place, Policy, TestNode, Value } from './policy.js';

/** What `structuredClone` can copy; see {@link unpackPolicy}. */
export interface PackedPolicy {
  readonly rules: readonly object[];
  readonly filters: readonly object[];
}

/** The place of everything in an unpacked policy. */
const NOWHERE: Place = { source: { path: '', text: '' }, range: { start: 0, end: 0 } };

/** The policy as plain data. */
export function packPolicy(policy: Policy): PackedPolicy {
  return mapPolicy(policy, (value) => ({ ...value, place: null, field: value.field.name }));
}

/** The policy that was packed, without places. The program that packed it must have had the same attributes. */
export function unpackPolicy(packed: PackedPolicy): Policy {
  return mapPolicy(packed as Policy, (value) => {
    const name = value.field as unknown as string;
    return { ...value, place: NOWHERE, field: findField(name)!.field };
  }) as Policy;
}

/** Copies a policy with other attributes in it. */
function mapPolicy(policy: Policy, mapField: (value: FieldValue) => object): PackedPolicy {
  const done = new Map<ConditionNode, ConditionNode>();
  const mapValue = (value: Value): Value =>
    value.kind === 'field' ? (mapField(value) as FieldValue) : { ...value, place: NOWHERE };
  const mapTest = (node: TestNode): TestNode => ({
    ...node,
    place: NOWHERE,
    left: mapValue(node.left),
    right: node.right.map(mapValue),
  });
  const map = (node: ConditionNode): ConditionNode => {
    const known = done.get(node);
    if (known !== undefined) return known;
    const mapped = mapNode(node);
    done.set(node, mapped);
    return mapped;
  };
  const mapNode = (node: ConditionNode): ConditionNode => {
    switch (node.kind) {
      case 'test':
        return mapTest(node);
      case 'and':
      case 'or':
        return { ...node, place: NOWHERE, items: node.items.map(map) };
      case 'not':
        return { ...node, place: NOWHERE, item: map(node.item) };
      case 'macro':
        return { ...node, place: NOWHERE, body: map(node.body) };
      case 'const':
        return { ...node, place: NOWHERE };
    }
  };
  const mapConditional = <T extends { readonly condition: ConditionNode }>(item: T): T => ({
    ...item,
    place: NOWHERE,
    condition: map(item.condition),
  });
  return { rules: policy.rules.map(mapConditional), filters: policy.filters.map(mapConditional) };
}
