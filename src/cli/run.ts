/** The processor itself: reads the pipeline file and the policies, checks both, and runs the pipeline. */
import { isAbsolute, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { loadPipeline } from '../config/load.js';
import type { EngineStanza } from '../config/pipeline-file.js';
import type { PipelineTree } from '../config/wiring.js';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { formatDiagnostic } from '../diagnostics/format.js';
import { nearestName } from '../diagnostics/nearest.js';
import { type EnginePolicies, Pipeline } from '../pipeline/pipeline.js';
import { type LoadedPolicy, loadPolicy } from '../pipeline/policies.js';
import { enginesOf } from '../pipeline/stages.js';
import { LOG_LEVELS, Logger, type LogLevel } from '../telemetry/logger.js';
import { type ProfileRequest, startProfiles } from '../telemetry/profiles.js';
import type { CommandIo } from './command.js';
import { availableProcessors } from './processors.js';
import { VERSION } from './version.js';

export interface RunRequest {
  readonly flags: { readonly texts: ReadonlyMap<string, string>; readonly switches: ReadonlyMap<string, boolean> };
  /** The input; null only for a test. */
  readonly path: string | null;
  /** Check everything and run nothing. */
  readonly test: boolean;
}

/** What the processor is run with, beside what every command has. */
export interface RunIo extends CommandIo {
  readonly stdout: Writable;
  readonly process: NodeJS.Process;
}

/** Runs the processor; gives the exit status: 0 fine, 1 the configuration is wrong, 3 failed while running. */
export async function run(request: RunRequest, io: RunIo): Promise<number> {
  const level = (textFlag(request, 'log') ?? 'info').toLowerCase();
  if (!isLogLevel(level)) {
    const near = nearestName(level, LOG_LEVELS);
    const hint = near === undefined ? `the levels are ${LOG_LEVELS.join(', ')}` : `did you mean '${near}'?`;
    io.err(`there is no log level '${level}'; ${hint}\n`);
    return 1;
  }
  const logger = new Logger(level, io.err, Date.now);
  const path = textFlag(request, 'config') ?? 'pipeline.json';
  const found = new Diagnostics();
  const tree = await loadPipeline(path, { environment: io.process.env, driver: textFlag(request, 'driver') }, found);
  const isFaultless = tree !== null && !found.hasErrors;
  const pipeline = isFaultless && !request.test ? createPipeline(tree, request, io, logger) : null;
  // Its threads load while the policies are read.
  pipeline?.prepare();
  const { policies, problems, refused } = await loadEnginePolicies(tree, request.flags.switches.get('strict') === true);
  report([...found.items, ...problems.items], io, logger);
  if (!isFaultless || refused) {
    await pipeline?.abandon();
    logger.log('error', `${path}: the pipeline cannot start; see the errors above`);
    return 1;
  }
  logger.log('health', 'Health checks: passed');
  return pipeline === null ? 0 : runPipeline(pipeline, policies, profilesOf(request), io, logger);
}

/** The pipeline of a request that runs one. */
function createPipeline(tree: PipelineTree, request: RunRequest, io: RunIo, logger: Logger): Pipeline | null {
  if (request.path === null) return null;
  const isProfiled = Object.values(profilesOf(request)).some((path) => path !== null);
  return new Pipeline({
    tree,
    path: request.path,
    stdout: io.stdout,
    color: io.color,
    version: VERSION,
    now: Date.now,
    logger,
    // A profile is that of one thread.
    threads: isProfiled ? 1 : availableProcessors(),
    workerEntry: new URL('./file-worker-thread.js', import.meta.url),
    decoderEntry: new URL('./trace-decoder-thread.js', import.meta.url),
    ratesEvery: request.flags.switches.get('perflog') === true ? 15_000 : null,
  });
}

function profilesOf(request: RunRequest): ProfileRequest {
  return {
    cpu: textFlag(request, 'cpuprofile'),
    memory: textFlag(request, 'memprofile'),
    trace: textFlag(request, 'traceprofile'),
  };
}

/** The text of a flag; null where it is not given or empty. */
function textFlag({ flags }: RunRequest, name: string): string | null {
  return flags.texts.get(name) || null;
}

/** Runs a pipeline to its end; gives the exit status. */
async function runPipeline(
  pipeline: Pipeline,
  policies: EnginePolicies,
  profiles: ProfileRequest,
  io: RunIo,
  logger: Logger,
): Promise<number> {
  const stopProfiles = await startProfiles(profiles);
  const release = onSignals(io.process, pipeline, logger);
  try {
    return (await pipeline.run(policies)) ? 0 : 3;
  } finally {
    release();
    await stopProfiles();
  }
}

function isLogLevel(word: string): word is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(word);
}

/** The first signal stops and drains, a second one leaves at once; a hang-up opens output files anew. */
function onSignals(process: NodeJS.Process, pipeline: Pipeline, logger: Logger): () => void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
    stopping = true;
    logger.log('health', `${signal}: draining`);
    pipeline.stop();
  };
  const reopen = (): void => void pipeline.reopen();
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', reopen);
  return () => {
    process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', reopen);
  };
}

/**
 * Loads the policies of all engines, with all that is wrong with them.
 *
 * @param strict whether errors in policies count, whatever the pipeline file says
 * @returns `refused` where the program cannot start
 */
async function loadEnginePolicies(
  tree: PipelineTree | null,
  strict: boolean,
): Promise<{ readonly policies: EnginePolicies; readonly problems: Diagnostics; readonly refused: boolean }> {
  const problems = new Diagnostics();
  const policies = new Map<EngineStanza, LoadedPolicy>();
  let refused = false;
  for (const stanza of tree === null ? [] : enginesOf(tree.drivers.flatMap(({ receivers }) => receivers))) {
    const own = new Diagnostics();
    policies.set(stanza, await loadPolicy(withActionFolder(stanza).options, own));
    for (const item of own.items) problems.add(item);
    const unreadable = own.items.some((item) => item.severity === 'error' && item.code === 'file-unreadable');
    if (unreadable || ((strict || stanza.options.strict) && own.hasErrors)) refused = true;
  }
  return { policies, problems, refused };
}

/** The default folder of actions lies beside the program, not where the operator happens to stand. */
function withActionFolder(stanza: EngineStanza): EngineStanza {
  const { actiondir } = stanza.options;
  if (isAbsolute(actiondir) || actiondir !== '../resources/actions') return stanza;
  const folder = resolve(fileURLToPath(new URL('../../../resources/actions', import.meta.url)));
  return { ...stanza, options: { ...stanza.options, actiondir: folder } };
}

/** Prints diagnostics for people on a terminal with the line and a caret, else one line each. */
function report(items: readonly Diagnostic[], io: RunIo, logger: Logger): void {
  if (io.process.stderr.isTTY === true) {
    for (const item of items) io.err(`${formatDiagnostic(item, { color: io.color, excerpt: true })}\n`);
    return;
  }
  for (const item of items) {
    const level = item.severity === 'error' ? 'error' : item.severity === 'warning' ? 'warn' : 'info';
    logger.log(level, formatDiagnostic(item, { color: false, excerpt: false }));
  }
}
