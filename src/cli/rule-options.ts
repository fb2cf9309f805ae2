/** Options that select rules: by name, tag and priority. */
import { nearestName } from '../diagnostics/nearest.js';
import { terminalText } from '../exporter/encoders/terminal-text.js';
import { type Policy, Priority, type Rule } from '../policy/model/policy.js';
import type { OptionTable } from './option-table.js';
import type { ParsedOptions } from './options.js';

export const RULE_OPTIONS: OptionTable = {
  rule: { letter: 'r', value: 'RULE', description: 'Only alerts of this rule; may be given more than once' },
  tag: {
    letter: 't',
    value: 'TAG',
    description: 'Only alerts of rules with this tag; may be given more than once, for rules that have one of them',
  },
  priority: {
    value: 'PRIORITY',
    choices: Object.keys(Priority),
    description: 'Only alerts of rules with this priority or a higher one: low, medium or high',
  },
};

/** Reduces a policy to the rules that the options select. Returns a message for an unknown rule or tag. */
export function selectRules(policy: Policy, options: ParsedOptions): Policy | string {
  const [names, tags] = [options.all.get('rule'), options.all.get('tag')];
  for (const name of names ?? []) {
    const problem = ruleProblem(name, policy.rules);
    if (problem !== null) return problem;
  }
  const known = new Set(policy.rules.flatMap((rule) => rule.tags));
  for (const tag of tags ?? []) if (!known.has(tag)) return unknown('tag', tag, known);
  const lowest = Priority[(options.values.get('priority') ?? 'low') as keyof typeof Priority];
  const rules = policy.rules.filter(
    (rule) =>
      rule.priority >= lowest &&
      (names === undefined || names.includes(rule.name)) &&
      (tags === undefined || rule.tags.some((tag) => tags.includes(tag))),
  );
  return { ...policy, rules };
}

/** Returns a message if no rule has the name. */
export function ruleProblem(name: string, rules: readonly Rule[]): string | null {
  return rules.some((rule) => rule.name === name)
    ? null
    : unknown('rule', name, new Set(rules.map((rule) => rule.name)));
}

function unknown(what: string, name: string, known: ReadonlySet<string>): string {
  const part = name.toLowerCase();
  const nearest = nearestName(name, known) ?? [...known].find((other) => other.toLowerCase().includes(part));
  const hint = nearest === undefined ? '' : `; did you mean '${terminalText(nearest)}'?`;
  return `unknown ${what} '${terminalText(name)}'${hint}`;
}
