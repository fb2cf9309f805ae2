/** The work of `sfprocessor backtest`. */
import { type AlertChange, Backtest, type OnAlertChange } from '../../authoring/backtest.js';
import { painter } from '../../authoring/explanation-text.js';
import { readTraces, type TraceReport } from '../../authoring/read-traces.js';
import { recordJson, recordLiner } from '../../authoring/record-line.js';
import { summarizeTraces } from '../../authoring/summary.js';
import { terminalText } from '../../exporter/encoders/terminal-text.js';
import type { MatchedRule } from '../../records/record-context.js';
import { countedWithCommas, withCommas } from '../../telemetry/counted.js';
import type { CommandIo } from '../command.js';
import { loadCommandPolicy } from '../load-policy.js';
import { limitOf } from '../option-table.js';
import type { ParsedOptions } from '../options.js';
import { TraceProgress } from '../progress.js';
import { textTable } from '../text-table.js';

const DEFAULT_LIMIT = 20;

/** @returns 0 without a difference, 1 with one, 3 where rules are wrong or a trace cannot be read */
export async function runBacktest(options: ParsedOptions, io: CommandIo): Promise<number> {
  const [oldPath, newPath, ...traces] = options.words;
  const before = await loadCommandPolicy([oldPath!], io);
  const after = await loadCommandPolicy([newPath!], io);
  // What did not load at all would only show every alert as a difference.
  if ([before, after].some(({ policy, hasErrors }) => hasErrors && policy.rules.length === 0)) return 3;
  const json = options.flags.has('json');
  const limit = limitOf(options, json ? 0 : DEFAULT_LIMIT);
  const progress = new TraceProgress(traces, io);
  const print = json ? jsonLines(io) : textLines(io, progress.traces > 1);
  const backtest = new Backtest(before.policy, after.policy, limited(limit, print));
  const report = await readTraces(traces, backtest, (path, options) => progress.open(path, options));
  progress.end();
  io.out(json ? jsonSummary(backtest, report) : textSummary(backtest, report, limit));
  io.err(summarizeTraces(report));
  if (before.hasErrors || after.hasErrors || report.problems.some(({ severity }) => severity === 'error')) return 3;
  return differences(backtest) > 0 ? 1 : 0;
}

function differences({ alerts }: Backtest): number {
  return alerts.gone + alerts.new + alerts.changed;
}

function limited(limit: number, print: OnAlertChange): OnAlertChange {
  let printed = 0;
  return (...change) => {
    if (printed++ < limit) print(...change);
  };
}

const MARKS: Readonly<Record<AlertChange, string>> = { gone: '-', new: '+', changed: '~' };
const STYLES = { gone: 'failed', new: 'held', changed: 'macro' } as const;

/** @param sources whether the records are those of several traces */
function textLines(io: CommandIo, sources: boolean): OnAlertChange {
  const line = recordLiner(io.color, sources);
  const paint = painter(io.color);
  return (change, record, before, after) => {
    const rules =
      change === 'changed' ? `${ruleNames(before)} → ${ruleNames(after)}` : ruleNames([...before, ...after]);
    io.out(`${paint(STYLES[change], MARKS[change])} ${paint('macro', rules)}\n  ${line(record)}\n`);
  };
}

/** The rules by name, with what may have changed of them. */
function ruleNames(rules: readonly MatchedRule[]): string {
  return rules.map(({ name }) => terminalText(name)).join(', ');
}

function jsonLines(io: CommandIo): OnAlertChange {
  const json = recordJson();
  return (change, record, before, after) => {
    const head = JSON.stringify({ change, before: before.map(named), after: after.map(named) });
    io.out(`${head.slice(0, -1)},"record":${json(record)}}\n`);
  };
}

function named({ name, priority, tags }: MatchedRule): object {
  return { name, priority, tags };
}

function jsonSummary(backtest: Backtest, { records, traces }: TraceReport): string {
  return `${JSON.stringify({ records, traces, alerts: backtest.alerts, rules: backtest.rules })}\n`;
}

function textSummary(backtest: Backtest, report: TraceReport, limit: number): string {
  const hidden = differences(backtest) - limit;
  const more = hidden > 0 ? `… ${withCommas(hidden)} more\n` : '';
  const rules = backtest.rules.filter((rule) => rule.before > 0 || rule.after > 0);
  const rows = rules.map((rule) => [
    terminalText(rule.name),
    ...[rule.before, rule.after, rule.gone, rule.new, rule.changed].map(withCommas),
  ]);
  const table =
    rows.length === 0 ? '' : textTable([['rule', 'old', 'new', 'gone', 'came', 'changed'], ...rows], 'lrrrrr');
  const { gone, new: came, changed, same } = backtest.alerts;
  const source = `${countedWithCommas(report.records, 'record')} in ${countedWithCommas(report.traces, 'trace')}`;
  const blank = differences(backtest) > 0 ? '\n' : '';
  return `${more}${blank}${table}${source}: ${countedWithCommas(gone, 'alert')} gone, ${came} new, ${changed} changed, ${same} the same\n`;
}
