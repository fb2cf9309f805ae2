/** Policies that change while the pipeline runs (`monitor: local`). */
import { Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import { counted } from '../telemetry/counted.js';
import { logDiagnostics } from '../telemetry/log-diagnostics.js';
import type { Logger } from '../telemetry/logger.js';
import type { EngineOptionValues } from './engine-options.js';
import { type EngineComponents, type LoadedPolicy, loadPolicyTexts, policyPaths } from './engine-policies.js';
import { nodeFileSystem } from './files/node-file-system.js';
import { PolicyMonitor } from './monitor.js';

export interface PolicyReloadOptions {
  readonly options: EngineOptionValues;
  readonly components: EngineComponents;
  /** Whether errors refuse changed policies, whatever the options say. */
  readonly strict: boolean;
  readonly logger: Pick<Logger, 'log'>;
  /** Puts a policy in force. */
  replace(loaded: LoadedPolicy): void;
}

/** Watches the policies of an engine. What cannot be loaded leaves the rules from before in force. */
export class PolicyReload {
  readonly #options: PolicyReloadOptions;
  readonly #monitor: PolicyMonitor;
  /** The policies in force. */
  #policies: LoadedPolicy;

  constructor(policies: LoadedPolicy, reload: PolicyReloadOptions) {
    this.#options = reload;
    this.#policies = policies;
    const { policies: paths, 'monitor.interval': interval } = reload.options;
    this.#monitor = new PolicyMonitor(
      {
        paths: (paths ?? []).map(({ text }) => text),
        files: nodeFileSystem,
        languages: reload.components.languages,
        interval,
        onChange: (changed) => this.#change(changed),
        onUnreadable: (reason) => this.#keep(reason),
      },
      policies.sources,
    );
  }

  start(): void {
    this.#monitor.start();
  }

  stop(): void {
    this.#monitor.stop();
  }

  async #change(sources: readonly SourceText[]): Promise<void> {
    const { options, components, logger, replace } = this.#options;
    const found = new Diagnostics();
    const loaded = await loadPolicyTexts(sources, this.#policies.actiondir, components, found);
    logDiagnostics(found.items, logger);
    const refusal = this.#refusal(loaded, found);
    if (refusal !== null) {
      this.#keep(`${policyPaths(options)}: changed, but ${refusal}`);
      return;
    }
    replace(loaded);
    this.#policies = loaded;
    logger.log('health', `${policyPaths(options)}: changed, ${counted(loaded.policy.rules.length, 'rule')} in force`);
  }

  /** Returns why changed policies are refused, or null if they are accepted. */
  #refusal(changed: LoadedPolicy, found: Diagnostics): string | null {
    const { options, strict } = this.#options;
    if (sizeOf(changed) === 0 && sizeOf(this.#policies) > 0) return 'no rule is in it';
    return (strict || options.strict) && found.hasErrors ? 'something in it is wrong' : null;
  }

  #keep(why: string): void {
    this.#options.logger.log('error', `${why}; the rules of before stay in force`);
  }
}

function sizeOf({ policy }: LoadedPolicy): number {
  return policy.rules.length + policy.filters.length;
}
