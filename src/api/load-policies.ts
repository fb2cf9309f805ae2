import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { nodeFileSystem } from '../policy/files/node-file-system.js';
import { type LoadedPolicies, loadPolicies as load, loadPolicyTexts } from '../policy/load-policies.js';

/** A rule of loaded policies. */
export interface PolicyRule {
  readonly name: string;
  readonly description: string;
  /** 1 low, 2 medium, 3 high. */
  readonly priority: number;
  readonly tags: readonly string[];
}

/** Loaded policies, for {@link alerts}. */
export interface Policies {
  /** The rules, in load order. A rule whose condition cannot be read is left out. */
  readonly rules: readonly PolicyRule[];
  /** All diagnostics, in the order of the files; `formatDiagnostic` formats one. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether one of them is an error. */
  readonly hasErrors: boolean;
}

/** The internal form of loaded policies. */
const LOADED = new WeakMap<Policies, LoadedPolicies>();

/** Maps policies to their internal form. */
export function loadedOf(policies: Policies): LoadedPolicies {
  const loaded = LOADED.get(policies);
  if (loaded === undefined) throw new TypeError('not policies that loadPolicies or parsePolicies loaded');
  return loaded;
}

/**
 * Loads policies. Never throws for errors in them or unreadable files: see {@link Policies.diagnostics}.
 *
 * @param paths files, and folders that are read with their subfolders
 */
export async function loadPolicies(paths: string | readonly string[]): Promise<Policies> {
  return policiesOf(await load(typeof paths === 'string' ? [paths] : paths, nodeFileSystem));
}

/** Like {@link loadPolicies}, of a text. @param path name in diagnostics; its extension selects the language */
export async function parsePolicies(text: string, path = 'policy.yaml'): Promise<Policies> {
  return policiesOf(await loadPolicyTexts([{ path, text }]));
}

function policiesOf(loaded: LoadedPolicies): Policies {
  const { diagnostics, all } = loaded;
  const rules = loaded.policy.rules.map(({ name, description, priority, tags }) => {
    return { name, description, priority, tags };
  });
  const policies = { rules, diagnostics, hasErrors: all.some(({ severity }) => severity === 'error') };
  LOADED.set(policies, loaded);
  return policies;
}
