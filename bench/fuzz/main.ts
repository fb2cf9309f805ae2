/**
 * `npm run fuzz [-- OPTION…]`: reads mutated container files and packets.
 *
 * Exit status 0 where nothing was thrown, no run took long and memory stayed bounded, else 1, and 2 for a wrong option.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Fuzzer, type FuzzReport } from './fuzzer.js';
import { makeSamples } from './samples.js';

const HELP = `npm run fuzz [-- OPTION…]
  --runs N    inputs (100000)
  --seed N    where the random numbers begin (1)
  --first N   number of the first input, to repeat one (0)
`;

/** No input of a few kilobytes may take longer. */
const LONGEST_MILLISECONDS = 2_000;
/** Peak of the process, of which the libraries that make the inputs take half. */
const MOST_MEGABYTES = 400;
/** Garbage is collected after so many inputs, so that the peak is that of an input and not of waiting garbage. */
const INPUTS_PER_COLLECTION = 2_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) return 2;
  const { runs, seed, first } = options;
  const samples = await makeSamples(join(dirname(fileURLToPath(import.meta.url)), '../../../resources/traces'));
  const fuzzer = new Fuzzer(samples, seed, () => performance.now());
  for (let run = first; run < first + runs; run++) {
    if (run % INPUTS_PER_COLLECTION === 0) collectGarbage();
    try {
      await fuzzer.run(run);
    } catch (error) {
      process.stderr.write(`run ${run}: ${error instanceof Error ? error.stack : error}\n`);
      process.stderr.write(`repeat it with --seed ${seed} --first ${run} --runs 1\n`);
      return 1;
    }
  }
  return tell(fuzzer.report);
}

function readOptions(): { runs: number; seed: number; first: number } | null {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: 'string', default: '100000' },
        seed: { type: 'string', default: '1' },
        first: { type: 'string', default: '0' },
      },
    });
    const numbers = { runs: Number(values.runs), seed: Number(values.seed), first: Number(values.first) };
    if (Object.values(numbers).every(Number.isSafeInteger)) return numbers;
  } catch {
    // An unknown option: the help tells.
  }
  process.stderr.write(HELP);
  return null;
}

function tell({ runs, records, told, slowest }: FuzzReport): number {
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  const lines = [...told].sort().map(([what, times]) => `  ${String(times).padStart(8)}  ${what}`);
  process.stdout.write(`${runs} inputs, ${records} records decoded from them\n${lines.join('\n')}\n`);
  const slow = slowest.milliseconds > LONGEST_MILLISECONDS;
  const large = megabytes > MOST_MEGABYTES;
  process.stdout.write(
    `slowest: run ${slowest.run}, ${slowest.milliseconds.toFixed(1)} ms${slow ? ' (too long)' : ''}\n`,
  );
  process.stdout.write(`peak memory: ${megabytes} MB${large ? ' (too much)' : ''}\n`);
  return slow || large ? 1 : 0;
}

process.exitCode = await main();
