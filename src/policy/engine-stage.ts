import type { ProcessorEnvironment, Stage, StageCount, StageReport } from '../components/processor.js';
import type { FlatBatch } from '../records/flat-batch.js';
import { counted } from '../telemetry/counted.js';
import type { ActionProblem } from './actions/action-runner.js';
import { PolicyEngine, type PolicyEngineCounters } from './engine/policy-engine.js';
import type { EngineOptionValues } from './engine-options.js';
import type { EngineComponents, LoadedPolicy } from './engine-policies.js';

/** Problems of actions that are logged one by one; the rest are counted. */
const LOGGED_PROBLEMS = 20;

/** What an engine is created from. */
export interface PreparedPolicy {
  readonly loaded: LoadedPolicy;
  /** Those with which changed policies are loaded. */
  readonly components: EngineComponents;
}

/** The `policyengine` processor: an engine, and the reload of its policies. */
export class EngineStage implements Stage<FlatBatch> {
  readonly #options: EngineOptionValues;
  readonly #prepared: PreparedPolicy;
  readonly #environment: ProcessorEnvironment;
  readonly #engine: PolicyEngine;
  #actionProblems = 0;
  #stopReload: () => void = () => {};

  constructor(options: EngineOptionValues, prepared: PreparedPolicy, environment: ProcessorEnvironment) {
    this.#options = options;
    this.#prepared = prepared;
    this.#environment = environment;
    const { policy, actions } = prepared.loaded;
    const { now, next } = environment;
    const onActionProblem = (problem: ActionProblem): void => this.#logProblem(problem);
    this.#engine = new PolicyEngine({ mode: options.mode, actions, now, onActionProblem }, policy, next);
  }

  get counters(): PolicyEngineCounters {
    return this.#engine.counters();
  }

  async start(): Promise<null> {
    const { policies, monitor, mode } = this.#options;
    if (policies === null || monitor === 'none' || mode === 'bypass') return null;
    const { PolicyReload } = await import('./policy-reload.js');
    const { loaded, components } = this.#prepared;
    const reload = new PolicyReload(loaded, {
      options: this.#options,
      components,
      strict: this.#environment.strict,
      logger: this.#environment,
      replace: ({ policy, actions }) => this.#engine.replacePolicy(policy, actions),
    });
    reload.start();
    this.#stopReload = () => reload.stop();
    return null;
  }

  push(batch: FlatBatch): Promise<void> | undefined {
    return this.#engine.push(batch);
  }

  end(): Promise<void> {
    this.#stopReload();
    return this.#engine.end();
  }

  report(): StageReport {
    const rules = this.#engine.counters().rules.map(
      ({ name, matched }): StageCount => ({
        name: `rule ${name}`,
        value: matched,
        level: 'detail',
        describe: (value) => `rule '${name}' matched ${counted(value, 'record')}`,
      }),
    );
    const problems: StageCount = {
      name: 'actionProblems',
      value: this.#actionProblems > LOGGED_PROBLEMS ? this.#actionProblems : 0,
      level: 'warn',
      describe: (value) => `actions failed or were slow ${value} times in all`,
    };
    return { counts: [problems, ...rules] };
  }

  /** Logs an action that threw or was slow. */
  #logProblem({ kind, action, file, rule, message, duration }: ActionProblem): void {
    if (++this.#actionProblems > LOGGED_PROBLEMS) return;
    const what = kind === 'failed' ? `failed: ${message}` : `took ${duration.toFixed(0)} ms`;
    this.#environment.log('warn', `action '${action}'${file === null ? '' : ` (${file})`} of rule '${rule}' ${what}`);
  }
}
