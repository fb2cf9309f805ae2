/** Actions: what a rule does beside raising an alert. A rule names them under `actions:`. */
import type { Component } from '../../components/component.js';
import type { FlatRecord } from '../../records/flat-record.js';
import type { MatchedRule } from '../../records/record-context.js';

/** Through which an action adds to the record it was run for. */
export interface ActionContext {
  /** Adds a tag, which outputs list before the tags of the rules. At most {@link MAX_ACTION_TAGS} are kept. */
  addTag(tag: string): void;
  /**
   * Notes something about the record under a name: `context` in JSON output, `labels` in ECS. A name that is noted again
   * gets the later value; at most {@link MAX_ACTION_FINDINGS} names are kept.
   */
  note(name: string, value: string): void;
}

/** Tags that the actions of one record may add together. */
export const MAX_ACTION_TAGS = 64;

/** Names that the actions of one record may note together. */
export const MAX_ACTION_FINDINGS = 64;

/** What an engine runs. */
export interface Action {
  /** The name by which rules call it. */
  readonly name: string;
  /**
   * Runs on a record that a rule matched; the actions of a rule run in its order. It runs between two records and so
   * should take microseconds: one that throws or is slow is counted and logged, and the pipeline goes on.
   *
   * @param record a view that is valid during the call only
   * @param rule the rule that matched
   */
  run(record: FlatRecord, rule: MatchedRule, context: ActionContext): void;
}

/** An action as a component, such as the default export of a module in the folder of actions. Nothing sets its options. */
export interface ActionComponent extends Component, Action {
  readonly kind: 'action';
  readonly name: string;
}
