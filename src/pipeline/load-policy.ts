import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import type { LoadedPolicy, SegmentPlan } from './segment.js';

/** A plan's policy with all that is wrong with it. */
export interface PolicyReport {
  readonly loaded: LoadedPolicy;
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads the policies and actions of a plan; null where it has none. The parsers are loaded only when needed. */
export async function loadPolicy(plan: SegmentPlan): Promise<PolicyReport | null> {
  if (plan.policy === null) return null;
  const { paths, actionDir } = plan.policy;
  const [{ loadPolicies }, { nodeFileSystem }, { loadActions }, { checkActions }] = await Promise.all([
    import('../policy/sfpl/load.js'),
    import('../policy/sfpl/node-file-system.js'),
    import('../policy/actions/load-actions.js'),
    import('../policy/actions/check-actions.js'),
  ]);
  const diagnostics = new Diagnostics();
  const { policy, diagnostics: found } = await loadPolicies(paths, nodeFileSystem);
  const named = policy.rules.some((rule) => rule.actions.length > 0);
  const actions = named ? await loadActions(actionDir, diagnostics) : new Map();
  checkActions(policy, actions, diagnostics);
  return { loaded: { policy, actions }, diagnostics: [...found, ...diagnostics.items] };
}
