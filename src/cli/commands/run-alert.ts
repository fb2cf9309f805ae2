/** The work of `sfprocessor alert`. What one format needs is loaded only for it: the first alert shall not wait. */
import { readTraces } from '../../authoring/read-traces.js';
import { SelectedRecords } from '../../authoring/record-selection.js';
import { ByteBuffer } from '../../exporter/byte-buffer.js';
import type { Encoder } from '../../exporter/encoder.js';
import type { CsvColumn } from '../../exporter/encoders/csv.js';
import { createPolicyEngine, type PolicyEngine } from '../../policy/engine/policy-engine.js';
import type { Policy } from '../../policy/model/policy.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import { FlatRecord } from '../../records/flat-record.js';
import type { Receiver } from '../../records/receiver.js';
import type { CommandIo } from '../command.js';
import { ALERT_COLUMN_NAMES, csvColumns } from '../csv-columns.js';
import { type CommandActions, loadCommandActions } from '../load-actions.js';
import { loadCommandPolicy } from '../load-policy.js';
import { type Described, limitOf, usageProblem } from '../option-table.js';
import type { ParsedOptions } from '../options.js';
import { policyPaths } from '../policy-option.js';
import { TraceProgress } from '../progress.js';
import { selectionOf, timeRangeOf } from '../record-options.js';
import { resourcePath } from '../resources.js';
import { selectRules } from '../rule-options.js';

/** @returns 0, 1 where something in the rules or actions is wrong or a trace cannot be read, 2 for wrong options */
export async function runAlert(command: Described, options: ParsedOptions, io: CommandIo): Promise<number> {
  const time = timeRangeOf(options, Date.now());
  if (typeof time === 'string') return usageProblem(command, time, io);
  const columns = await columnsOf(options);
  if (typeof columns === 'string') return usageProblem(command, columns, io);
  const { policy: loaded, hasErrors: rulesHaveErrors } = await loadCommandPolicy(policyPaths(options), io);
  if (rulesHaveErrors && loaded.rules.length === 0) return 1;
  const policy = selectRules(loaded, options);
  if (typeof policy === 'string') return usageProblem(command, policy, io);
  const folder = options.values.get('actiondir') ?? resourcePath('actions');
  const { actions, hasErrors: actionsHaveErrors } = await loadCommandActions(policy, folder, io);
  const hasErrors = rulesHaveErrors || actionsHaveErrors;
  if (hasErrors && options.flags.has('strict')) return 1;
  const progress = new TraceProgress(options.words, io);
  const format = options.values.get('format') ?? 'text';
  const encoder = await encoderOf(format, { columns, color: io.color, sources: progress.traces > 1 });
  if (format === 'csv') io.out((await import('../../exporter/encoders/csv.js')).csvHeader(columns));
  const printer = new Printer(encoder, limitOf(options, 0), io);
  const engine = engineOf(policy, actions, printer, io);
  const selected = new SelectedRecords(selectionOf(options, time), engine);
  const report = await readTraces(options.words, selected, (path, how) => progress.open(path, how));
  progress.end();
  const { summarizeAlerts, summarizeTraces } = await import('../../authoring/summary.js');
  if (!options.flags.has('quiet')) io.err(summarizeAlerts(policy, engine.counters(), report, printer.printed));
  io.err(summarizeTraces(report));
  return hasErrors || report.problems.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** The columns of CSV; none for other formats. */
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

/** The engine in alert mode. */
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

/** Prints records as they come, a batch at once, up to a limit. */
class Printer implements Receiver<FlatBatch> {
  /** Records that were printed. */
  printed = 0;
  readonly #encoder: Encoder;
  readonly #limit: number;
  readonly #io: CommandIo;
  readonly #record = new FlatRecord();
  readonly #buffer = new ByteBuffer(16 * 1024);

  constructor(encoder: Encoder, limit: number, io: CommandIo) {
    this.#encoder = encoder;
    this.#limit = limit;
    this.#io = io;
  }

  push(batch: FlatBatch): undefined {
    const buffer = this.#buffer;
    buffer.length = 0;
    const count = Math.min(batch.count, this.#limit - this.printed);
    for (let i = 0; i < count; i++) {
      this.#encoder.encode(this.#record.moveTo(batch, batch.rows[i]!), buffer);
      buffer.append(NEWLINE);
    }
    this.printed += count;
    batch.release();
    if (count > 0) this.#io.out(Buffer.from(buffer.bytes.buffer, 0, buffer.length).toString());
    return undefined;
  }

  async end(): Promise<void> {}
}

const NEWLINE = Uint8Array.of(10);
