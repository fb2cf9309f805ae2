import type { Setting } from '../components/options.js';
import { countBySeverity, type Diagnostic, type Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import type { ActionComponent } from './actions/action.js';
import { actionsOf } from './actions/actions-of.js';
import type { EngineOptionValues } from './engine-options.js';
import type { RuleLanguage, UnresolvedCounts } from './languages/language.js';
import type { LoadedPolicies } from './load-policies.js';
import type { Policy } from './model/policy.js';

/** The components from which an engine's policies are made. */
export interface EngineComponents {
  readonly languages: readonly RuleLanguage[];
  /** Actions besides those of the engine's folder. */
  readonly actions: readonly ActionComponent[];
}

/** What an engine evaluates. */
export interface EnginePolicy {
  readonly policy: Policy;
  readonly actions: ReadonlyMap<string, ActionComponent>;
}

/** The same with what it was loaded from. */
export interface LoadedPolicy extends EnginePolicy {
  /** The files, in load order. */
  readonly sources: readonly SourceText[];
  /** Where its actions are. */
  readonly actiondir: string;
  /** Rules and terms that cannot work, and the number of errors: diagnostics list only the first ones of a file. */
  readonly unresolved: UnresolvedCounts & { readonly errors: number };
}

/** The policy files and folders of an engine, for messages. */
export function policyPaths({ policies }: EngineOptionValues): string {
  return (policies ?? []).map(({ text }) => text).join(', ');
}

/**
 * Loads the policies and actions of an engine; the parsers are loaded only when they are needed.
 *
 * @param diagnostics gets all that is wrong with them
 */
export async function loadPolicy(
  { policies, actiondir }: EngineOptionValues,
  components: EngineComponents,
  diagnostics: Diagnostics,
): Promise<LoadedPolicy> {
  if (policies === null) {
    const unresolved = { errors: 0, rules: 0, terms: 0 };
    return { policy: { rules: [], filters: [] }, actions: new Map(), sources: [], actiondir, unresolved };
  }
  const [{ loadPolicies }, { nodeFileSystem }] = await Promise.all([
    import('./load-policies.js'),
    import('./files/node-file-system.js'),
  ]);
  const paths = policies.map(({ text }) => text);
  const loaded = await loadPolicies(paths, nodeFileSystem, {}, components.languages);
  const found = { ...loaded, diagnostics: placed(loaded.diagnostics, policies) };
  return withActions(found, actiondir, components.actions, diagnostics);
}

/** Diagnostics with those of paths that cannot be read where the paths are written. */
function placed(diagnostics: readonly Diagnostic[], policies: readonly Setting[]): Diagnostic[] {
  return diagnostics.map((item) => {
    const path = policies.find(({ text }) => item.code === 'file-unreadable' && text === item.source?.path);
    if (path === undefined) return item;
    return { ...item, message: `'${path.text}': ${item.message}`, source: path.source, range: path.range };
  });
}

/** The same for policies that were read before. */
export async function loadPolicyTexts(
  sources: readonly SourceText[],
  actiondir: string,
  components: EngineComponents,
  diagnostics: Diagnostics,
): Promise<LoadedPolicy> {
  const { loadPolicyTexts: load } = await import('./load-policies.js');
  return withActions(await load(sources, {}, components.languages), actiondir, components.actions, diagnostics);
}

async function withActions(
  { policy, diagnostics: found, all, unresolved, sources }: LoadedPolicies,
  actiondir: string,
  others: readonly ActionComponent[],
  diagnostics: Diagnostics,
): Promise<LoadedPolicy> {
  for (const diagnostic of found) diagnostics.add(diagnostic);
  const actions = await actionsOf(policy, actiondir, diagnostics, others);
  const errors = countBySeverity(all.filter(({ code }) => code !== 'file-unreadable')).error;
  return { policy, actions, sources, actiondir, unresolved: { ...unresolved, errors } };
}
