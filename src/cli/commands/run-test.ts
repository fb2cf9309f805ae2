/** Implements `sfprocessor test`. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import type { RuleTest } from '../../authoring/rule-tests/model.js';
import { readRuleTests } from '../../authoring/rule-tests/read-file.js';
import { type FileResult, fileTexts, isPassed, junitTexts, totalText } from '../../authoring/rule-tests/report.js';
import { type RuleTestResult, RuleTestRunner } from '../../authoring/rule-tests/run.js';
import { ruleTestSchema } from '../../authoring/rule-tests/schema.js';
import { updateExpectations } from '../../authoring/rule-tests/update.js';
import { fileIdentity } from '../../config/file-identity.js';
import { Diagnostics, type SourceText } from '../../diagnostics/diagnostic.js';
import { printable } from '../../diagnostics/format.js';
import { systemReason } from '../../diagnostics/system-reason.js';
import { findTraces } from '../../drivers/trace-files.js';
import { nodeFileSystem } from '../../policy/files/node-file-system.js';
import { findYamlFiles, isPolicyFile, isRuleTestFile } from '../../policy/files/policy-files.js';
import { systemPath } from '../../sysflow/system-path.js';
import type { CommandIo } from '../command-io.js';
import type { ParsedOptions } from '../options.js';

/** @returns 0 if all tests passed, 1 where one failed, there is none, or a file is wrong, 3 where one cannot be read */
export async function runTest(options: ParsedOptions, io: CommandIo): Promise<number> {
  if (options.flags.has('schema')) {
    io.out(`${JSON.stringify(ruleTestSchema(), null, 2)}\n`);
    return 0;
  }
  const junit = options.values.get('junit');
  const problems = new Diagnostics();
  const { paths, emptyPaths } = findYamlFiles(options.words, isRuleTestFile, nodeFileSystem, problems);
  if (junit !== undefined && isRead(junit, paths, io)) return 1;
  const run = new TestRun(options, io);
  const results: FileResult[] = [];
  for (const path of paths) results.push(await run.file(path));
  for (const item of problems.items) {
    io.report(item);
    if (item.severity === 'error') results.push({ path: item.source!.path, results: null });
  }
  for (const path of emptyPaths) io.err(`${path}: this folder contains no test files (.test.yaml, .test.yml)`);
  await io.print(totalText(results));
  const isFree = junit === undefined || !isRead(junit, results.flatMap(filesOfTests), io);
  const written = isFree && (junit === undefined || writeTexts(junit, junitTexts(results), io));
  const tested = results.some(({ results: tests }) => tests !== null && tests.length > 0);
  if (run.hasUnreadableFile || problems.hasErrors) return 3;
  return written && tested && results.every(isPassed) ? 0 : 1;
}

/** Returns the policy files in paths and folders, ignoring errors in others. */
function policyFiles(paths: readonly string[]): readonly string[] {
  return findYamlFiles(paths, isPolicyFile, nodeFileSystem, new Diagnostics()).paths;
}

/** Returns the files that tests name: policies and traces, including those in folders. */
function filesOfTests({ results }: FileResult): string[] {
  return (results ?? []).flatMap(({ test: { policy, input } }) => {
    const policies = policy.kind === 'paths' ? policyFiles(policy.paths) : [];
    const traces = input.kind === 'traces' ? input.paths.map((path) => findTraces(path)) : [];
    return [...policies, ...traces.flatMap((found) => ('paths' in found ? found.paths : []))];
  });
}

/** Whether a file to be written is also read; reports it. */
function isRead(path: string, read: readonly string[], io: CommandIo): boolean {
  const identity = fileIdentity(path);
  const same = identity === null ? undefined : read.find((file) => fileIdentity(file) === identity);
  if (same === undefined) return false;
  io.err(`${path} cannot be written: it is also ${same}, which the tests use`);
  return true;
}

function writeTexts(path: string, texts: Iterable<string>, io: CommandIo): boolean {
  try {
    const file = openSync(systemPath(path), 'w');
    try {
      for (const text of texts) writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    io.err(`${path} cannot be written: ${systemReason(error, 'no such folder')}\n`);
    return false;
  }
}

class TestRun {
  /** Whether a test file, or a trace that one names, could not be read. */
  hasUnreadableFile = false;
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

  /** Runs the tests of a file and prints the results. */
  async file(path: string): Promise<FileResult> {
    const results = await this.#results(path);
    this.hasUnreadableFile ||= results?.some(({ unreadTraces }) => unreadTraces) === true;
    if (!isPassed({ path, results })) this.#io.note(this.hasUnreadableFile ? 3 : 1);
    for (const text of fileTexts({ path, results }, this.#io.color)) await this.#io.print(text);
    return { path, results };
  }

  async #results(path: string): Promise<RuleTestResult[] | null> {
    const diagnostics = new Diagnostics();
    const source = readText(path, diagnostics);
    const tests = source === null ? [] : readRuleTests(source, diagnostics).tests;
    if (!this.#update) requireExpectations(tests, diagnostics);
    for (const item of diagnostics.items) this.#io.report(item);
    this.hasUnreadableFile ||= source === null;
    if (diagnostics.hasErrors) return null;
    const results: RuleTestResult[] = [];
    for (const test of tests) if (test.name.includes(this.#name)) results.push(await this.#runner.run(test));
    return this.#update && source !== null ? this.#updated(source, results) : results;
  }

  /** Rewrites the file where something was not as expected; returns the results of the tests as they are now. */
  async #updated(source: SourceText, results: RuleTestResult[]): Promise<RuleTestResult[]> {
    const text = updateExpectations(source.text, results);
    if (text === source.text || !writeTexts(source.path, [text], this.#io)) return results;
    await this.#io.print(`updated ${printable(source.path)}\n`);
    const { tests } = readRuleTests({ path: source.path, text }, new Diagnostics());
    const again: RuleTestResult[] = [];
    for (const test of tests) if (test.name.includes(this.#name)) again.push(await this.#runner.run(test));
    return again;
  }
}

function readText(path: string, diagnostics: Diagnostics): SourceText | null {
  try {
    return { path, text: readFileSync(systemPath(path), 'utf8') };
  } catch (error) {
    const message = `it cannot be read: ${systemReason(error)}`;
    diagnostics.error('file-unreadable', message, { path, text: '' }, null);
    return null;
  }
}

/** Reports tests without expectations; a test must at least expect that no rule fires. */
function requireExpectations(tests: readonly RuleTest[], diagnostics: Diagnostics): void {
  for (const { expectations, place } of tests) {
    if (expectations !== null) continue;
    const hint = 'write the expected alerts, or use --update';
    diagnostics.error('missing-key', "a test needs 'expect'", place.source, place.range, hint);
  }
}
