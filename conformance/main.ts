/**
 * `npm run conformance [-- DIR]`: runs the program over reference traces and compares its outputs with recorded ones.
 *
 * Exit status 0 if all is equal or differs as listed, 1 on differences, 2 where DIR is no such folder.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { caseOf } from './cases.js';
import { checkRecorded, checkWithOriginal, type Outcome } from './check.js';
import { checkInterpreter } from './interpreter.js';
import { KNOWN_DIFFERENCES } from './known-differences.js';
import { checkPinnedPolicy, pinnedPolicies } from './pinned-diagnostics.js';
import { checkPinned, pinnedTraces } from './pinned-traces.js';
import { REFERENCE } from './reference.js';
import { printReport } from './report.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

interface Job {
  readonly trace: string;
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

async function main(args: readonly string[]): Promise<number> {
  const folder = resolve(args[0] ?? REFERENCE);
  if (!existsSync(join(folder, 'golden')) || !existsSync(join(folder, 'traces'))) {
    if (args[0] === undefined) {
      process.stdout.write('conformance: skipped, since the folder ../shared with reference data does not exist\n');
      return 0;
    }
    process.stderr.write(`${folder}: the folders traces and golden are missing\n`);
    return 2;
  }
  const work = mkdtempSync(join(tmpdir(), 'sfprocessor-conformance-'));
  try {
    const outcomes = await runAll(listJobs(folder, work));
    return printReport(outcomes, KNOWN_DIFFERENCES, (text) => process.stdout.write(text)) ? 0 : 1;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/**
 * Lists all checks: every recorded output, the probes with the interpreter, the content of each trace, and every
 * bundled trace, which the original must read with the same result.
 */
function listJobs(folder: string, work: string): Job[] {
  const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
  const setup = { command: join(root, 'bin/sfprocessor.js'), work, version };
  const jobs: Job[] = [];
  for (const trace of list(join(folder, 'golden'))) {
    for (const file of list(join(folder, 'golden', trace))) {
      const one = caseOf(file, join(folder, 'policies'));
      if (one === null) continue;
      const paths = { trace: join(folder, 'traces', trace), recorded: join(folder, 'golden', trace, file) };
      jobs.push({ trace, name: one.name, run: () => checkRecorded(setup, one, trace, paths) });
    }
  }
  for (const probes of list(join(folder, 'policies/probes'))) {
    for (const trace of list(join(folder, 'golden')).filter((name) => existsSync(join(folder, 'traces', name)))) {
      jobs.push({ trace, name: 'interpreter', run: () => checkInterpreter(folder, probes, trace) });
    }
  }
  for (const pinned of pinnedTraces(folder)) {
    jobs.push({ trace: pinned.path, name: 'records', run: () => checkPinned(folder, pinned) });
  }
  for (const pinned of pinnedPolicies(folder)) {
    jobs.push({ trace: pinned.path, name: 'diagnostics', run: () => checkPinnedPolicy(folder, pinned) });
  }
  const original = list(join(folder, 'oracle')).find((file) => file.startsWith('sfprocessor-go-'));
  if (original === undefined) return jobs;
  for (const trace of list(join(root, 'resources/traces')).filter((file) => file.endsWith('.sf'))) {
    for (const file of ['enrich.jsonl.gz', 'enrich.ecsl.gz']) {
      const one = caseOf(file, '')!;
      const paths = { trace: join(root, 'resources/traces', trace), original: join(folder, 'oracle', original) };
      jobs.push({ trace, name: `original ${one.name}`, run: () => checkWithOriginal(setup, one, trace, paths) });
    }
  }
  return jobs;
}

/** The names in a folder, sorted; none if there is no such folder. */
function list(path: string): string[] {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(path).sort() : [];
}

/** Runs the jobs in parallel, one per core, and returns their outcomes in order. */
async function runAll(jobs: readonly Job[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      outcomes[index] = await jobs[index]!.run();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return outcomes;
}

process.exitCode = await main(process.argv.slice(2));
