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

/** Loaded policies. */
export class Policies {
  /** The rules that are in force, in load order. What is wrong with others is among the diagnostics. */
  readonly rules: readonly PolicyRule[];
  /** All that is wrong, in the order of the files; `formatDiagnostic` makes a line of each. */
  readonly diagnostics: readonly Diagnostic[];
  readonly #loaded: LoadedPolicies;

  private constructor(loaded: LoadedPolicies) {
    this.#loaded = loaded;
    this.diagnostics = loaded.diagnostics;
    this.rules = loaded.policy.rules.map(({ name, description, priority, tags }) => {
      return { name, description, priority, tags };
    });
  }

  /** Whether a rule was left out, or a file could not be read. */
  get hasErrors(): boolean {
    return this.#loaded.all.some(({ severity }) => severity === 'error');
  }

  static of(loaded: LoadedPolicies): Policies {
    return new Policies(loaded);
  }

  static loaded(policies: Policies): LoadedPolicies {
    return policies.#loaded;
  }
}

/**
 * Loads policies. Never throws for what is wrong in them or for files that cannot be read: see {@link Policies.diagnostics}.
 *
 * @param paths files, and folders that are read with their subfolders
 */
export async function loadPolicies(paths: string | readonly string[]): Promise<Policies> {
  return Policies.of(await load(typeof paths === 'string' ? [paths] : paths, nodeFileSystem));
}

/** Like {@link loadPolicies}, of a text. @param path how diagnostics call it; its ending tells the language */
export async function parsePolicies(text: string, path = 'policy.yaml'): Promise<Policies> {
  return Policies.of(await loadPolicyTexts([{ path, text }]));
}
