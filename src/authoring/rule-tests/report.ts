/** Formats results of rule tests as text and as JUnit XML. */
import { type FormatOptions, formatDiagnostic, positionAt } from '../../diagnostics/format.js';
import { terminalText } from '../../exporter/encoders/terminal-text.js';
import { countedWithCommas } from '../../telemetry/counted.js';
import { painter, placeText } from '../explanation-text.js';
import type { NearMiss } from '../nearest-miss.js';
import type { RuleTest } from './model.js';
import { type Failure, passed, type RuleTestResult } from './run.js';

/** Maximum number of unexpected alerts shown per rule. */
const SHOWN_ALERTS = 5;

/** Results of the tests of one file. */
export interface FileResult {
  readonly path: string;
  /** Null if the file is not a valid test file. */
  readonly results: readonly RuleTestResult[] | null;
}

export function isPassed({ results }: FileResult): boolean {
  return results?.every(passed) === true;
}

/** Formats the result of a file, and then each failed test, as separate texts. */
export function* fileTexts({ path, results }: FileResult, color: boolean): Generator<string> {
  const paint = painter(color);
  const failed = results === null ? [] : results.filter((result) => !passed(result));
  const all = results?.length ?? 0;
  const name = terminalText(path);
  if (results === null) yield `${paint('failed', '✗')} ${name}\n`;
  else if (failed.length === 0)
    yield `${paint('held', '✓')} ${name}  ${paint('dim', countedWithCommas(all, 'test'))}\n`;
  else yield `${paint('failed', '✗')} ${name}  ${failed.length} of ${countedWithCommas(all, 'test')} failed\n`;
  const shown = new Set<unknown>();
  for (const result of failed) yield testText(result, { color, excerpt: color }, shown);
}

/** @param shown problems printed before, such as those of rules that several tests share */
function testText({ test, problems, failures }: RuleTestResult, options: FormatOptions, shown: Set<unknown>): string {
  const paint = painter(options.color);
  const lines = [
    `  ${paint('failed', '✗')} ${paint('macro', terminalText(test.name))}  ${paint('dim', placeText(test.place))}`,
  ];
  for (const problem of problems) {
    if (shown.has(problem)) continue;
    shown.add(problem);
    lines.push(...indented(formatDiagnostic(problem, options)));
  }
  for (const failure of failures) lines.push(...failureLines(failure, options.color).map((line) => `    ${line}`));
  return lines.map((line) => `${line}\n`).join('');
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `    ${line}`);
}

function failureLines({ difference, miss, dropped }: Failure, color: boolean): string[] {
  const paint = painter(color);
  const lines = [`${paint('macro', terminalText(difference.rule))}: ${terminalText(difference.message)}`];
  for (const { line } of difference.alerts.slice(0, SHOWN_ALERTS)) lines.push(`  ${line}`);
  const more = difference.alerts.length - SHOWN_ALERTS;
  if (more > 0) lines.push(`  ${paint('dim', `… ${more} more`)}`);
  if (dropped !== null) lines.push(`  dropped by the filter '${terminalText(dropped.filter)}': ${dropped.line}`);
  else if (miss !== null) lines.push(...missLines(miss, color));
  else if (difference.lacks) lines.push('  no other record is near');
  return lines;
}

function missLines({ kept, terms }: NearMiss<string>, color: boolean): string[] {
  const paint = painter(color);
  return [
    `  nearest miss: ${kept}`,
    ...terms.map(({ text, holds, place }) => {
      const mark = paint('failed', holds ? '✓ but must not be:' : '✗');
      return `    ${mark} ${terminalText(text)}  ${paint('dim', placeText(place))}`;
    }),
  ];
}

/** Formats the last line of a run. */
export function totalText(files: readonly FileResult[]): string {
  const results = files.flatMap(({ results }) => results ?? []);
  const failed = results.filter((result) => !passed(result)).length;
  const broken = files.filter(({ results }) => results === null).length;
  const unread = broken === 0 ? '' : `, ${countedWithCommas(broken, 'file')} not read`;
  if (results.length === 0 && broken === 0)
    return `0 tests in ${countedWithCommas(files.length, 'file')}: nothing is tested\n`;
  const outcome = failed === 0 ? (broken === 0 ? 'all passed' : `${results.length} passed`) : `${failed} failed`;
  return `${countedWithCommas(results.length, 'test')} in ${countedWithCommas(files.length, 'file')}: ${outcome}${unread}\n`;
}

/** Formats the results as JUnit XML for build servers. The concatenated texts form the document. */
export function* junitTexts(files: readonly FileResult[]): Generator<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n`;
  for (const file of files) yield* suiteXml(file);
  yield '</testsuites>\n';
}

function* suiteXml({ path, results }: FileResult): Generator<string> {
  const failures = results === null ? 1 : results.filter((result) => !passed(result)).length;
  yield `  <testsuite name="${xml(path)}" tests="${results?.length ?? 1}" failures="${failures}">\n`;
  if (results === null) yield caseXml(path, 'the file can be read', null, 'see the messages of the run');
  for (const result of results ?? []) {
    yield caseXml(path, result.test.name, result.test, passed(result) ? null : failureText(result));
  }
  yield '  </testsuite>\n';
}

function failureText(result: RuleTestResult): string {
  return testText(result, { color: false, excerpt: false }, new Set());
}

function caseXml(path: string, name: string, test: RuleTest | null, failure: string | null): string {
  const line = test === null ? '' : ` line="${positionAt(test.place.source.text, test.place.range.start).line}"`;
  const attributes = `classname="${xml(path)}" name="${xml(name)}" file="${xml(path)}"${line}`;
  if (failure === null) return `    <testcase ${attributes}/>\n`;
  const [first = ''] = failure.trim().split('\n').slice(1);
  return `    <testcase ${attributes}>\n      <failure message="${xml(first.trim())}">${xml(failure)}</failure>\n    </testcase>\n`;
}

/** Escapes text for XML 1.0, which excludes most control characters and lone surrogates. */
function xml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
