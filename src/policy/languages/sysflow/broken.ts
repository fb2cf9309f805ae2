import type { ConditionNode, ConstNode, Place } from '../../model/policy.js';
import { UNKNOWN_ATTRIBUTE } from './operands.js';

/**
 * A constant in the place of a term that can't be resolved. It never makes the rule fire: false where the term stands
 * plainly, true where it stands under an odd number of `not`.
 */
export function broken(reason: string, place: Place, negated: boolean): ConstNode {
  return { kind: 'const', value: negated, reason, place };
}

/** Whether some term of a condition, macros included, is broken for an attribute that does not exist. */
export function hasUnknownAttribute(condition: ConditionNode): boolean {
  const seen = new Set<ConditionNode>();
  const search = (node: ConditionNode): boolean => {
    if (node.kind === 'const') return node.reason?.startsWith(UNKNOWN_ATTRIBUTE) ?? false;
    if (node.kind === 'test' || seen.has(node)) return false;
    seen.add(node);
    if (node.kind === 'macro') return search(node.body);
    return node.kind === 'not' ? search(node.item) : node.items.some(search);
  };
  return search(condition);
}
