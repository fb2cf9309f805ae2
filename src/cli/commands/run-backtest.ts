/** Implements `sfprocessor backtest`. */
import { type AlertChange, Backtest, type OnAlertChange } from '../../authoring/backtest.js';
import { painter } from '../../authoring/explanation-text.js';
import { hasUnreadTraces, readTraces, type TraceReport } from '../../authoring/read-traces.js';
import { recordLineFormatter } from '../../authoring/record-line.js';
import { summarizeTraces } from '../../authoring/summary.js';
import { expandTraces } from '../../drivers/trace-files.js';
import { createJsonEncoder } from '../../exporter/encoders/json.js';
import { terminalText } from '../../exporter/encoders/terminal-text.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import type { MatchedRule } from '../../records/record-context.js';
import type { Receiver } from '../../streams/receiver.js';
import { countedWithCommas, withCommas } from '../../telemetry/counted.js';
import type { CommandIo } from '../command-io.js';
import { loadCommandPolicy } from '../load-policy.js';
import { limitOf } from '../option-table.js';
import type { ParsedOptions } from '../options.js';
import { PieceWriter } from '../piece-writer.js';
import { textTable } from '../text-table.js';
import { printsIntoTrace, readingOf } from '../trace-files.js';

const DEFAULT_LIMIT = 20;

/** @returns 0 without a difference, 1 with one, 3 for errors in the rules or if a trace cannot be read */
export async function runBacktest(options: ParsedOptions, io: CommandIo): Promise<number> {
  const [oldPath, newPath, ...paths] = options.words;
  const traces = expandTraces(paths);
  if (printsIntoTrace(traces, 'backtest', io)) return 3;
  const before = await loadCommandPolicy([oldPath!], io);
  const after = await loadCommandPolicy([newPath!], io);
  // A policy without any valid rule would report every alert as a difference.
  if ([before, after].some(({ policy, hasErrors }) => hasErrors && policy.rules.length === 0)) return 3;
  const hasErrors = before.hasErrors || after.hasErrors;
  if (hasErrors) io.note(3);
  const json = options.flags.has('json');
  const limit = limitOf(options, json ? 0 : DEFAULT_LIMIT);
  const out = new PieceWriter(io);
  const print = json ? jsonLines(out) : textLines(out, io.color, traces.length > 1);
  const backtest = new Backtest(before.policy, after.policy, withStatus(io, limited(limit, print)));
  const report = await readTraces(traces, [() => writingAfterBatches(backtest, out)], readingOf(io));
  const isWhole = await out.end();
  if (json) await io.out(jsonSummary(backtest, report));
  else await io.print(textSummary(backtest, report, limit));
  for (const line of summarizeTraces(report)) io.err(line);
  if (!isWhole || hasErrors || hasUnreadTraces(report)) return 3;
  return differences(backtest) > 0 ? 1 : 0;
}

function differences({ alerts }: Backtest): number {
  return alerts.gone + alerts.new + alerts.changed;
}

/** Writes the output for a batch before reading the next one, since the reader of a named pipe can be slow. */
function writingAfterBatches(backtest: Backtest, out: PieceWriter): Receiver<FlatBatch> {
  return {
    async push(batch) {
      await backtest.push(batch);
      await out.write();
    },
    end: () => backtest.end(),
  };
}

/** Sets the exit status for a difference before printing it. */
function withStatus(io: CommandIo, print: OnAlertChange): OnAlertChange {
  return (...change) => {
    io.note(1);
    return print(...change);
  };
}

function limited(limit: number, print: OnAlertChange): OnAlertChange {
  let printed = 0;
  return (...change) => (printed++ < limit ? print(...change) : undefined);
}

const MARKS: Readonly<Record<AlertChange, string>> = { gone: '-', new: '+', changed: '~' };
const STYLES = { gone: 'failed', new: 'held', changed: 'macro' } as const;

/** @param sources whether the records are from several traces */
function textLines(out: PieceWriter, color: boolean, sources: boolean): OnAlertChange {
  const line = recordLineFormatter(color, sources);
  const paint = painter(color);
  return (change, record, before, after) => {
    const rules =
      change === 'changed' ? `${ruleNames(before)} → ${ruleNames(after)}` : ruleNames([...before, ...after]);
    const text = `${paint(STYLES[change], MARKS[change])} ${paint('macro', rules)}\n  ${line(record)}\n`;
    return out.add((buffer) => buffer.appendText(text));
  };
}

/** Formats the names of rules, with the properties that can differ between policies. */
function ruleNames(rules: readonly MatchedRule[]): string {
  return rules.map(({ name }) => terminalText(name)).join(', ');
}

function jsonLines(out: PieceWriter): OnAlertChange {
  const encoder = createJsonEncoder();
  return (change, record, before, after) => {
    const head = JSON.stringify({ change, before: before.map(named), after: after.map(named) });
    return out.add((buffer) => {
      buffer.appendText(`${head.slice(0, -1)},"record":`);
      encoder.encode(record, buffer);
      buffer.appendAscii('}\n');
    });
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
