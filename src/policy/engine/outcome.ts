import { type MatchedRule, NO_FINDINGS, type RecordContext } from '../../records/record-context.js';
import type { Action } from '../actions/action.js';
import type { RuleAction } from '../actions/action-runner.js';
import type { Policy, Rule } from '../model/policy.js';

/**
 * The rules that match a record. There is one object per set of matching rules, shared by all records that match this
 * set, with the context that outputs show.
 */
export class Outcome {
  /** Whether a filter drops the record. */
  readonly dropped: boolean;
  /** Indices into the policy's rules, ascending. */
  readonly rules: readonly number[];
  /** Null if no rule matched. */
  readonly context: RecordContext | null;
  /** The actions to run, in order. Usually empty. */
  readonly actions: readonly RuleAction[];
  /** Number of records with this outcome. */
  hits = 0;

  constructor(
    dropped: boolean,
    rules: readonly number[],
    context: RecordContext | null,
    actions: readonly RuleAction[],
  ) {
    this.dropped = dropped;
    this.rules = rules;
    this.context = context;
    this.actions = actions;
  }
}

/** The outcomes of one policy, one object per set of rules. */
export class OutcomeTable {
  /** No filter and no rule matched. */
  readonly none: Outcome = new Outcome(false, [], null, []);
  /** A filter matched. */
  readonly dropped: Outcome = new Outcome(true, [], null, []);
  readonly #rules: readonly Rule[];
  readonly #matched: readonly MatchedRule[];
  readonly #actions: ReadonlyMap<string, Action>;
  readonly #bySet = new Map<string, Outcome>();
  /** Hits by rule of the outcomes that were cleared. */
  readonly #clearedHits: number[];

  constructor(policy: Policy, actions: ReadonlyMap<string, Action>) {
    this.#rules = policy.rules;
    this.#matched = policy.rules.map(({ name, description, priority, tags }) => ({
      name,
      description,
      priority,
      tags,
    }));
    this.#actions = actions;
    this.#clearedHits = policy.rules.map(() => 0);
  }

  /** Returns the outcome for a set of matching rules, given in ascending order. */
  of(rules: readonly number[]): Outcome {
    if (rules.length === 0) return this.none;
    const key = rules.join(',');
    let outcome = this.#bySet.get(key);
    if (outcome === undefined) {
      const context: RecordContext = {
        rules: rules.map((rule) => this.#matched[rule]!),
        tags: [],
        findings: NO_FINDINGS,
      };
      outcome = new Outcome(false, rules.slice(), context, this.#actionsOf(rules));
      this.#bySet.set(key, outcome);
    }
    return outcome;
  }

  /** Number of records that each rule matched, by index. */
  hitsByRule(): number[] {
    const hits = this.#clearedHits.slice();
    for (const outcome of this.#bySet.values()) addHits(outcome, hits);
    return hits;
  }

  /** Number of outcomes in the table. */
  get size(): number {
    return this.#bySet.size;
  }

  #actionsOf(rules: readonly number[]): RuleAction[] {
    return rules.flatMap((rule) =>
      this.#rules[rule]!.actions.flatMap((name) => {
        const action = this.#actions.get(name);
        return action === undefined ? [] : [{ rule: this.#matched[rule]!, action }];
      }),
    );
  }

  /** Removes all outcomes and keeps their counts. Callers must not use outcomes from before. */
  clear(): void {
    for (const outcome of this.#bySet.values()) addHits(outcome, this.#clearedHits);
    this.#bySet.clear();
  }
}

function addHits(outcome: Outcome, hits: number[]): void {
  for (const rule of outcome.rules) hits[rule]! += outcome.hits;
}
