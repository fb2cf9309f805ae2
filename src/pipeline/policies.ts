import type { EngineStanza } from '../config/pipeline-file.js';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import type { Action } from '../policy/actions/action.js';
import { type PackedPolicy, unpackPolicy } from '../policy/model/packed-policy.js';
import type { Policy } from '../policy/model/policy.js';

/** What the policies of an engine were loaded to. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly actions: ReadonlyMap<string, Action>;
}

const NO_POLICY: LoadedPolicy = { policy: { rules: [], filters: [] }, actions: new Map() };

/**
 * Loads the policies and actions of an engine; the parsers are loaded only when they are needed.
 *
 * @param diagnostics gets all that is wrong with them
 */
export async function loadPolicy(
  { policies, actiondir }: EngineStanza['options'],
  diagnostics: { add(diagnostic: Diagnostic): void },
): Promise<LoadedPolicy> {
  if (policies === null) return NO_POLICY;
  const [{ loadPolicies }, { nodeFileSystem }] = await Promise.all([
    import('../policy/sfpl/load.js'),
    import('../policy/sfpl/node-file-system.js'),
  ]);
  const found = await loadPolicies([policies], nodeFileSystem);
  for (const diagnostic of found.diagnostics) diagnostics.add(diagnostic);
  const actions = await loadActionsFor(found.policy, actiondir, diagnostics);
  return { policy: found.policy, actions };
}

/**
 * What another thread loaded, on this one: reading the texts again would cost far more. Actions are code and are loaded
 * anew; the other thread has told what is wrong with them.
 */
export async function takeOverPolicy(
  packed: PackedPolicy,
  { actiondir }: EngineStanza['options'],
): Promise<LoadedPolicy> {
  const policy = unpackPolicy(packed);
  return { policy, actions: await loadActionsFor(policy, actiondir, { add() {} }) };
}

async function loadActionsFor(
  policy: Policy,
  directory: string,
  diagnostics: { add(diagnostic: Diagnostic): void },
): Promise<ReadonlyMap<string, Action>> {
  if (policy.rules.every((rule) => rule.actions.length === 0)) return NO_POLICY.actions;
  const [{ loadActions }, { checkActions }] = await Promise.all([
    import('../policy/actions/load-actions.js'),
    import('../policy/actions/check-actions.js'),
  ]);
  const own = new Diagnostics();
  const actions = await loadActions(directory, own);
  checkActions(policy, actions, own);
  for (const diagnostic of own.items) diagnostics.add(diagnostic);
  return actions;
}
