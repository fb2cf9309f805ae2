/** Prepares the stages of a pipeline and runs it. */

import type { ComponentTable } from '../components/component-table.js';
import type { Preparation } from '../components/processor.js';
import { fileIdentity, openFileIdentity } from '../config/file-identity.js';
import { resourcePath } from '../config/resources.js';
import type { PipelineTree } from '../config/wiring.js';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { checkFiles, exporterFiles, type FileWritten, inputFiles, preparedFiles } from '../pipeline/file-conflicts.js';
import { checkHealth, componentsOf } from '../pipeline/health.js';
import type { PluginProblems } from '../pipeline/isolation/problems.js';
import { LoggedRun } from '../pipeline/logged-run.js';
import type { Pipeline, PipelineDriver } from '../pipeline/pipeline.js';
import { prepareStages } from '../pipeline/prepare.js';
import type { StagePlan } from '../pipeline/tree.js';
import { logDiagnostics } from '../telemetry/log-diagnostics.js';
import type { Logger } from '../telemetry/logger.js';
import { type ProfileRequest, startProfiles } from '../telemetry/profiles.js';
import { exitDespitePlugins, handlePluginError } from './plugin-errors.js';
import { BROKEN_PIPE_STATUS } from './process-io.js';
import { profilesOf, type RunIo, type RunRequest } from './run-request.js';
import { VERSION } from './version.js';

/** A pipeline file after loading. */
export interface LoadedPipeline {
  readonly request: RunRequest;
  /** Built-in components and plugins. */
  readonly components: ComponentTable;
  /** What goes wrong in plugins; undefined if there are none. */
  readonly plugins: PluginProblems | undefined;
  readonly file: string;
  /** Null if there is nothing that could run. */
  readonly tree: PipelineTree | null;
  /** All diagnostics of the file. */
  readonly problems: Diagnostics;
  /** Null if nothing is to run. */
  readonly drivers: readonly PipelineDriver[] | null;
  /** See `PipelineOptions`. */
  readonly accelerated: number;
}

/** Interval for logging rates, milliseconds. */
const RATES_EVERY = 15_000;

/** Reports all that is wrong, and runs the pipeline unless that forbids it; returns the exit status as `run` does. */
export async function runPipeline(loaded: LoadedPipeline, io: RunIo, logger: Logger): Promise<number> {
  const { request, components, file, tree, drivers } = loaded;
  const strict = request.flags.switches.get('strict') === true;
  const problems = new Diagnostics();
  const prepared = await prepareStages(tree?.drivers.flatMap(({ receivers }) => receivers) ?? [], {
    diagnostics: problems,
    strict,
    resources: resourcePath(''),
    components: (kind) => components.of(kind),
  });
  const preparations = [...prepared.values()];
  checkRunFiles(loaded, prepared);
  report([...loaded.problems.items, ...problems.items], io, logger);
  for (const { level, message } of preparations.flatMap(({ notes }) => notes)) logger.log(level, message);
  const canStart = tree !== null && !loaded.problems.hasErrors && !preparations.some(({ refused }) => refused);
  if (!canStart || !(await isHealthy(tree, prepared, io, logger))) {
    for (const { driver } of drivers ?? []) driver.dispose?.();
    logger.log('error', `${file}: the pipeline cannot start; see the errors above`);
    return 1;
  }
  if (drivers === null) {
    logger.log('health', 'Health checks: passed');
    return 0;
  }
  const run = new LoggedRun({
    drivers,
    prepared,
    accelerated: loaded.accelerated,
    stdout: io.stdout,
    color: io.color,
    version: VERSION,
    plugins: loaded.plugins,
    strict,
    now: Date.now,
    logger,
    ratesEvery: request.flags.switches.get('perflog') === true ? RATES_EVERY : null,
  });
  const status = await runToEnd(run, profilesOf(request), io, logger);
  if (loaded.plugins !== undefined) exitDespitePlugins((message) => logger.log('warn', message));
  return status;
}

/** Whether all components are healthy. */
async function isHealthy(
  tree: PipelineTree,
  prepared: ReadonlyMap<StagePlan, Preparation>,
  io: RunIo,
  logger: Logger,
): Promise<boolean> {
  const problems = new Diagnostics();
  await checkHealth(componentsOf(tree.drivers, prepared), problems);
  report(problems.items, io, logger);
  return !problems.hasErrors;
}

/** Reports files that the pipeline would both write to and use otherwise. */
function checkRunFiles(
  { request, file, tree, problems, drivers }: LoadedPipeline,
  prepared: ReadonlyMap<StagePlan, Preparation>,
): void {
  if (tree === null) return;
  checkFiles(
    [...exporterFiles(tree, openFileIdentity(1)), ...profileFiles(profilesOf(request))],
    [
      { path: file, name: `the pipeline file '${file}'`, isListed: false },
      ...inputFiles(drivers ?? []),
      ...preparedFiles(prepared),
    ],
    problems,
  );
}

/** Returns the files of the requested profiles. */
function profileFiles({ cpu, memory, trace }: ProfileRequest): FileWritten[] {
  const flags = { '-cpuprofile': cpu, '-memprofile': memory, '-traceprofile': trace };
  return Object.entries(flags).flatMap(([flag, path]) => {
    if (path === null) return [];
    const text = `${flag} ${path}`;
    const source = { path: 'command line', text };
    const range = { start: flag.length + 1, end: text.length };
    return [{ path, name: `the profile '${path}'`, identity: fileIdentity(path), rotateKeep: 0, source, range }];
  });
}

/** Runs a pipeline to its end; returns the exit status. */
async function runToEnd(run: LoggedRun, profiles: ProfileRequest, io: RunIo, logger: Logger): Promise<number> {
  const { pipeline } = run;
  const release = onSignals(io.process, pipeline, logger);
  const releaseUnexpected = io.onUnexpected((error) => handlePluginError(error, pipeline));
  logger.log('health', 'Health checks: passed');
  const hideProgress = io.showProgress?.(() => pipeline.progress);
  const stopProfiles = await startProfiles(profiles);
  try {
    const ran = await run.run();
    const problems = await stopProfiles();
    for (const problem of problems) logger.log('error', problem);
    if (!ran || problems.length > 0) return 3;
    return pipeline.readerLeft ? BROKEN_PIPE_STATUS : 0;
  } finally {
    hideProgress?.();
    release();
    releaseUnexpected();
  }
}

/**
 * Stops and drains on the first SIGINT or SIGTERM. A second one ends the process by the signal's default action, since
 * `process.exit()` would wait for blocked writes. SIGHUP reopens output files.
 */
function onSignals(process: NodeJS.Process, pipeline: Pipeline, logger: Logger): () => void {
  const stop = (signal: NodeJS.Signals): void => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    logger.log('health', `${signal}: draining`);
    pipeline.stop();
  };
  const reopen = (): void => void pipeline.reopen();
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', reopen);
  return () => {
    process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', reopen);
  };
}

/** Prints diagnostics with an excerpt and a caret on a terminal, otherwise one per line. */
function report(items: readonly Diagnostic[], io: RunIo, logger: Logger): void {
  if (io.process.stderr.isTTY === true) {
    for (const item of items) io.report(item);
    return;
  }
  logDiagnostics(items, logger);
}
