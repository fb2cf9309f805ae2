/** Checks the policies of a pipeline and runs it. */
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineStanza } from '../config/pipeline-file.js';
import { enginesOf, type PipelineTree } from '../config/wiring.js';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { formatDiagnostic } from '../diagnostics/format.js';
import { abandonInput, type PipelineInput } from '../pipeline/input.js';
import { type EnginePolicies, Pipeline } from '../pipeline/pipeline.js';
import { type LoadedPolicy, loadPolicy } from '../pipeline/policies.js';
import { logDiagnostics } from '../telemetry/log-diagnostics.js';
import type { Logger } from '../telemetry/logger.js';
import { type ProfileRequest, startProfiles } from '../telemetry/profiles.js';
import { profilesOf, type RunIo, type RunRequest } from './run-request.js';
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
}

/** Reports all that is wrong, and runs the pipeline unless that forbids it; gives the exit status as `run` does. */
export async function runPipeline(loaded: LoadedPipeline, io: RunIo, logger: Logger): Promise<number> {
  const { request, file, tree, input } = loaded;
  const strict = request.flags.switches.get('strict') === true;
  const { policies, problems, refused } = await loadEnginePolicies(tree, strict);
  report([...loaded.problems.items, ...problems.items], io, logger);
  for (const [{ options }, { policy }] of problems.hasErrors ? [] : policies) {
    if (options.policies === null || options.mode === 'bypass' || policy.rules.length > 0) continue;
    logger.log('warn', `${options.policies}: no rule is in it`);
  }
  if (tree === null || loaded.problems.hasErrors || refused) {
    if (input !== null) await abandonInput(input);
    logger.log('error', `${file}: the pipeline cannot start; see the errors above`);
    return 1;
  }
  logger.log('health', 'Health checks: passed');
  if (input === null) return 0;
  const pipeline = new Pipeline({
    tree,
    input,
    stdout: io.stdout,
    color: io.color,
    version: VERSION,
    now: Date.now,
    logger,
    strict,
    ratesEvery: request.flags.switches.get('perflog') === true ? 15_000 : null,
  });
  return runToEnd(pipeline, policies, profilesOf(request), io, logger);
}

/** Runs a pipeline to its end; gives the exit status. */
async function runToEnd(
  pipeline: Pipeline,
  policies: EnginePolicies,
  profiles: ProfileRequest,
  io: RunIo,
  logger: Logger,
): Promise<number> {
  const stopProfiles = await startProfiles(profiles);
  const release = onSignals(io.process, pipeline, logger);
  const hideProgress = io.showProgress?.(() => pipeline.progress);
  try {
    const ran = await pipeline.run(policies);
    const problems = await stopProfiles();
    for (const problem of problems) logger.log('error', problem);
    return ran && problems.length === 0 ? 0 : 3;
  } finally {
    hideProgress?.();
    release();
  }
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
  logDiagnostics(items, logger);
}
