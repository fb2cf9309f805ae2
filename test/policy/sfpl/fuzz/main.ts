/**
 * `npm run fuzz:policies -- [--runs N] [--seed N] [--corpus FOLDER]`: loads random policy texts, made from the grammar and
 * by mutation, of the files in a folder too. Exit status 1 with the smallest text that fails.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { mutated, policyText } from '../policy-texts.js';
import { checkText } from './check-text.js';

/** Longer than any text of this size may take. */
const SLOW_MILLISECONDS = 5000;
/** Files are cut to this, so that a run is about many texts and not about few long ones. */
const MAX_CORPUS_TEXT = 6000;

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, seed: { type: 'string' }, corpus: { type: 'string' } },
});

function corpus(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.ya?ml$/.test(path))
    .sort()
    .flatMap((path) => pieces(readFileSync(join(folder, path), 'utf8')));
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

const files = values.corpus === undefined ? [] : corpus(values.corpus);
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
  numRuns: Number(values.runs),
  ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
});
if (result.failed) {
  process.stdout.write(`${fc.defaultReportMessage(result) ?? 'failed'}\n`);
  process.exitCode = 1;
} else {
  const { loaded, withErrors, rules, slowest } = counts;
  const sum = `${loaded} texts, ${rules} rules, ${withErrors} texts with errors, the slowest in ${slowest.toFixed(0)} ms`;
  process.stdout.write(`${sum}, seed ${result.seed}\n`);
}
