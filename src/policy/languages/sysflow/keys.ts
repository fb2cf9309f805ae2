/** The items of a policy file and their keys. The readers, the checks and the JSON Schema share this description. */
import { Priority } from '../../model/policy.js';
import type { ItemDescription, KeyDescription } from '../language.js';

export type ItemKind = 'rule' | 'filter' | 'macro' | 'list' | 'required_engine_version';

/** Description of an item kind. */
export interface KindDescription extends ItemDescription {
  readonly kind: ItemKind;
}

const CONDITION: KeyDescription = {
  type: 'condition',
  required: true,
  description: 'When it holds: tests of attributes joined with and, or, not and parentheses; macros by name.',
};
const ENABLED: KeyDescription = { type: 'boolean', description: 'false disables it. Default true.' };
const APPEND: KeyDescription = {
  type: 'boolean',
  description: 'true appends to the earlier definition with that name instead of replacing it.',
};
const FALCO_ONLY = 'it belongs to the Falco language';
const OVERRIDE: KeyDescription = {
  type: 'any',
  description: "Falco's override.",
  ignored: FALCO_ONLY,
  instead: "use 'append: true' to add to the earlier definition, or change that one",
};

const RULE_KEYS: Readonly<Record<string, KeyDescription>> = {
  rule: { type: 'name', required: true, description: 'Name of the rule, as alerts show it.' },
  desc: { type: 'text', required: true, description: 'What the rule detects.' },
  condition: CONDITION,
  priority: {
    type: 'severity',
    description:
      'low, medium or high, or a Falco priority: emergency, alert, critical and error are high, warning is medium, notice, info, informational and debug are low. Default low.',
  },
  tags: { type: 'names', description: 'Labels that alerts carry, such as MITRE ATT&CK techniques.' },
  prefilter: { type: 'record-types', description: 'Record types that the rule applies to. Default: all.' },
  enabled: ENABLED,
  actions: { type: 'names', description: 'Actions to run on a match, in this order.' },
  output: { type: 'text', description: 'Text of the alert, for readers of the rule; placeholders are not filled in.' },
  append: APPEND,
  'skip-if-unknown-filter': {
    type: 'boolean',
    description: 'true ignores the rule, with a warning, if it uses an unknown attribute.',
  },
  warn_evttypes: { type: 'boolean', description: "Falco's; it has no effect, since there is no such warning." },
  source: { type: 'any', description: 'Source of the events.', ignored: 'there is one source of events' },
  exceptions: { type: 'any', description: "Falco's exceptions.", ignored: `${FALCO_ONLY}: the rule fires on them too` },
  override: OVERRIDE,
  capture: { type: 'any', description: "Falco's capture.", ignored: FALCO_ONLY },
  capture_duration: { type: 'any', description: "Falco's capture.", ignored: FALCO_ONLY },
};

const FILTER_KEYS = (heading: string): Readonly<Record<string, KeyDescription>> => ({
  [heading]: { type: 'name', required: true, description: 'Name of the filter.' },
  desc: { type: 'text', description: 'What the filter drops, and why.' },
  condition: CONDITION,
  enabled: ENABLED,
});

export const ITEMS: readonly KindDescription[] = [
  {
    kind: 'rule',
    heading: 'rule',
    description: 'A rule: alerts on records for which its condition holds.',
    keys: RULE_KEYS,
  },
  {
    kind: 'filter',
    heading: 'filter',
    description: 'A filter: records for which its condition holds are dropped before rules are evaluated.',
    keys: FILTER_KEYS('filter'),
  },
  {
    kind: 'filter',
    heading: 'drop',
    description: 'Another name for filter.',
    keys: FILTER_KEYS('drop'),
  },
  {
    kind: 'macro',
    heading: 'macro',
    description: 'A condition with a name, for use in other conditions.',
    keys: {
      macro: { type: 'name', required: true, description: 'Name of the macro.' },
      desc: { type: 'text', description: 'What the macro means.' },
      condition: CONDITION,
      append: APPEND,
      override: OVERRIDE,
    },
  },
  {
    kind: 'list',
    heading: 'list',
    description: 'A list of values with a name, for use after in and pmatch.',
    keys: {
      list: { type: 'name', required: true, description: 'Name of the list.' },
      desc: { type: 'text', description: 'What the list contains.' },
      items: { type: 'items', required: true, description: 'Values, or names of other lists.' },
      append: APPEND,
      override: OVERRIDE,
    },
  },
  {
    kind: 'required_engine_version',
    heading: 'required_engine_version',
    description: 'The version of the rule engine that the file was written for.',
    keys: {
      required_engine_version: { type: 'any', required: true, description: 'A number N (for 0.N.0) or a version.' },
    },
  },
];

/** Items of the Falco language without an equivalent. */
export const FOREIGN_ITEMS: ReadonlySet<string> = new Set(['required_plugin_versions']);

/** Severities in lower case, and the priority that each stands for. */
export const SEVERITIES: ReadonlyMap<string, Priority> = new Map([
  ['low', Priority.low],
  ['medium', Priority.medium],
  ['high', Priority.high],
  ['emergency', Priority.high],
  ['alert', Priority.high],
  ['critical', Priority.high],
  ['error', Priority.high],
  ['warning', Priority.medium],
  ['notice', Priority.low],
  ['info', Priority.low],
  ['informational', Priority.low],
  ['debug', Priority.low],
]);
