/** The work of `sfprocessor test`. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleTest } from '../../authoring/rule-tests/model.js';
import { readRuleTests } from '../../authoring/rule-tests/read-file.js';
import { type FileResult, fileText, isPassed, junitText, totalText } from '../../authoring/rule-tests/report.js';
import { type RuleTestResult, RuleTestRunner } from '../../authoring/rule-tests/run.js';
import { ruleTestSchema } from '../../authoring/rule-tests/schema.js';
import { updateExpectations } from '../../authoring/rule-tests/update.js';
import { Diagnostics, type SourceText } from '../../diagnostics/diagnostic.js';
import { printable } from '../../diagnostics/format.js';
import { systemReason } from '../../diagnostics/system-reason.js';
import { isRuleTestFile } from '../../policy/sfpl/policy-files.js';
import type { CommandIo } from '../command.js';
import type { ParsedOptions } from '../options.js';

/** @returns 0 where all tests passed, 1 where one failed, there is none, or a file is wrong */
export async function runTest(options: ParsedOptions, io: CommandIo): Promise<number> {
  if (options.flags.has('schema')) {
    io.out(`${JSON.stringify(ruleTestSchema(), null, 2)}\n`);
    return 0;
  }
  const run = new TestRun(options, io);
  const results: FileResult[] = [];
  for (const path of options.words) {
    const files = testFiles(path);
    if (files.length === 0) io.err(`${path}: no file of tests (.test.yaml, .test.yml) is in this folder\n`);
    for (const file of files) results.push(await run.file(file));
  }
  io.print(totalText(results));
  const junit = options.values.get('junit');
  const written = junit === undefined || writeText(junit, junitText(results), io);
  const tested = results.some(({ results: tests }) => tests !== null && tests.length > 0);
  return written && tested && results.every(isPassed) ? 0 : 1;
}

/** The files of a path: itself, or the files of rule tests in a folder, through and through, in name order. */
function testFiles(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  return (readdirSync(path, { recursive: true }) as string[])
    .filter(isRuleTestFile)
    .sort()
    .map((name) => join(path, name));
}

function writeText(path: string, text: string, io: CommandIo): boolean {
  try {
    writeFileSync(path, text);
    return true;
  } catch (error) {
    io.err(`${path} cannot be written: ${systemReason(error, 'no such folder')}\n`);
    return false;
  }
}

class TestRun {
  readonly #io: CommandIo;
  readonly #update: boolean;
  readonly #name: string;
  readonly #runner: RuleTestRunner;

  constructor(options: ParsedOptions, io: CommandIo) {
    this.#io = io;
    this.#update = options.flags.has('update');
    this.#name = options.values.get('name') ?? '';
    this.#runner = new RuleTestRunner(io.color);
  }

  /** Runs the tests of a file and prints how they went. */
  async file(path: string): Promise<FileResult> {
    const results = await this.#results(path);
    if (!isPassed({ path, results })) this.#io.note(1);
    this.#io.print(fileText({ path, results }, this.#io.color));
    return { path, results };
  }

  async #results(path: string): Promise<RuleTestResult[] | null> {
    const diagnostics = new Diagnostics();
    const source = readText(path, diagnostics);
    const tests = source === null ? [] : readRuleTests(source, diagnostics).tests;
    if (!this.#update) requireExpectations(tests, diagnostics);
    for (const item of diagnostics.items) this.#io.report(item);
    if (diagnostics.hasErrors) return null;
    const results: RuleTestResult[] = [];
    for (const test of tests) if (test.name.includes(this.#name)) results.push(await this.#runner.run(test));
    return this.#update && source !== null ? this.#updated(source, results) : results;
  }

  /** Rewrites the file where something was not as expected; gives the results of the tests as they are now. */
  async #updated(source: SourceText, results: RuleTestResult[]): Promise<RuleTestResult[]> {
    const text = updateExpectations(source.text, results);
    if (text === source.text || !writeText(source.path, text, this.#io)) return results;
    this.#io.print(`updated ${printable(source.path)}\n`);
    const { tests } = readRuleTests({ path: source.path, text }, new Diagnostics());
    const again: RuleTestResult[] = [];
    for (const test of tests) if (test.name.includes(this.#name)) again.push(await this.#runner.run(test));
    return again;
  }
}

function readText(path: string, diagnostics: Diagnostics): SourceText | null {
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    const message = `it cannot be read: ${systemReason(error)}`;
    diagnostics.error('file-unreadable', message, { path, text: '' }, null);
    return null;
  }
}

/** Reports tests that expect nothing, not even that no rule fires. */
function requireExpectations(tests: readonly RuleTest[], diagnostics: Diagnostics): void {
  for (const { expectations, place } of tests) {
    if (expectations !== null) continue;
    const hint = 'write what is expected, or let --update do it';
    diagnostics.error('missing-key', "a test needs 'expect'", place.source, place.range, hint);
  }
}
