/**
 * `npm run fuzz [-- OPTION…]`: reads mutated container files and packets.
 *
 * Exit status 0 if nothing was thrown, no run took long and memory stayed bounded, else 1, and 2 for a wrong option. Where a
 * run does not end, its number is told and the process is killed.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Fuzzer, type FuzzReport } from './fuzzer.js';
import { type FuzzOption, readFuzzOptions } from './options.js';
import { makeSamples } from './samples.js';
import { Watchdog } from './watchdog.js';

const OPTIONS: Readonly<Record<string, FuzzOption>> = {
  runs: { value: 'N', least: 1, description: 'inputs (100000)' },
  seed: { value: 'N', description: 'seed of the random numbers (1)' },
  first: { value: 'N', least: 0, description: 'number of the first input, to repeat one (0)' },
};

/** Time limit for an input of a few kilobytes. */
const LONGEST_MILLISECONDS = 2_000;
/** Limit for the peak memory of the process; the libraries that generate the inputs use half of it. */
const MOST_MEGABYTES = 400;
/** Number of inputs between garbage collections, so that the peak reflects single inputs rather than uncollected garbage. */
const INPUTS_PER_COLLECTION = 2_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

async function main(args: readonly string[]): Promise<number> {
  const options = readFuzzOptions('fuzz', OPTIONS, args);
  if (typeof options === 'number') return options;
  const [runs, seed, first] = [options.number('runs', 100_000), options.number('seed', 1), options.number('first', 0)];
  const samples = await makeSamples(join(dirname(fileURLToPath(import.meta.url)), '../../../resources/traces'));
  const fuzzer = new Fuzzer(samples, seed, () => performance.now());
  const watchdog = new Watchdog(`run RUN hangs; repeat it with --seed ${seed} --first RUN --runs 1`);
  for (let run = first; run < first + runs; run++) {
    if (run % INPUTS_PER_COLLECTION === 0) collectGarbage();
    watchdog.begin(run);
    try {
      await fuzzer.run(run);
    } catch (error) {
      process.stderr.write(`run ${run}: ${error instanceof Error ? error.stack : error}\n`);
      process.stderr.write(`repeat it with --seed ${seed} --first ${run} --runs 1\n`);
      return 1;
    }
  }
  return printReport(fuzzer.report);
}

function printReport({ runs, records, counts, slowest }: FuzzReport): number {
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  const lines = [...counts].sort().map(([what, times]) => `  ${String(times).padStart(8)}  ${what}`);
  process.stdout.write(`${runs} inputs, ${records} records decoded from them\n${lines.join('\n')}\n`);
  const slow = slowest.milliseconds > LONGEST_MILLISECONDS;
  const large = megabytes > MOST_MEGABYTES;
  process.stdout.write(
    `slowest: run ${slowest.run}, ${slowest.milliseconds.toFixed(1)} ms${slow ? ' (too long)' : ''}\n`,
  );
  process.stdout.write(`peak memory: ${megabytes} MB${large ? ' (too much)' : ''}\n`);
  return slow || large ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
