import type { EngineStanza } from '../config/pipeline-file.js';
import { type Diagnostic, Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import type { Action } from '../policy/actions/action.js';
import { type PackedPolicy, unpackPolicy } from '../policy/model/packed-policy.js';
import type { Policy } from '../policy/model/policy.js';
import type { LoadedPolicies } from '../policy/sfpl/load.js';

/** What the policies of an engine were loaded to. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly actions: ReadonlyMap<string, Action>;
  /** The files, in load order; none where another thread loaded them. */
  readonly sources: readonly SourceText[];
  /** Where its actions are. */
  readonly actiondir: string;
}

/** Something that takes diagnostics. */
interface DiagnosticSink {
  add(diagnostic: Diagnostic): void;
}

/**
 * Loads the policies and actions of an engine; the parsers are loaded only when they are needed.
 *
 * @param diagnostics gets all that is wrong with them
 */
export async function loadPolicy(
  { policies, actiondir }: EngineStanza['options'],
  diagnostics: DiagnosticSink,
): Promise<LoadedPolicy> {
  if (policies === null) return { policy: { rules: [], filters: [] }, actions: new Map(), sources: [], actiondir };
  const [{ loadPolicies }, { nodeFileSystem }] = await Promise.all([
    import('../policy/sfpl/load.js'),
    import('../policy/sfpl/node-file-system.js'),
  ]);
  return withActions(await loadPolicies([policies], nodeFileSystem), actiondir, diagnostics);
}

/** The same for policies that were read before. */
export async function loadPolicyTexts(
  sources: readonly SourceText[],
  actiondir: string,
  diagnostics: DiagnosticSink,
): Promise<LoadedPolicy> {
  const { loadPolicyTexts: load } = await import('../policy/sfpl/load.js');
  return withActions(await load(sources), actiondir, diagnostics);
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
  return { policy, actions: await loadActionsFor(policy, actiondir, { add() {} }), sources: [], actiondir };
}

async function withActions(
  { policy, diagnostics: found, sources }: LoadedPolicies,
  actiondir: string,
  diagnostics: DiagnosticSink,
): Promise<LoadedPolicy> {
  for (const diagnostic of found) diagnostics.add(diagnostic);
  return { policy, actions: await loadActionsFor(policy, actiondir, diagnostics), sources, actiondir };
}

async function loadActionsFor(
  policy: Policy,
  directory: string,
  diagnostics: DiagnosticSink,
): Promise<ReadonlyMap<string, Action>> {
  if (policy.rules.every((rule) => rule.actions.length === 0)) return new Map();
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
