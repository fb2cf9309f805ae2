import type { Diagnostics } from '../../diagnostics/diagnostic.js';
import type { Policy } from '../model/policy.js';
import type { ActionComponent } from './action.js';

/**
 * The actions that the rules of a policy may name: those of a folder and others, or none where no rule names one.
 *
 * @param diagnostics gets what is wrong with them, and which ones rules name that are not there
 * @param others those of the table of components
 */
export async function actionsOf(
  policy: Policy,
  folder: string,
  diagnostics: Diagnostics,
  others: readonly ActionComponent[] = [],
): Promise<ReadonlyMap<string, ActionComponent>> {
  if (policy.rules.every(({ actions }) => actions.length === 0)) return new Map();
  // Hardly any policy has actions: loaded when they are needed.
  const [{ loadActions }, { checkActions }] = await Promise.all([
    import('./load-actions.js'),
    import('./check-actions.js'),
  ]);
  const actions = await loadActions(folder, diagnostics, others);
  checkActions(policy, actions, diagnostics);
  return actions;
}
