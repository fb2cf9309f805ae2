/** What a run came to, as lines for a person. */
import { printable } from '../diagnostics/format.js';
import type { PolicyEngineCounters } from '../policy/engine/policy-engine.js';
import { type Policy, Priority } from '../policy/model/policy.js';
import type { TableCounts } from '../reader/entity-tables.js';
import { countedWithCommas, withCommas } from '../telemetry/counted.js';
import type { TraceReport } from './read-traces.js';

const PRIORITY_NAMES: Readonly<Record<Priority, string>> = {
  [Priority.low]: 'LOW',
  [Priority.medium]: 'MEDIUM',
  [Priority.high]: 'HIGH',
};

/**
 * How many alerts there were, and by which rules: the gravest first, then the most frequent.
 *
 * @param shown how many of them were printed
 */
export function summarizeAlerts(
  policy: Policy,
  counters: PolicyEngineCounters,
  report: TraceReport,
  shown: number,
): string {
  const source = `${countedWithCommas(counters.records, 'record')} in ${countedWithCommas(report.traces, 'trace')}`;
  const dropped = counters.dropped === 0 ? '' : `, ${countedWithCommas(counters.dropped, 'record')} dropped by filters`;
  const fired = counters.rules
    .map(({ name, matched }, index) => ({ name, matched, priority: policy.rules[index]!.priority }))
    .filter(({ matched }) => matched > 0)
    .sort((a, b) => b.priority - a.priority || b.matched - a.matched);
  const width = Math.max(0, ...fired.map(({ matched }) => withCommas(matched).length));
  const lines = fired.map(({ name, matched, priority }) => {
    const count = withCommas(matched).padStart(width);
    return `  ${PRIORITY_NAMES[priority].padEnd(6)}  ${count}  ${printable(name)}\n`;
  });
  const limited = shown < counters.matched ? `; ${withCommas(shown)} shown` : '';
  return `${source}${dropped}: ${countedWithCommas(counters.matched, 'alert')}${limited}\n${lines.join('')}`;
}

const MISSING: readonly (readonly [keyof TableCounts, string])[] = [
  ['unknownProcess', 'process'],
  ['unknownFile', 'file'],
  ['unknownContainer', 'container'],
  ['unknownPod', 'pod'],
];

/** What was wrong in the traces: unreadable ones, damage, entities that no record announced. Empty where all is well. */
export function summarizeTraces(report: TraceReport): string {
  const lines = report.problems.map(
    ({ path, message, severity }) =>
      `${severity}: ${printable(path)} ${printable(message)}${severity === 'warning' ? '; passed over' : ''}`,
  );
  for (const { path, items } of report.damage) {
    for (const { kind, times, records, bytes, firstOffset, detail } of items) {
      const lost = `${countedWithCommas(records, 'record')} and ${countedWithCommas(bytes, 'byte')} lost`;
      const first = `first at byte ${firstOffset}${detail === '' ? '' : `, ${printable(detail)}`}`;
      lines.push(`damage: ${printable(path)}: ${kind}, ${countedWithCommas(times, 'time')}: ${lost} (${first})`);
    }
  }
  const missing = MISSING.filter(([key]) => report.tables[key] > 0);
  if (missing.length > 0) {
    const parts = missing.map(([key, entity]) => `a ${entity} (${countedWithCommas(report.tables[key], 'record')})`);
    lines.push(`missing: records name ${parts.join(', ')} that the trace does not have`);
  }
  return lines.map((line) => `${line}\n`).join('');
}
