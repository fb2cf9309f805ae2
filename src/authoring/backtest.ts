/** Runs two policies over the same records and reports the differences. */
import { createPolicyEngine, type PolicyEngine } from '../policy/engine/policy-engine.js';
import type { Policy } from '../policy/model/policy.js';
import type { FlatBatch } from '../records/flat-batch.js';
import { FlatRecord } from '../records/flat-record.js';
import type { MatchedRule, RecordContext } from '../records/record-context.js';
import type { Receiver } from '../streams/receiver.js';
import { BATCH_ROWS } from '../sysflow/record-batch.js';

/**
 * Difference of an alert: `gone` and `new` if only one policy raises it; `changed` if both raise it with different
 * rules, or with different priorities or tags of the rules.
 */
export type AlertChange = 'gone' | 'new' | 'changed';

/** Alerts of a rule under both policies. */
export interface RuleComparison {
  readonly name: string;
  before: number;
  after: number;
  /** Records that only the old policy (`gone`) or only the new policy (`new`) matches with the rule. */
  gone: number;
  new: number;
  /** Records that both match, with a different priority or different tags. */
  changed: number;
}

/** Called for each alert that differs. The record is valid until the returned promise settles, or until the call returns. */
export type OnAlertChange = (
  change: AlertChange,
  record: FlatRecord,
  before: readonly MatchedRule[],
  after: readonly MatchedRule[],
) => Promise<void> | undefined;

export class Backtest implements Receiver<FlatBatch> {
  readonly #onChange: OnAlertChange;
  readonly #before: Side;
  readonly #after: Side;
  readonly #record = new FlatRecord();
  readonly #rules = new Map<string, RuleComparison>();
  /** Number of alerts by difference. */
  readonly alerts: Record<AlertChange | 'same', number> = { gone: 0, new: 0, changed: 0, same: 0 };

  constructor(before: Policy, after: Policy, onChange: OnAlertChange) {
    this.#onChange = onChange;
    this.#before = new Side(before);
    this.#after = new Side(after);
    for (const { name } of [...before.rules, ...after.rules]) {
      this.#rules.set(name, { name, before: 0, after: 0, gone: 0, new: 0, changed: 0 });
    }
  }

  /** Returns the rules of both policies in load order, those of the old policy first. */
  get rules(): readonly RuleComparison[] {
    return [...this.#rules.values()];
  }

  async push(batch: FlatBatch): Promise<void> {
    const before = this.#before.evaluate(batch);
    const after = this.#after.evaluate(batch);
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const old = before[row]?.rules ?? NONE;
      const now = after[row]?.rules ?? NONE;
      if (old.length > 0 || now.length > 0) await this.#compare(this.#record.moveTo(batch, row), old, now);
    }
    batch.release();
  }

  async end(): Promise<void> {}

  #compare(
    record: FlatRecord,
    before: readonly MatchedRule[],
    after: readonly MatchedRule[],
  ): Promise<void> | undefined {
    let same = true;
    for (const rule of before) {
      const comparison = this.#rules.get(rule.name)!;
      const now = after.find(({ name }) => name === rule.name);
      comparison.before++;
      if (now === undefined) comparison.gone++;
      else if (!isAlike(rule, now)) comparison.changed++;
      same &&= now !== undefined && isAlike(rule, now);
    }
    for (const rule of after) {
      const comparison = this.#rules.get(rule.name)!;
      comparison.after++;
      if (before.some(({ name }) => name === rule.name)) continue;
      comparison.new++;
      same = false;
    }
    const change = same ? 'same' : after.length === 0 ? 'gone' : before.length === 0 ? 'new' : 'changed';
    this.alerts[change]++;
    return change === 'same' ? undefined : this.#onChange(change, record, before, after);
  }
}

const NONE: readonly MatchedRule[] = [];

/** Whether a rule raises the same alert under both policies; ignores its description. */
function isAlike(a: MatchedRule, b: MatchedRule): boolean {
  return a.priority === b.priority && a.tags.length === b.tags.length && a.tags.every((tag, i) => tag === b.tags[i]);
}

/** One of the two policies: evaluates a batch and stores the results by row. */
class Side implements Receiver<FlatBatch> {
  readonly #engine: PolicyEngine;
  #contexts: (RecordContext | null)[] = [];

  constructor(policy: Policy) {
    const options = { mode: 'alert', actions: new Map(), now: () => 0, onActionProblem: () => {} } as const;
    this.#engine = createPolicyEngine(options, policy, this);
  }

  /** Returns the alert context of each row; the array is valid until the next batch. */
  evaluate(batch: FlatBatch): readonly (RecordContext | null)[] {
    this.#contexts = new Array<RecordContext | null>(BATCH_ROWS).fill(null);
    batch.retain();
    this.#engine.push(batch);
    return this.#contexts;
  }

  push(batch: FlatBatch): undefined {
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      this.#contexts[row] = batch.contexts?.[row] ?? null;
    }
    batch.release();
    return undefined;
  }

  async end(): Promise<void> {}
}
