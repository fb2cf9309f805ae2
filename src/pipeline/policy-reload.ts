/** Policies that change while the pipeline runs (`monitor: local`). */
import { Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import { nodeFileSystem } from '../policy/files/node-file-system.js';
import { PolicyMonitor } from '../policy/monitor.js';
import { counted } from '../telemetry/counted.js';
import { logDiagnostics } from '../telemetry/log-diagnostics.js';
import type { Logger } from '../telemetry/logger.js';
import { type LoadedPolicy, loadPolicyTexts, policyPaths } from './policies.js';
import type { EngineStanza } from './stage-kinds.js';

export interface PolicyReloadOptions {
  /** Whether errors in policies count for all engines; see `EngineStanzaOptions.strict`. */
  readonly strict: boolean;
  readonly logger: Logger;
  /** Puts a policy in force. */
  replace(stanza: EngineStanza, loaded: LoadedPolicy): void;
}

/** Watches the policies of the engines that are to be watched; what cannot be taken leaves the rules of before in force. */
export class PolicyReload {
  readonly #options: PolicyReloadOptions;
  readonly #monitors: readonly PolicyMonitor[];
  readonly #policies: Map<EngineStanza, LoadedPolicy>;

  /** @param policies those in force; what is taken instead is put into it */
  constructor(policies: Map<EngineStanza, LoadedPolicy>, options: PolicyReloadOptions) {
    this.#options = options;
    this.#policies = policies;
    this.#monitors = [...policies].flatMap(([stanza, { sources }]) => {
      const { policies: paths, monitor, mode, 'monitor.interval': interval } = stanza.options;
      if (paths === null || monitor === 'none' || mode === 'bypass') return [];
      return new PolicyMonitor(
        {
          paths: paths.map(({ text }) => text),
          files: nodeFileSystem,
          interval,
          onChange: (changed) => this.#change(stanza, changed),
          onUnreadable: (reason) => this.#keep(reason),
        },
        sources,
      );
    });
  }

  start(): void {
    for (const monitor of this.#monitors) monitor.start();
  }

  stop(): void {
    for (const monitor of this.#monitors) monitor.stop();
  }

  async #change(stanza: EngineStanza, sources: readonly SourceText[]): Promise<void> {
    const { logger, replace } = this.#options;
    const before = this.#policies.get(stanza)!;
    const found = new Diagnostics();
    const loaded = await loadPolicyTexts(sources, before.actiondir, found);
    logDiagnostics(found.items, logger);
    const refusal = this.#refusal(stanza, before, loaded, found);
    if (refusal !== null) {
      this.#keep(`${policyPaths(stanza)}: changed, but ${refusal}`);
      return;
    }
    replace(stanza, loaded);
    this.#policies.set(stanza, loaded);
    logger.log('health', `${policyPaths(stanza)}: changed, ${counted(loaded.policy.rules.length, 'rule')} in force`);
  }

  /** Why changed policies are not taken; null where they are. */
  #refusal(stanza: EngineStanza, before: LoadedPolicy, after: LoadedPolicy, found: Diagnostics): string | null {
    if (sizeOf(after) === 0 && sizeOf(before) > 0) return 'no rule is in it';
    const strict = this.#options.strict || stanza.options.strict;
    return strict && found.hasErrors ? 'something in it is wrong' : null;
  }

  #keep(why: string): void {
    this.#options.logger.log('error', `${why}; the rules of before stay in force`);
  }
}

function sizeOf({ policy }: LoadedPolicy): number {
  return policy.rules.length + policy.filters.length;
}
