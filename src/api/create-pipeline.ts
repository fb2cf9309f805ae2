/** Creates a pipeline from an object instead of a file. */
import type { Writable } from 'node:stream';
import { BUILT_IN } from '../components/builtins.js';
import type { AnyComponent, ComponentKind } from '../components/component.js';
import type { ComponentTable } from '../components/component-table.js';
import type { StanzaSchema } from '../components/options.js';
import { shapeProblems } from '../components/plugins/check-shape.js';
import { loadPlugins } from '../components/plugins/load-plugins.js';
import { API_VERSION } from '../components/plugins/plugin.js';
import type { Preparation, StageReport } from '../components/processor.js';
import type { Environment } from '../config/environment.js';
import { openFileIdentity } from '../config/file-identity.js';
import { loadPipelineText } from '../config/load.js';
import { pluginSettings } from '../config/plugin-settings.js';
import { resourcePath, VERSION } from '../config/resources.js';
import { Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import { checkFiles, exporterFiles, type FileWritten, inputFiles, preparedFiles } from '../pipeline/file-conflicts.js';
import { checkHealth, componentsOf } from '../pipeline/health.js';
import { isolate } from '../pipeline/isolation/isolate.js';
import { PluginProblems } from '../pipeline/isolation/problems.js';
import { LoggedRun } from '../pipeline/logged-run.js';
import type { PipelineDriver } from '../pipeline/pipeline.js';
import { createDrivers, prepareStages } from '../pipeline/prepare.js';
import type { StagePlan } from '../pipeline/tree.js';
import { logDiagnostics } from '../telemetry/log-diagnostics.js';
import type { LogEvent } from '../telemetry/logger.js';
import type { Progress } from '../telemetry/progress.js';
import { ConfigurationError } from './configuration-error.js';
import type { ComponentsByKind } from './define-plugin.js';

/** A stanza of a pipeline file: `{ processor: 'policyengine', in: 'flat flattenerchan', … }`. */
export type PipelineStanza = Readonly<
  Record<string, string | number | boolean | readonly (string | number | boolean)[]>
>;

/** The contents of a pipeline file. */
export interface PipelineDefinition {
  readonly pipeline: readonly PipelineStanza[];
  readonly drivers?: readonly PipelineStanza[];
  /** Modules of plugins, relative to the working directory, and names of packages. */
  readonly plugins?: readonly string[];
}

/** A component passed by a program; `apiVersion` defaults to {@link API_VERSION}. */
export type GivenComponent = {
  // biome-ignore lint/suspicious/noExplicitAny: options go to the component that declares them
  [K in ComponentKind]: Omit<ComponentsByKind<any>[K], 'options'>;
}[ComponentKind] & { readonly options: StanzaSchema; readonly apiVersion?: typeof API_VERSION };

export interface PipelineSetup {
  /** The input of a driver whose stanza has no path: a trace or a folder. */
  readonly path?: string;
  /** Components that the pipeline may name in addition to the built-in ones. */
  readonly components?: readonly GivenComponent[];
  /** Variables that override keys, as `EXPORTER_FORMAT` does; none by default. */
  readonly environment?: Environment;
  /** The output of `terminal`; standard output by default. */
  readonly stdout?: Writable;
  /** Called with the messages that the program would log; by default nothing is logged. */
  readonly log?: (level: LogEvent, message: string) => void;
  /** Whether any error in policies prevents the start of the pipeline. */
  readonly strict?: boolean;
  /** Whether WebAssembly may be used; true by default. */
  readonly acceleration?: boolean;
}

/** A pipeline, for one run. */
export interface RunnablePipeline {
  /**
   * Runs to the end of all input, or until it is stopped.
   *
   * @returns whether nothing failed and no record was lost; failures are logged
   */
  run(): Promise<boolean>;
  /** Stops reading after the current batches; {@link run} settles once they are written. */
  stop(): void;
  /** The reports of the stages so far, in order from the drivers on. */
  readonly reports: readonly StageReport[];
  /** The progress of the drivers. */
  readonly progress: Progress;
}

/** A single thread, so that no other is started. */
const NO_THREAD = new URL('file:///');
/** Most streams for which WebAssembly memory is reserved at the same time. */
const ACCELERATED_STREAMS = 64;

/**
 * Creates a pipeline from an object with the contents of a pipeline file, and checks all of it. Everything runs on the calling
 * thread. Paths are relative to the working folder.
 *
 * @throws ConfigurationError with all problems; if there are only warnings, they are logged
 */
export async function createPipeline(
  definition: PipelineDefinition,
  setup: PipelineSetup = {},
): Promise<RunnablePipeline> {
  const { path = null, environment = {}, strict = false, log = () => {}, stdout = process.stdout } = setup;
  const problems = new Diagnostics();
  const source = { path: 'pipeline', text: JSON.stringify(definition, null, 2) };
  const plugins = new PluginProblems({ now: Date.now, log });
  const components = await componentsFor(source, setup.components ?? [], plugins, problems);
  const tree = await loadPipelineText(source, { components, environment, driver: null, path }, problems);
  const plans = tree?.drivers ?? [];
  if (setup.path === undefined && plans.some((plan) => plan.path === null)) {
    problems.error('missing-key', "a driver has no path, and 'path' is not set", source, null);
  }
  const found = new Diagnostics();
  const nodes = plans.flatMap(({ receivers }) => receivers);
  const prepared = await prepareStages(nodes, {
    diagnostics: found,
    strict,
    resources: resourcePath(''),
    components: (kind) => components.of(kind),
  });
  const preparations = [...prepared.values()];
  const isRefused = tree === null || problems.hasErrors || preparations.some(({ refused }) => refused);
  const diagnostics = [...problems.items, ...found.items];
  if (isRefused) throw new ConfigurationError(diagnostics);
  const unhealthy = new Diagnostics();
  await checkHealth(componentsOf(plans, prepared), unhealthy);
  if (unhealthy.hasErrors) throw new ConfigurationError([...diagnostics, ...unhealthy.items]);
  const drivers = createDrivers(plans, path ?? '', { threads: 1, inflaterEntry: NO_THREAD, now: Date.now });
  const output = setup.stdout === undefined ? openFileIdentity(1) : null;
  checkRunFiles(exporterFiles(tree, output), drivers, prepared);
  logDiagnostics(diagnostics, { log });
  for (const { level, message } of preparations.flatMap(({ notes }) => notes)) log(level, message);
  const run = new LoggedRun({
    drivers,
    prepared,
    plugins,
    accelerated: setup.acceleration === false ? 0 : ACCELERATED_STREAMS,
    stdout,
    color: false,
    version: VERSION,
    strict,
    now: Date.now,
    logger: { log },
    ratesEvery: null,
  });
  return {
    run: () => run.run(),
    stop: () => run.pipeline.stop(),
    get reports() {
      return run.pipeline.reports;
    },
    get progress() {
      return run.pipeline.progress;
    },
  };
}

/** The built-in components, those passed by the program, and the plugins that the definition names; the latter two isolated. */
async function componentsFor(
  source: SourceText,
  given: readonly GivenComponent[],
  problems: PluginProblems,
  diagnostics: Diagnostics,
): Promise<ComponentTable> {
  for (const component of given) {
    for (const problem of shapeProblems({ apiVersion: API_VERSION, ...component })) {
      diagnostics.error('invalid-plugin', `${component.kind} '${component.name}': ${problem}`, null, null);
    }
  }
  const named = pluginSettings(source);
  const plugins = [
    ...given.map((component) => ({ component: component as AnyComponent, file: 'components' })),
    ...(named.length === 0 ? [] : await loadPlugins({ folders: [], named }, { builtIn: BUILT_IN }, diagnostics)),
  ];
  if (diagnostics.hasErrors) throw new ConfigurationError(diagnostics.items);
  return BUILT_IN.with(plugins.map((plugin) => isolate(plugin, problems)));
}

/** Rejects a run whose outputs would overwrite its other files. */
function checkRunFiles(
  written: readonly FileWritten[],
  drivers: readonly PipelineDriver[],
  prepared: ReadonlyMap<StagePlan, Preparation>,
): void {
  const diagnostics = new Diagnostics();
  checkFiles(written, [...inputFiles(drivers), ...preparedFiles(prepared)], diagnostics);
  if (!diagnostics.hasErrors) return;
  for (const { driver } of drivers) driver.dispose?.();
  throw new ConfigurationError(diagnostics.items);
}
