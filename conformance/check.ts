import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { matchesOf } from './alert-line.js';
import { type ConformanceCase, pipelineOf } from './cases.js';
import { compareLines, type Difference } from './compare.js';
import { answerWithOperations, rewriteAnswers } from './recorded-answers.js';
import { rewriteEcs, rewriteJson } from './rewrites.js';
import { readLines, runCommand, splitLines } from './run.js';

/** The result of one case on one trace. */
export interface Outcome {
  readonly trace: string;
  readonly name: string;
  readonly policy: string | null;
  /** Why it was skipped, or null. */
  readonly skipped: string | null;
  /** Why the comparison failed, such as a failure of the program; or null. */
  readonly failure: string | null;
  /** Number of recorded lines. */
  readonly lines: number;
  readonly differences: readonly Difference[];
}

/** Settings of all checks. */
export interface Setup {
  /** The script of the program. */
  readonly command: string;
  /** A folder for the outputs of runs. */
  readonly work: string;
  /** This program's version, as in ECS outputs. */
  readonly version: string;
}

/** Compares this program's output with a recorded output of the original. */
export async function checkRecorded(
  setup: Setup,
  one: ConformanceCase,
  trace: string,
  paths: { readonly trace: string; readonly recorded: string },
): Promise<Outcome> {
  const outcome = { trace, name: one.name, policy: one.policy, skipped: one.pending, failure: null, lines: 0 };
  if (one.pending !== null) return { ...outcome, differences: [] };
  const ours = await ourLines(setup, one, trace, paths.trace);
  if (typeof ours === 'string') return { ...outcome, failure: ours, differences: [] };
  const lines = await unpackLines(paths.recorded);
  const recorded =
    one.format === 'tsv' ? await rightAnswers(lines, one, paths) : rewriteLines(lines, one, setup.version);
  return { ...outcome, lines: recorded.length, differences: compareLines(recorded, ours, one.format) };
}

/** Compares this program's output with that of the original, which reads traces written by this program's writer. */
export async function checkWithOriginal(
  setup: Setup,
  one: ConformanceCase,
  trace: string,
  paths: { readonly trace: string; readonly original: string },
): Promise<Outcome> {
  const outcome = { trace, name: `original ${one.name}`, policy: null, skipped: null, failure: null, lines: 0 };
  const ours = await ourLines(setup, one, trace, paths.trace);
  const theirs = await linesOf(setup, [paths.original], one, `original-${trace}`, paths.trace);
  const failure = typeof ours === 'string' ? ours : typeof theirs === 'string' ? `the original: ${theirs}` : null;
  if (failure !== null) return { ...outcome, failure, differences: [] };
  const recorded = rewriteLines(theirs as string[], one, setup.version);
  return { ...outcome, lines: recorded.length, differences: compareLines(recorded, ours as string[], one.format) };
}

async function unpackLines(path: string): Promise<string[]> {
  return splitLines(gunzipSync(await readFile(path)));
}

/** Rewrites recorded answers by R2, which requires the original's JSON output of the same trace. */
async function rightAnswers(
  answers: readonly string[],
  one: ConformanceCase,
  paths: { readonly trace: string; readonly recorded: string },
): Promise<readonly string[]> {
  const enriched = await unpackLines(join(dirname(paths.recorded), 'enrich.jsonl.gz'));
  const records = await answerWithOperations(one.engine.policies!, paths.trace, enriched);
  return records === null ? answers : rewriteAnswers(answers, records);
}

function rewriteLines(lines: readonly string[], one: ConformanceCase, version: string): string[] {
  return lines.map((line) => (one.format === 'ecsl' ? rewriteEcs(line, version) : rewriteJson(line)));
}

/** Returns this program's lines for a case, or a failure message. */
async function ourLines(
  setup: Setup,
  one: ConformanceCase,
  trace: string,
  path: string,
): Promise<readonly string[] | string> {
  const lines = await linesOf(setup, [process.execPath, setup.command], one, trace, path);
  if (typeof lines === 'string' || one.format !== 'tsv') return lines;
  return lines.map(matchesOf).filter((line) => line !== null);
}

/** Runs a program on a trace; returns the lines it wrote, or why there are none. */
async function linesOf(
  setup: Setup,
  program: readonly string[],
  one: ConformanceCase,
  label: string,
  path: string,
): Promise<string[] | string> {
  const folder = join(setup.work, `${label}-${one.name}`);
  await mkdir(folder);
  const output = join(folder, 'out');
  await writeFile(join(folder, 'pipeline.json'), pipelineOf(one, output));
  const args = [...program.slice(1), '-driver', 'file', '-config', 'pipeline.json', '-log', 'error', path];
  const { status, complaint } = await runCommand(program[0]!, args, folder);
  const lines = await readLines(output);
  await rm(folder, { recursive: true });
  return status === 0 ? lines : `exit status ${status}: ${complaint}`;
}
