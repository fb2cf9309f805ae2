import type { Diagnostics } from '../../diagnostics/diagnostic.js';
import { nearestName } from '../../diagnostics/nearest.js';
import type { Policy } from '../model/policy.js';
import type { Action } from './action.js';

/** Reports every action that a rule names and that is not there. The rule itself works without it. */
export function checkActions(policy: Policy, actions: ReadonlyMap<string, Action>, diagnostics: Diagnostics): void {
  for (const rule of policy.rules) {
    for (const name of rule.actions) {
      if (actions.has(name)) continue;
      const near = nearestName(name, actions.keys());
      diagnostics.warning(
        'missing-action',
        `rule '${rule.name}' names the action '${name}', which is not installed`,
        rule.place.source,
        rule.place.range,
        near === undefined ? undefined : `did you mean '${near}'?`,
      );
    }
  }
}
