import { pluginFileOf, reasonOf } from '../../components/plugins/plugin.js';
import type { FlatRecord } from '../../records/flat-record.js';
import type { MatchedRule } from '../../records/record-context.js';
import { type Action, type ActionContext, MAX_ACTION_FINDINGS, MAX_ACTION_TAGS } from './action.js';

/** An action of a rule that matched. */
export interface RuleAction {
  readonly rule: MatchedRule;
  readonly action: Action;
}

/** An action that went wrong. */
export interface ActionProblem {
  readonly kind: 'failed' | 'slow';
  readonly action: string;
  /** Its file; null where it is built in. */
  readonly file: string | null;
  readonly rule: string;
  /** What it threw, as text; null for one that was only slow. */
  readonly message: string | null;
  /** How long it took, milliseconds. */
  readonly duration: number;
}

export interface ActionRunnerOptions {
  /** A clock for durations, milliseconds. */
  readonly now: () => number;
  /** Called for each action that threw or took longer than `slowAfter`. */
  readonly onProblem: (problem: ActionProblem) => void;
  /** Milliseconds from which an action counts as slow; 10 where nothing is said. */
  readonly slowAfter?: number;
}

/** Runs actions; nothing that one does stops another or the pipeline. */
export class ActionRunner {
  readonly #options: ActionRunnerOptions;
  /** How many actions ran, threw, and were slow. */
  runs = 0;
  failures = 0;
  slow = 0;

  constructor(options: ActionRunnerOptions) {
    this.#options = options;
  }

  /** Runs actions in order and returns their tags and findings. */
  run(record: FlatRecord, actions: readonly RuleAction[]): { tags: string[]; findings: Map<string, string> } {
    const tags: string[] = [];
    const findings = new Map<string, string>();
    const context: ActionContext = {
      addTag: (tag) => {
        if (tags.length < MAX_ACTION_TAGS) tags.push(String(tag));
      },
      note: (name, value) => {
        if (findings.size < MAX_ACTION_FINDINGS || findings.has(name)) findings.set(String(name), String(value));
      },
    };
    for (const { action, rule } of actions) this.#runOne(record, rule, action, context);
    return { tags, findings };
  }

  #runOne(record: FlatRecord, rule: MatchedRule, action: Action, context: ActionContext): void {
    const { now, slowAfter = 10 } = this.#options;
    const start = now();
    this.runs++;
    try {
      const result: unknown = action.run(record, rule, context);
      // An async action has returned already; only a failure is still reported.
      if (result instanceof Promise) result.catch((error) => this.#failed(action, rule, error, now() - start));
    } catch (error) {
      this.#failed(action, rule, error, now() - start);
      return;
    }
    const duration = now() - start;
    if (duration <= slowAfter) return;
    this.slow++;
    this.#report('slow', action, rule, null, duration);
  }

  #failed(action: Action, rule: MatchedRule, error: unknown, duration: number): void {
    this.failures++;
    this.#report('failed', action, rule, reasonOf(error), duration);
  }

  #report(
    kind: ActionProblem['kind'],
    action: Action,
    rule: MatchedRule,
    message: string | null,
    duration: number,
  ): void {
    const file = pluginFileOf(action) ?? null;
    this.#options.onProblem({ kind, action: action.name, file, rule: rule.name, message, duration });
  }
}
