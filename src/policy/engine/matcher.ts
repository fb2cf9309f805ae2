import type { FlatRecord } from '../../records/flat-record.js';
import type { Action } from '../actions/action.js';
import type { Policy } from '../model/policy.js';
import { evaluateCondition } from './interpreter.js';
import { type Outcome, OutcomeTable } from './outcome.js';

/** Decides what the rules of a policy say of a record. */
export class Matcher {
  readonly outcomes: OutcomeTable;
  readonly #policy: Policy;

  constructor(policy: Policy, actions: ReadonlyMap<string, Action>) {
    this.#policy = policy;
    this.outcomes = new OutcomeTable(policy, actions);
  }

  match(record: FlatRecord): Outcome {
    const { filters, rules } = this.#policy;
    if (filters.some((filter) => filter.enabled && evaluateCondition(filter.condition, record))) {
      return this.outcomes.dropped;
    }
    const matching: number[] = [];
    for (const [index, rule] of rules.entries()) {
      if (!rule.enabled || (rule.prefilter.length > 0 && !rule.prefilter.includes(record.type))) continue;
      if (evaluateCondition(rule.condition, record)) matching.push(index);
    }
    return this.outcomes.of(matching);
  }
}
