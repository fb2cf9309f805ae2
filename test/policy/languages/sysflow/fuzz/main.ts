/**
 * `npm run fuzz:policies [-- OPTION…]`: loads random policy texts, made from the grammar and by mutation, of the files in a
 * folder too.
 *
 * Exit status 0 if each text loads or its errors are reported, 1 with the smallest text that fails, 2 for wrong options.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type FuzzOption, type FuzzValues, readFuzzOptions } from '../../../../../bench/fuzz/options.js';
import { mutated, policyText } from '../policy-texts.js';
import { checkText } from './check-text.js';

/** Longer than any text of this size may take. */
const SLOW_MILLISECONDS = 5000;
/** Files are cut to this, so that a run is about many texts and not about few long ones. */
const MAX_CORPUS_TEXT = 6000;

const OPTIONS: Readonly<Record<string, FuzzOption>> = {
  runs: { value: 'N', least: 1, description: 'texts (10000)' },
  seed: { value: 'N', description: 'seed of the random numbers; by default a random one, which is printed' },
  corpus: { value: 'FOLDER', description: 'mutate the policy files of a folder as well' },
};

async function main(args: readonly string[]): Promise<number> {
  const options = readFuzzOptions('fuzz:policies', OPTIONS, args);
  if (typeof options === 'number') return options;
  const folder = options.word('corpus');
  const files = folder === null ? [] : corpus(folder);
  if (typeof files === 'string') {
    process.stderr.write(`${files}\n`);
    return 2;
  }
  return fuzz(files, options);
}

/** The texts of a folder's policy files in pieces; a sentence where there are none. */
function corpus(folder: string): string[] | string {
  try {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.ya?ml$/.test(path));
    if (paths.length === 0) return `--corpus: no policy file is in ${folder}`;
    return paths.sort().flatMap((path) => pieces(readFileSync(join(folder, path), 'utf8')));
  } catch (error) {
    return `--corpus: ${folder} cannot be read: ${(error as Error).message}`;
  }
}

/** A text in pieces that start with an item. */
function pieces(text: string): string[] {
  const result: string[] = [];
  let at = 0;
  while (at < text.length) {
    const next = text.length - at > MAX_CORPUS_TEXT ? text.lastIndexOf('\n- ', at + MAX_CORPUS_TEXT) : -1;
    const end = next > at ? next + 1 : Math.min(at + MAX_CORPUS_TEXT, text.length);
    result.push(text.slice(at, end));
    at = end;
  }
  return result;
}

/** Loads texts, mutations of the files' among them. */
async function fuzz(files: readonly string[], options: FuzzValues): Promise<number> {
  const texts = [policyText, mutated(policyText)];
  if (files.length > 0) texts.push(mutated(fc.constantFrom(...files)), fc.constantFrom(...files));

  const counts = { loaded: 0, withErrors: 0, rules: 0, slowest: 0 };
  const property = fc.asyncProperty(fc.oneof(...texts), async (text) => {
    const start = performance.now();
    const { policy, diagnostics } = await checkText(text);
    const took = performance.now() - start;
    counts.loaded++;
    counts.rules += policy.rules.length;
    if (diagnostics.some(({ severity }) => severity === 'error')) counts.withErrors++;
    counts.slowest = Math.max(counts.slowest, took);
    if (took > SLOW_MILLISECONDS) throw new Error(`it took ${Math.round(took)} ms`);
  });
  const result = await fc.check(property, {
    numRuns: options.number('runs', 10_000),
    ...(options.word('seed') === null ? {} : { seed: options.number('seed', 0) }),
  });
  if (result.failed) {
    process.stdout.write(`${fc.defaultReportMessage(result) ?? 'failed'}\n`);
    return 1;
  }
  const { loaded, withErrors, rules, slowest } = counts;
  const sum = `${loaded} texts, ${rules} rules, ${withErrors} texts with errors, the slowest in ${slowest.toFixed(0)} ms`;
  process.stdout.write(`${sum}, seed ${result.seed}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
