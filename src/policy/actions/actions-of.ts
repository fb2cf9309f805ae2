import type { Diagnostics } from '../../diagnostics/diagnostic.js';
import type { Policy } from '../model/policy.js';
import type { Action } from './action.js';

/**
 * The actions that the rules of a policy may name: those of a folder, or none where no rule names one.
 *
 * @param diagnostics gets what is wrong with them, and which ones rules name that are not there
 */
export async function actionsOf(
  policy: Policy,
  folder: string,
  diagnostics: Diagnostics,
): Promise<ReadonlyMap<string, Action>> {
  if (policy.rules.every(({ actions }) => actions.length === 0)) return new Map();
  // Hardly any policy has actions: loaded when they are needed.
  const [{ loadActions }, { checkActions }] = await Promise.all([
    import('./load-actions.js'),
    import('./check-actions.js'),
  ]);
  const actions = await loadActions(folder, diagnostics);
  checkActions(policy, actions, diagnostics);
  return actions;
}
