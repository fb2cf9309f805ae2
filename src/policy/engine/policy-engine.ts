import type { FlatBatch } from '../../records/flat-batch.js';
import { FlatRecord } from '../../records/flat-record.js';
import type { RecordContext } from '../../records/record-context.js';
import type { Receiver } from '../../streams/receiver.js';
import { BATCH_ROWS } from '../../sysflow/record-batch.js';
import type { Action } from '../actions/action.js';
import { type ActionProblem, ActionRunner } from '../actions/action-runner.js';
import type { Policy } from '../model/policy.js';
import { allocateMatcherSlots, Matcher } from './matcher.js';
import type { Outcome } from './outcome.js';

/**
 * Which records the engine passes on: `alert` those that match a rule; `enrich` all that no filter drops, with their
 * matching rules attached; `bypass` all, without evaluating the policy.
 */
export type PolicyMode = 'alert' | 'enrich' | 'bypass';

export interface PolicyEngineOptions {
  readonly mode: PolicyMode;
  /** The actions that rules can name; see `loadActions`. */
  readonly actions: ReadonlyMap<string, Action>;
  /** Clock for the duration of actions, milliseconds. */
  readonly now: () => number;
  /** Called for each action that throws or is slow. */
  readonly onActionProblem: (problem: ActionProblem) => void;
}

/** Counters of the engine. */
export interface PolicyEngineCounters {
  /** Records received, dropped by a filter, matched by a rule, and passed on. */
  readonly records: number;
  readonly dropped: number;
  readonly matched: number;
  readonly passed: number;
  /** Number of records that each rule of the current policy matched, in load order. */
  readonly rules: readonly { readonly name: string; readonly matched: number }[];
  /** Number of actions that ran, that threw, and that were slow. */
  readonly actions: { readonly runs: number; readonly failures: number; readonly slow: number };
}

/** The policy engine as a stage of the pipeline. */
export class PolicyEngine implements Receiver<FlatBatch> {
  readonly #options: PolicyEngineOptions;
  readonly #receiver: Receiver<FlatBatch>;
  readonly #runner: ActionRunner;
  readonly #record = new FlatRecord();
  readonly #slots = allocateMatcherSlots();
  #actions: ReadonlyMap<string, Action>;
  #policy: Policy;
  #matcher: Matcher;
  #records = 0;
  #dropped = 0;
  #matched = 0;
  #passed = 0;

  constructor(options: PolicyEngineOptions, policy: Policy, receiver: Receiver<FlatBatch>) {
    this.#options = options;
    this.#receiver = receiver;
    this.#runner = new ActionRunner({ now: options.now, onProblem: options.onActionProblem });
    this.#actions = options.actions;
    this.#policy = policy;
    this.#matcher = this.#matcherOf(policy);
  }

  /** Replaces the policy from the next batch on. The counts by rule start at 0 again. */
  replacePolicy(policy: Policy, actions: ReadonlyMap<string, Action>): void {
    this.#actions = actions;
    this.#matcher = this.#matcherOf(policy);
    this.#policy = policy;
  }

  push(batch: FlatBatch): Promise<void> | undefined {
    this.#records += batch.count;
    if (this.#options.mode === 'bypass') return this.#pass(batch);
    const selected = this.#evaluate(batch, this.#options.mode === 'enrich');
    if (selected === null) {
      batch.release();
      return undefined;
    }
    return this.#pass(selected);
  }

  end(): Promise<void> {
    return this.#receiver.end();
  }

  /** Returns a copy of the counters. */
  counters(): PolicyEngineCounters {
    const hits = this.#matcher.outcomes.hitsByRule();
    return {
      records: this.#records,
      dropped: this.#dropped,
      matched: this.#matched,
      passed: this.#passed,
      rules: this.#policy.rules.map(({ name }, index) => ({ name, matched: hits[index]! })),
      actions: { runs: this.#runner.runs, failures: this.#runner.failures, slow: this.#runner.slow },
    };
  }

  #matcherOf(policy: Policy): Matcher {
    return new Matcher(policy, { actions: this.#actions, slots: this.#slots });
  }

  #pass(batch: FlatBatch): Promise<void> | undefined {
    this.#passed += batch.count;
    return this.#receiver.push(batch);
  }

  /**
   * Returns the records to pass on, or null if there are none. Arrays for the selection are allocated only if needed.
   */
  #evaluate(batch: FlatBatch, all: boolean): FlatBatch | null {
    const { rows, count } = batch;
    this.#matcher.releaseMemory();
    const { none, dropped } = this.#matcher.outcomes;
    let kept: Int32Array | null = all ? new Int32Array(count) : null;
    let keptCount = 0;
    let contexts: (RecordContext | null)[] | null = null;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const outcome = this.#matcher.match(batch, row);
      if (outcome === none && !all) continue;
      if (outcome === dropped) {
        this.#dropped++;
        continue;
      }
      kept ??= new Int32Array(count);
      kept[keptCount++] = row;
      if (outcome === none) continue;
      contexts ??= batch.contexts?.slice() ?? new Array<RecordContext | null>(BATCH_ROWS).fill(null);
      contexts[row] = this.#attach(batch, row, outcome, contexts[row]!);
    }
    if (kept === null || keptCount === 0) return null;
    return batch.select(kept, keptCount, contexts ?? batch.contexts);
  }

  /** Counts a match, runs its actions, and returns the context to attach, merged with that of an earlier engine. */
  #attach(batch: FlatBatch, row: number, outcome: Outcome, before: RecordContext | null): RecordContext {
    outcome.hits++;
    this.#matched++;
    const context = outcome.context!;
    if (outcome.actions.length === 0 && before === null) return context;
    const { tags, findings } = this.#runner.run(this.#record.moveTo(batch, row), outcome.actions);
    if (before === null) return { rules: context.rules, tags, findings };
    return {
      rules: [...before.rules, ...context.rules],
      tags: [...before.tags, ...tags],
      findings: new Map([...before.findings, ...findings]),
    };
  }
}

/** Creates the stage that evaluates a policy on flat records; see {@link PolicyEngine}. */
export function createPolicyEngine(
  options: PolicyEngineOptions,
  policy: Policy,
  receiver: Receiver<FlatBatch>,
): PolicyEngine {
  return new PolicyEngine(options, policy, receiver);
}
