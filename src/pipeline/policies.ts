import type { EngineStanza } from '../config/pipeline-file.js';
import type { Diagnostics, SourceText } from '../diagnostics/diagnostic.js';
import type { Action } from '../policy/actions/action.js';
import { actionsOf } from '../policy/actions/actions-of.js';
import type { LoadedPolicies } from '../policy/load-policies.js';
import type { Policy } from '../policy/model/policy.js';

/** What an engine evaluates. */
export interface EnginePolicy {
  readonly policy: Policy;
  readonly actions: ReadonlyMap<string, Action>;
}

/** The same with what it was loaded from. */
export interface LoadedPolicy extends EnginePolicy {
  /** The files, in load order. */
  readonly sources: readonly SourceText[];
  /** Where its actions are. */
  readonly actiondir: string;
}

/**
 * Loads the policies and actions of an engine; the parsers are loaded only when they are needed.
 *
 * @param diagnostics gets all that is wrong with them
 */
export async function loadPolicy(
  { policies, actiondir }: EngineStanza['options'],
  diagnostics: Diagnostics,
): Promise<LoadedPolicy> {
  if (policies === null) return { policy: { rules: [], filters: [] }, actions: new Map(), sources: [], actiondir };
  const [{ loadPolicies }, { nodeFileSystem }] = await Promise.all([
    import('../policy/load-policies.js'),
    import('../policy/files/node-file-system.js'),
  ]);
  return withActions(await loadPolicies([policies], nodeFileSystem), actiondir, diagnostics);
}

/** The same for policies that were read before. */
export async function loadPolicyTexts(
  sources: readonly SourceText[],
  actiondir: string,
  diagnostics: Diagnostics,
): Promise<LoadedPolicy> {
  const { loadPolicyTexts: load } = await import('../policy/load-policies.js');
  return withActions(await load(sources), actiondir, diagnostics);
}

async function withActions(
  { policy, diagnostics: found, sources }: LoadedPolicies,
  actiondir: string,
  diagnostics: Diagnostics,
): Promise<LoadedPolicy> {
  for (const diagnostic of found) diagnostics.add(diagnostic);
  return { policy, actions: await actionsOf(policy, actiondir, diagnostics), sources, actiondir };
}
