import type { ConditionNode, ConstNode, Place, Policy } from '../../model/policy.js';
import type { UnresolvedCounts } from '../language.js';
import { UNKNOWN_ATTRIBUTE } from './operands.js';

/**
 * Returns a constant that replaces a term that cannot be resolved. It never makes the rule fire: it is false, or true
 * inside an odd number of `not`.
 */
export function unresolvedTerm(reason: string, place: Place, negated: boolean): ConstNode {
  return { kind: 'const', value: negated, reason, place };
}

/** Whether a term of a condition or of its macros has an unknown attribute. */
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

/**
 * Counts the unresolved terms of enabled rules and filters, once for each position, and the rules that never match
 * because of them.
 */
export function countUnresolved({ rules, filters }: Policy): UnresolvedCounts {
  const finder = new UnresolvedTermFinder();
  let count = 0;
  for (const { enabled, condition } of filters) if (enabled) finder.visit(condition);
  for (const { enabled, condition } of rules) {
    if (!enabled) continue;
    const { value, hasUnresolved } = finder.visit(condition);
    if (hasUnresolved && value === false) count++;
  }
  return { rules: count, terms: finder.terms.size };
}

/** The constant value of a condition, or null if it is not constant, and whether it contains unresolved terms. */
interface Verdict {
  readonly value: boolean | null;
  readonly hasUnresolved: boolean;
}

class UnresolvedTermFinder {
  /** The positions of unresolved terms. */
  readonly terms = new Set<string>();
  /** Caches the results, since conditions share macros. */
  readonly #verdicts = new Map<ConditionNode, Verdict>();

  visit(node: ConditionNode): Verdict {
    let verdict = this.#verdicts.get(node);
    if (verdict === undefined) {
      verdict = this.#judge(node);
      this.#verdicts.set(node, verdict);
    }
    return verdict;
  }

  #judge(node: ConditionNode): Verdict {
    switch (node.kind) {
      case 'test':
        return { value: null, hasUnresolved: false };
      case 'const':
        if (node.reason !== null) this.terms.add(`${node.place.range.start} ${node.place.source.path}`);
        return { value: node.value, hasUnresolved: node.reason !== null };
      case 'macro':
        return this.visit(node.body);
      case 'not': {
        const { value, hasUnresolved } = this.visit(node.item);
        return { value: value === null ? null : !value, hasUnresolved };
      }
      default: {
        const items = node.items.map((item) => this.visit(item));
        const decisive = node.kind === 'or';
        const hasUnresolved = items.some((item) => item.hasUnresolved);
        if (items.some(({ value }) => value === decisive)) return { value: decisive, hasUnresolved };
        return { value: items.every(({ value }) => value === !decisive) ? !decisive : null, hasUnresolved };
      }
    }
  }
}
