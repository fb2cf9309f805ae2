/** Checks the policies of a pipeline and runs it. */
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileIdentity, openFileIdentity } from '../config/file-identity.js';
import type { PipelineTree } from '../config/wiring.js';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { checkFiles, exporterFiles, type FileWritten, inputFiles } from '../pipeline/file-conflicts.js';
import type { PipelineInput } from '../pipeline/input.js';
import { type EnginePolicies, Pipeline } from '../pipeline/pipeline.js';
import { type LoadedPolicy, loadPolicy, policyPaths } from '../pipeline/policies.js';
import { type EngineStanza, enginesOf } from '../pipeline/stage-kinds.js';
import { counted } from '../telemetry/counted.js';
import { logDiagnostics } from '../telemetry/log-diagnostics.js';
import type { Logger } from '../telemetry/logger.js';
import { type ProfileRequest, startProfiles } from '../telemetry/profiles.js';
import { READER_LEFT } from './process-io.js';
import { profilesOf, type RunIo, type RunRequest } from './run-request.js';
import { standardInput } from './trace-files.js';
import { VERSION } from './version.js';

/** A pipeline file that was read. */
export interface LoadedPipeline {
  readonly request: RunRequest;
  readonly file: string;
  /** Null where there is nothing that could run. */
  readonly tree: PipelineTree | null;
  /** All that is wrong with it. */
  readonly problems: Diagnostics;
  /** Null where nothing is to run. */
  readonly input: PipelineInput | null;
  /** See `PipelineOptions`. */
  readonly accelerated: number;
}

/** Reports all that is wrong, and runs the pipeline unless that forbids it; gives the exit status as `run` does. */
export async function runPipeline(loaded: LoadedPipeline, io: RunIo, logger: Logger): Promise<number> {
  const { request, file, tree, input } = loaded;
  const strict = request.flags.switches.get('strict') === true;
  const { policies, problems, refused } = await loadEnginePolicies(tree, strict);
  checkRunFiles(loaded, policies);
  report([...loaded.problems.items, ...problems.items], io, logger);
  for (const [stanza, { unresolved }] of policies) reportUnresolved(stanza, unresolved, logger);
  for (const [stanza, { policy }] of problems.hasErrors ? [] : policies) {
    const { options } = stanza;
    if (options.policies === null || options.mode === 'bypass' || policy.rules.length > 0) continue;
    logger.log('warn', `${policyPaths(stanza)}: no rule is in it`);
  }
  if (tree === null || loaded.problems.hasErrors || refused) {
    input?.inflater?.stop();
    logger.log('error', `${file}: the pipeline cannot start; see the errors above`);
    return 1;
  }
  if (input === null) {
    logger.log('health', 'Health checks: passed');
    return 0;
  }
  const pipeline = new Pipeline({
    tree,
    input,
    accelerated: loaded.accelerated,
    stdout: io.stdout,
    stdin: standardInput,
    color: io.color,
    version: VERSION,
    now: Date.now,
    logger,
    strict,
    ratesEvery: request.flags.switches.get('perflog') === true ? 15_000 : null,
  });
  return runToEnd(pipeline, policies, profilesOf(request), io, logger);
}

/** Adds to the problems of a pipeline those of files that it would write although it uses them otherwise. */
function checkRunFiles({ request, file, tree, problems, input }: LoadedPipeline, policies: EnginePolicies): void {
  if (tree === null) return;
  const texts = [...policies.values()].flatMap(({ sources }) => sources);
  checkFiles(
    [...exporterFiles(tree, openFileIdentity(1)), ...profileFiles(profilesOf(request))],
    [
      { path: file, name: `the pipeline file '${file}'`, isListed: false },
      ...inputFiles(input?.found ?? []),
      ...texts.map(({ path }) => ({ path, name: `the policy file '${path}'`, isListed: false })),
    ],
    problems,
  );
}

/** The files of the profiles that are asked for. */
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

/** Runs a pipeline to its end; gives the exit status. */
async function runToEnd(
  pipeline: Pipeline,
  policies: EnginePolicies,
  profiles: ProfileRequest,
  io: RunIo,
  logger: Logger,
): Promise<number> {
  const release = onSignals(io.process, pipeline, logger);
  logger.log('health', 'Health checks: passed');
  const hideProgress = io.showProgress?.(() => pipeline.progress);
  const stopProfiles = await startProfiles(profiles);
  try {
    const ran = await pipeline.run(policies);
    const problems = await stopProfiles();
    for (const problem of problems) logger.log('error', problem);
    if (!ran || problems.length > 0) return 3;
    return pipeline.readerLeft ? READER_LEFT : 0;
  } finally {
    hideProgress?.();
    release();
  }
}

/**
 * The first SIGINT or SIGTERM stops and drains; a second one ends the process by the signal's default action, since
 * `process.exit()` would wait for writes that block. SIGHUP reopens output files.
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

/** Tells how much of the policies of an engine cannot work, after all that is wrong with them was told. */
function reportUnresolved(
  stanza: EngineStanza,
  { errors, rules, terms }: LoadedPolicy['unresolved'],
  logger: Logger,
): void {
  if (errors === 0) return;
  const parts = [counted(errors, 'error')];
  if (rules > 0) parts.push(`${counted(rules, 'rule')} can never match`);
  if (terms > 0) parts.push(`${counted(terms, 'term is', 'terms are')} never true`);
  const command = ['sfprocessor validate', ...stanza.options.policies!.map(({ text }) => text)].join(' ');
  logger.log('warn', `${policyPaths(stanza)}: ${parts.join(', ')}; see '${command}'`);
}

/** Prints diagnostics for people on a terminal with the line and a caret, else one line each. */
function report(items: readonly Diagnostic[], io: RunIo, logger: Logger): void {
  if (io.process.stderr.isTTY === true) {
    for (const item of items) io.report(item);
    return;
  }
  logDiagnostics(items, logger);
}
