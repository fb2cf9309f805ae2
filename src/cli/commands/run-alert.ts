/** Implements `sfprocessor alert`. What one format needs is loaded only for it: the first alert shall not wait. */
import { hasUnreadTraces, type MakeStage, readTraces } from '../../authoring/read-traces.js';
import { SelectedRecords } from '../../authoring/record-selection.js';
import { resourcePath } from '../../config/resources.js';
import { expandTraces } from '../../drivers/trace-files.js';
import type { Encoder } from '../../exporter/encoder.js';
import type { CsvColumn } from '../../exporter/encoders/csv.js';
import { createPolicyEngine, type PolicyEngine } from '../../policy/engine/policy-engine.js';
import type { Policy } from '../../policy/model/policy.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import { FlatRecord } from '../../records/flat-record.js';
import type { Receiver } from '../../streams/receiver.js';
import type { CommandIo } from '../command-io.js';
import { ALERT_COLUMN_NAMES, csvColumns } from '../csv-columns.js';
import { type CommandActions, loadCommandActions } from '../load-actions.js';
import { loadCommandPolicy } from '../load-policy.js';
import { type Described, limitOf, usageProblem } from '../option-table.js';
import type { ParsedOptions } from '../options.js';
import { PieceWriter } from '../piece-writer.js';
import { policyPaths } from '../policy-option.js';
import { selectionOf, timeRangeOf } from '../record-options.js';
import { selectRules } from '../rule-options.js';
import { printsIntoTrace, readingOf } from '../trace-files.js';

/**
 * @returns 0; 1 for errors in the rules or actions; 2 for wrong options; 3 if a trace cannot be read or an alert is
 *   skipped
 */
export async function runAlert(command: Described, options: ParsedOptions, io: CommandIo): Promise<number> {
  const time = timeRangeOf(options, Date.now());
  if (typeof time === 'string') return usageProblem(command, time, io);
  const columns = await columnsOf(options);
  if (typeof columns === 'string') return usageProblem(command, columns, io);
  const traces = expandTraces(options.words);
  if (printsIntoTrace(traces, 'alert', io)) return 1;
  const { policy: loaded, hasErrors: rulesHaveErrors } = await loadCommandPolicy(policyPaths(options), io);
  if (rulesHaveErrors && loaded.rules.length === 0) return 1;
  const policy = selectRules(loaded, options);
  if (typeof policy === 'string') return usageProblem(command, policy, io);
  const folder = options.values.get('actiondir') ?? resourcePath('actions');
  const { actions, hasErrors: actionsHaveErrors } = await loadCommandActions(policy, folder, io);
  const hasErrors = rulesHaveErrors || actionsHaveErrors;
  if (hasErrors && options.flags.has('strict')) return 1;
  if (hasErrors) io.note(1);
  const format = options.values.get('format') ?? 'text';
  const encoder = await encoderOf(format, { columns, color: io.color, sources: traces.length > 1 });
  if (format === 'csv') await io.out((await import('../../exporter/encoders/csv.js')).csvHeader(columns));
  const out = new PieceWriter(io);
  const printer = new Printer(encoder, limitOf(options, 0), out);
  const engine = engineOf(policy, actions, printer, io);
  const select: MakeStage = (next) => new SelectedRecords(selectionOf(options, time), next);
  const report = await readTraces(traces, [select, () => engine], readingOf(io));
  const isWhole = await out.end();
  const { summarizeAlerts, summarizeTraces } = await import('../../authoring/summary.js');
  const summary = options.flags.has('quiet') ? [] : summarizeAlerts(policy, engine.counters(), report, printer.printed);
  for (const line of [...summary, ...summarizeTraces(report)]) io.err(line);
  if (!isWhole || hasUnreadTraces(report)) return 3;
  return hasErrors ? 1 : 0;
}

/** Returns the columns of CSV; an empty array for other formats. */
async function columnsOf({ values }: ParsedOptions): Promise<readonly CsvColumn[] | string> {
  const fields = values.get('fields');
  if (values.get('format') !== 'csv') return fields === undefined ? [] : '--fields is for --format csv';
  const { ALERT_COLUMNS } = await import('../../exporter/encoders/csv.js');
  return csvColumns(fields ?? ALERT_COLUMN_NAMES, ALERT_COLUMNS);
}

interface EncoderLook {
  readonly columns: readonly CsvColumn[];
  readonly color: boolean;
  readonly sources: boolean;
}

async function encoderOf(format: string, { columns, color, sources }: EncoderLook): Promise<Encoder> {
  switch (format) {
    case 'csv':
      return (await import('../../exporter/encoders/csv.js')).createCsvEncoder(columns);
    case 'json':
      return (await import('../../exporter/encoders/json.js')).createJsonEncoder();
    case 'ecs': {
      const { createEcsEncoder } = await import('../../exporter/encoders/ecs.js');
      return createEcsEncoder((await import('../version.js')).VERSION);
    }
    default:
      return (await import('../../exporter/encoders/text.js')).createTextEncoder(color, sources);
  }
}

/** Creates the engine in alert mode. */
function engineOf(
  policy: Policy,
  actions: CommandActions['actions'],
  receiver: Receiver<FlatBatch>,
  io: CommandIo,
): PolicyEngine {
  return createPolicyEngine(
    {
      mode: 'alert',
      actions,
      now: () => performance.now(),
      onActionProblem: ({ kind, action, rule, message }) =>
        io.err(`action '${action}' of rule '${rule}' ${kind === 'slow' ? 'was slow' : `failed: ${message}`}\n`),
    },
    policy,
    receiver,
  );
}

/** Prints records immediately, up to a limit. */
class Printer implements Receiver<FlatBatch> {
  /** Number of printed records. */
  printed = 0;
  readonly #encoder: Encoder;
  readonly #limit: number;
  readonly #out: PieceWriter;
  readonly #record = new FlatRecord();

  constructor(encoder: Encoder, limit: number, out: PieceWriter) {
    this.#encoder = encoder;
    this.#limit = limit;
    this.#out = out;
  }

  async push(batch: FlatBatch): Promise<void> {
    const count = Math.min(batch.count, this.#limit - this.printed);
    for (let i = 0; i < count; i++) {
      const record = this.#record.moveTo(batch, batch.rows[i]!);
      const busy = this.#out.add((out) => {
        this.#encoder.encode(record, out);
        out.append(NEWLINE);
      });
      if (busy !== undefined) await busy;
    }
    this.printed += count;
    batch.release();
    await this.#out.write();
  }

  async end(): Promise<void> {}
}

const NEWLINE = Uint8Array.of(10);
