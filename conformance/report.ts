import { textTable } from '../src/cli/text-table.js';
import type { Outcome } from './check.js';
import { type Difference, firstDifference } from './compare.js';
import type { KnownDifference } from './known-differences.js';

/** Maximum number of differences printed per case; further ones are counted. */
const SHOWN = 3;

/**
 * Prints a table of the cases, each unexpected difference, and `N passed, N failed`.
 *
 * @returns whether all checks passed
 */
export function printReport(
  outcomes: readonly Outcome[],
  known: readonly KnownDifference[],
  print: (text: string) => void,
): boolean {
  const judged = outcomes.map((outcome) => judge(outcome, known));
  const stale = staleDifferences(outcomes, known);
  print(table(judged));
  for (const [failure, places] of failures(outcomes)) print(`\n${places.join(', ')}:\n${failure}\n`);
  for (const { outcome, unexpected } of judged) {
    if (unexpected.length === 0) continue;
    print(`\n${outcome.name} ${outcome.trace}: ${unexpected.length} differences\n`);
    for (const difference of unexpected.slice(0, SHOWN)) print(`  ${sentence(difference)}\n`);
    if (unexpected.length > SHOWN) print(`  … and ${unexpected.length - SHOWN} more\n`);
    if (outcome.policy !== null) print(ruleCounts(unexpected));
  }
  for (const { difference, trace } of stale) {
    const { policy, rule, kind, defect } = difference;
    print(`\nlisted but no longer there: ${policy}, ${rule}, ${kind} (${defect}) on ${trace}\n`);
  }
  const ran = judged.filter(({ outcome }) => outcome.skipped === null);
  const failed = ran.filter((one) => !one.passed).length + stale.length;
  print(`\n${ran.length - ran.filter((one) => !one.passed).length} passed, ${failed} failed\n`);
  return failed === 0;
}

/** Groups failed runs by reason, with their cases and traces. */
function failures(outcomes: readonly Outcome[]): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  for (const { failure, name, trace } of outcomes) {
    if (failure !== null) reasons.set(failure, [...(reasons.get(failure) ?? []), `${name} ${trace}`]);
  }
  return reasons;
}

interface Judged {
  readonly outcome: Outcome;
  readonly unexpected: readonly Difference[];
  readonly expected: number;
  readonly passed: boolean;
}

function judge(outcome: Outcome, known: readonly KnownDifference[]): Judged {
  const unexpected = outcome.differences.filter((difference) => !known.some((one) => covers(one, outcome, difference)));
  return {
    outcome,
    unexpected,
    expected: outcome.differences.length - unexpected.length,
    passed: outcome.failure === null && unexpected.length === 0,
  };
}

function covers(known: KnownDifference, outcome: Outcome, difference: Difference): boolean {
  return (
    known.policy === outcome.policy &&
    'rule' in difference &&
    known.rule === difference.rule &&
    known.kind === difference.kind
  );
}

/** Returns listed differences that did not occur on a listed trace, although it was run. */
function staleDifferences(
  outcomes: readonly Outcome[],
  known: readonly KnownDifference[],
): { difference: KnownDifference; trace: string }[] {
  return known.flatMap((difference) =>
    difference.traces.flatMap((trace) => {
      const ran = outcomes.filter(
        (one) =>
          one.trace === trace && one.policy === difference.policy && one.skipped === null && one.failure === null,
      );
      const occurs = ran.some((one) => one.differences.some((found) => covers(difference, one, found)));
      return ran.length > 0 && !occurs ? [{ difference, trace }] : [];
    }),
  );
}

/** Formats one row per case: traces, recorded lines, result. */
function table(judged: readonly Judged[]): string {
  const names = [...new Set(judged.map(({ outcome }) => outcome.name))].sort();
  const rows = names.map((name) => {
    const group = judged.filter(({ outcome }) => outcome.name === name);
    const lines = group.reduce((sum, { outcome }) => sum + outcome.lines, 0);
    return [name, String(group.length), String(lines), result(group)];
  });
  return textTable([['case', 'traces', 'lines', 'result'], ...rows], 'lrr');
}

function result(group: readonly Judged[]): string {
  const skipped = group.find(({ outcome }) => outcome.skipped !== null);
  if (skipped !== undefined) return `skipped: ${skipped.outcome.skipped}`;
  const expected = group.reduce((sum, one) => sum + one.expected, 0);
  const failed = group.filter((one) => !one.passed);
  const listed = expected === 0 ? '' : `, ${expected} listed differences`;
  if (failed.length > 0) return `FAILED on ${failed.map(({ outcome }) => outcome.trace).join(', ')}${listed}`;
  return expected === 0 ? 'equal' : `equal${listed}`;
}

function sentence(difference: Difference): string {
  const place = difference.line === null ? 'no recorded line' : `recorded line ${difference.line}`;
  if ('rule' in difference) {
    const record = difference.recorded === '' ? difference.ours : difference.recorded;
    const shown = Buffer.from(record.slice(0, 160), 'latin1').toString('utf8');
    return `${place}: ${difference.kind} '${difference.rule}': ${shown}`;
  }
  return `${place}: ${difference.kind}, ${firstDifference(difference.recorded, difference.ours)}`;
}

function ruleCounts(differences: readonly Difference[]): string {
  const counts = new Map<string, number>();
  for (const difference of differences) {
    if (!('rule' in difference)) continue;
    const key = `${difference.kind} '${difference.rule}'`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `  ${count} × ${key}\n`).join('');
}
