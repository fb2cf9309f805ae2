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
  /** The rules, in load order. Rules whose condition cannot be parsed are omitted. */
  readonly rules: readonly PolicyRule[];
  /** All problems, in the order of the files; `formatDiagnostic` formats one as a line. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether one of the diagnostics is an error. */
  readonly hasErrors: boolean;
}

/** The internal form of policies. */
const LOADED = new WeakMap<Policies, LoadedPolicies>();

/** The internal form of loaded policies. */
export function loadedOf(policies: Policies): LoadedPolicies {
  const loaded = LOADED.get(policies);
  if (loaded === undefined) throw new TypeError('not policies that loadPolicies or parsePolicies loaded');
  return loaded;
}

/**
 * Loads policies. Errors in them and unreadable files do not throw: see {@link Policies.diagnostics}.
 *
 * @param paths files, and folders that are read with their subfolders
 */
export async function loadPolicies(paths: string | readonly string[]): Promise<Policies> {
  return policiesOf(await load(typeof paths === 'string' ? [paths] : paths, nodeFileSystem));
}

/** Like {@link loadPolicies}, for a text. @param path its name in diagnostics; the extension determines the language */
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
