import type { Preparation } from '../components/processor.js';
import { counted } from '../telemetry/counted.js';
import type { EngineOptionValues } from './engine-options.js';
import { type LoadedPolicy, policyPaths } from './engine-policies.js';

/**
 * What an operator has to know of loaded policies, besides the diagnostics: how much of them cannot work.
 * @param hasErrors whether errors among the diagnostics say so already
 */
export function policyNotes(
  options: EngineOptionValues,
  { policy, unresolved }: LoadedPolicy,
  hasErrors: boolean,
): Preparation['notes'] {
  const paths = policyPaths(options);
  const notes: Preparation['notes'][number][] = [];
  const { errors, rules, terms } = unresolved;
  if (errors > 0) {
    const parts = [counted(errors, 'error')];
    if (rules > 0) parts.push(`${counted(rules, 'rule')} can never match`);
    if (terms > 0) parts.push(`${counted(terms, 'term is', 'terms are')} never true`);
    const command = ['sfprocessor validate', ...options.policies!.map(({ text }) => text)].join(' ');
    notes.push({ level: 'warn', message: `${paths}: ${parts.join(', ')}; see '${command}'` });
  }
  if (!hasErrors && options.policies !== null && options.mode !== 'bypass' && policy.rules.length === 0) {
    notes.push({ level: 'warn', message: `${paths}: no rule is in it` });
  }
  return notes;
}
