/** Summarizes a run in lines of text without line ends; names are not escaped. */
import type { PolicyEngineCounters } from '../policy/engine/policy-engine.js';
import { type Policy, Priority } from '../policy/model/policy.js';
import type { TableCounts } from '../reader/entity-tables.js';
import { lossText } from '../sysflow/damage.js';
import { countedWithCommas, withCommas } from '../telemetry/counted.js';
import { unreadFilesText } from '../telemetry/unread-files-text.js';
import type { TraceReport } from './read-traces.js';

const PRIORITY_NAMES: Readonly<Record<Priority, string>> = {
  [Priority.low]: 'LOW',
  [Priority.medium]: 'MEDIUM',
  [Priority.high]: 'HIGH',
};

/**
 * Summarizes the number of alerts by rule: highest priority first, then most frequent.
 *
 * @param shown number of printed alerts
 */
export function summarizeAlerts(
  policy: Policy,
  counters: PolicyEngineCounters,
  report: TraceReport,
  shown: number,
): string[] {
  const source = `${countedWithCommas(counters.records, 'record')} in ${countedWithCommas(report.traces, 'trace')}`;
  const dropped = counters.dropped === 0 ? '' : `, ${countedWithCommas(counters.dropped, 'record')} dropped by filters`;
  const fired = counters.rules
    .map(({ name, matched }, index) => ({ name, matched, priority: policy.rules[index]!.priority }))
    .filter(({ matched }) => matched > 0)
    .sort((a, b) => b.priority - a.priority || b.matched - a.matched);
  const width = Math.max(0, ...fired.map(({ matched }) => withCommas(matched).length));
  const lines = fired.map(({ name, matched, priority }) => {
    const count = withCommas(matched).padStart(width);
    return `  ${PRIORITY_NAMES[priority].padEnd(6)}  ${count}  ${name}`;
  });
  const limited = shown < counters.matched ? `; ${withCommas(shown)} shown` : '';
  return [`${source}${dropped}: ${countedWithCommas(counters.matched, 'alert')}${limited}`, ...lines];
}

const MISSING: readonly (readonly [keyof TableCounts, string])[] = [
  ['unknownProcess', 'process'],
  ['unknownFile', 'file'],
  ['unknownContainer', 'container'],
  ['unknownPod', 'pod'],
];

/**
 * Summarizes problems in traces: unreadable traces, several traces in a file, damage, entities without a record, and
 * traces not read because reading was stopped. Empty without problems.
 */
export function summarizeTraces(report: TraceReport): string[] {
  const lines = report.problems.map(
    ({ path, message, severity }) => `${severity}: ${path} ${message}${severity === 'warning' ? '; skipped' : ''}`,
  );
  for (const { path, text } of report.appended) lines.push(`note: ${path}: ${text}`);
  for (const { path, items } of report.damage) {
    for (const found of items) {
      const { kind, times, firstOffset, detail } = found;
      const lost = lossText(found, countedWithCommas);
      const first = `first at byte ${firstOffset}${detail === '' ? '' : `, ${detail}`}`;
      lines.push(`damage: ${path}: ${kind}, ${countedWithCommas(times, 'time')}: ${lost} (${first})`);
    }
  }
  const missing = MISSING.filter(([key]) => (report.tables[key] ?? 0) > 0);
  if (missing.length > 0) {
    const parts = missing.map(
      ([key, entity]) => `a ${entity} (${countedWithCommas(report.tables[key] ?? 0, 'record')})`,
    );
    lines.push(`missing: records name ${parts.join(', ')} that the trace does not have`);
  }
  const stopped = report.unread === null ? null : unreadFilesText(report.unread);
  if (stopped !== null) lines.push(stopped);
  return lines;
}
