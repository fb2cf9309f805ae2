/** A rule that matched a record, as outputs show it. */
export interface MatchedRule {
  readonly name: string;
  readonly description: string;
  /** 1 low, 2 medium, 3 high. */
  readonly priority: number;
  readonly tags: readonly string[];
}

/** What the policy engine and its actions attached to one record. */
export interface RecordContext {
  /** The rules that matched, in load order. */
  readonly rules: readonly MatchedRule[];
  /** Tags that actions added, before those of the rules in outputs. */
  readonly tags: readonly string[];
  /** Results of actions, by name: `context` in JSON, `labels` in ECS. */
  readonly findings: ReadonlyMap<string, string>;
}

/** No findings. */
export const NO_FINDINGS: ReadonlyMap<string, string> = new Map();
