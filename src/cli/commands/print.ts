import { readTraces } from '../../authoring/read-traces.js';
import { timeTest } from '../../authoring/record-selection.js';
import { nearestName } from '../../diagnostics/nearest.js';
import type { TraceSummary } from '../../drivers/driver.js';
import { expandTraces } from '../../drivers/trace-files.js';
import type { ByteBuffer } from '../../exporter/byte-buffer.js';
import { type CsvColumn, createCsvEncoder, csvHeader } from '../../exporter/encoders/csv.js';
import { KINDS_ALL } from '../../fields/define.js';
import type { HandlerComponent } from '../../reader/handler.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import { FlatRecord } from '../../records/flat-record.js';
import {
  appendedText,
  highHalf,
  lossText,
  lowHalf,
  type Process,
  RECORD_KIND_NAMES,
  RECORD_TYPE_CODES,
  type RecordBatch,
  RecordKind,
  ROW_SLOTS,
  recordAt,
  SLOT_PROC_PID,
  toBigInt,
} from '../../sysflow/index.js';
import { unreadFilesText } from '../../telemetry/unread-files-text.js';
import type { Command } from '../command.js';
import type { CommandIo } from '../command-io.js';
import { csvColumns, FIELDS_OPTION, RECORD_COLUMNS } from '../csv-columns.js';
import { exactJson } from '../exact-json.js';
import { limitOf, limitOption, type OptionTable, readOptions, usageProblem } from '../option-table.js';
import { listOf, type ParsedOptions, parsePids } from '../options.js';
import { PieceWriter } from '../piece-writer.js';
import { printLine } from '../print-line.js';
import { PID_OPTION, TIME_OPTIONS, timeRangeOf } from '../record-options.js';
import { printsIntoTrace, readingOf } from '../trace-files.js';

const OPTIONS: OptionTable = {
  type: { value: 'TYPE,…', description: 'Only records of these types: PE, FF, FE, NF, PF, KE, Process, File, …' },
  ...TIME_OPTIONS,
  ...PID_OPTION,
  ...limitOption('records', 'all'),
  format: {
    letter: 'f',
    value: 'FORMAT',
    choices: ['text', 'json', 'csv'],
    description: 'How records are printed: text, json (all fields, one object a line) or csv. Default: text',
  },
  ...FIELDS_OPTION,
  json: { description: 'The same as --format json' },
};

/**
 * `sfprocessor print`: prints the records of traces, one per line, as text, as JSON objects with the record's own
 * fields, or as CSV columns of attributes. Without `--type`, text shows only events and flows, JSON all records, and
 * CSV all records that have attributes.
 *
 * Exit status 1 if a trace is damaged in the part that was read, 3 if one cannot be read, as in `inspect`: the output
 * is then incomplete.
 */
export const printCommand: Command = {
  name: 'print',
  usage: '[--type TYPE,…] [--pid PID,…] [--since TIME] [--limit N] [--format text|json|csv] TRACE…',
  summary: 'Print the records of traces, one a line, as text, JSON or CSV',
  options: OPTIONS,
  words: 'files',
  run: async (args, io) => {
    const options = readOptions(printCommand, args, io);
    if (typeof options === 'number') return options;
    const filter = parseFilter(options);
    if (typeof filter === 'string') return usageProblem(printCommand, filter, io);
    if (options.words.length === 0) return usageProblem(printCommand, 'no trace', io);
    const traces = expandTraces(options.words);
    if (printsIntoTrace(traces, 'print', io)) return 1;
    let status = 0;
    const fail = (failed: number): void => {
      status = Math.max(status, failed);
      io.note(status);
    };
    const full = new AbortController();
    const printer = new Printer(filter, io, () => full.abort());
    const report = await readTraces(traces, [], {
      ...readingOf(io),
      stop: AbortSignal.any([io.stopSignal(), full.signal]),
      handler: printer.handler,
      onTrace: (summary) => {
        if (summary.damage.length > 0) fail(1);
        reportTrace(summary, io);
      },
      onProblem: ({ path, message, severity }) => {
        io.err(`sfprocessor print: ${path} ${message}${severity === 'warning' ? '; skipped' : ''}`);
        if (severity === 'error') fail(3);
      },
    });
    const stopped = report.unread === null || printer.isFull ? null : unreadFilesText(report.unread);
    if (stopped !== null) io.err(`sfprocessor print: ${stopped}`);
    return (await printer.end()) ? status : 3;
  },
};

/** Reports damage and other findings in a trace on standard error. */
function reportTrace({ path, statistics, damage }: TraceSummary, io: CommandIo): void {
  const { appendedTraces, appendedAt } = statistics;
  if (appendedAt !== null) io.err(`sfprocessor print: ${path}: ${appendedText(appendedTraces, appendedAt)}`);
  for (const found of damage) {
    const place = `${path} is damaged from byte ${found.firstOffset}`;
    io.err(`sfprocessor print: ${place}: ${found.kind}, ${lossText(found)}`);
  }
}

const NEWLINE = Uint8Array.of(10);

interface Filter {
  /** Whether to print each kind of record, by kind. */
  readonly kinds: readonly boolean[];
  /** Process ids to print; null for all. */
  readonly pids: ReadonlySet<bigint> | null;
  /** Whether a time is wanted; null if all are, and records without a time too. */
  readonly inTime: ((lo: number, hi: number) => boolean) | null;
  readonly limit: number;
  readonly format: Format;
}

/** An output format. */
interface Format {
  /** The text before all records. */
  readonly header: string;
  /**
   * Appends a record.
   *
   * @param flat the batch joined with its entities
   */
  append(batch: RecordBatch, row: number, flat: FlatBatch, out: ByteBuffer): void;
}

function parseFilter(options: ParsedOptions): Filter | string {
  const { values } = options;
  const format = formatName(options);
  if (format === null) return 'choose one of --json and --format';
  if (format !== 'csv' && values.has('fields')) return '--fields is for --format csv';
  const columns = format === 'csv' ? csvColumns(listOf(options, 'fields') ?? RECORD_COLUMNS, []) : [];
  if (typeof columns === 'string') return columns;
  const time = timeRangeOf(options, Date.now());
  if (typeof time === 'string') return time;
  const kinds = RECORD_TYPE_CODES.map((code, kind) =>
    format === 'csv' ? hasAttributes(kind) : format === 'json' || code !== '',
  );
  const types = listOf(options, 'type');
  if (types !== undefined) {
    kinds.fill(false);
    for (const type of types.split(',')) {
      const kind = kindOf(type);
      if (typeof kind === 'string') return kind;
      if (format === 'csv' && !hasAttributes(kind))
        return `'${type}' records have no attributes; CSV has PE, FF, FE, NF and KE`;
      kinds[kind] = true;
    }
  }
  const pids = listOf(options, 'pid');
  return {
    kinds,
    pids: pids === undefined ? null : parsePids(pids),
    inTime: time.since === null && time.until === null ? null : timeTest(time),
    limit: limitOf(options, 0),
    format: format === 'csv' ? csvFormat(columns) : format === 'json' ? JSON_FORMAT : TEXT_FORMAT,
  };
}

/** The format that the options choose; null if they contradict each other. */
function formatName({ flags, values }: ParsedOptions): string | null {
  const format = values.get('format');
  if (!flags.has('json')) return format ?? 'text';
  return format === undefined || format === 'json' ? 'json' : null;
}

function hasAttributes(kind: number): boolean {
  return (KINDS_ALL & (1 << kind)) !== 0;
}

const TEXT_FORMAT: Format = {
  header: '',
  append: (batch, row, flat, out) => out.appendText(printLine(batch, row, flat)),
};
const JSON_FORMAT: Format = {
  header: '',
  append: (batch, row, _flat, out) => out.appendText(exactJson(recordAt(batch, row))),
};

function csvFormat(columns: readonly CsvColumn[]): Format {
  const encoder = createCsvEncoder(columns);
  const record = new FlatRecord();
  return {
    header: csvHeader(columns),
    append: (_batch, row, flat, out) => encoder.encode(record.moveTo(flat, row), out),
  };
}

/**
 * Finds a kind by its two-letter code, its Avro name or its name in this program, case-insensitively. Returns a message
 * if unknown.
 */
function kindOf(type: string): number | string {
  const wanted = type.toLowerCase();
  const matches = (name: string): boolean => name !== '' && name.toLowerCase() === wanted;
  const kind = RECORD_TYPE_CODES.findIndex(matches);
  if (kind !== -1) return kind;
  const named = RECORD_KIND_NAMES.findIndex(matches);
  if (named !== -1) return named;
  const own = Object.entries(RecordKind).find(([name]) => matches(name));
  if (own !== undefined) return own[1];
  const names = [...RECORD_TYPE_CODES.filter((code) => code !== ''), ...RECORD_KIND_NAMES];
  const nearest = nearestName(type, names);
  return `unknown type '${type}'; ${nearest === undefined ? `known are ${names.join(' ')}` : `did you mean '${nearest}'?`}`;
}

class Printer {
  readonly #filter: Filter;
  readonly #out: PieceWriter;
  readonly #onFull: () => void;
  #left: number;

  /** @param onFull called when the limit is reached */
  constructor(filter: Filter, io: CommandIo, onFull: () => void) {
    this.#filter = filter;
    this.#out = new PieceWriter(io);
    this.#onFull = onFull;
    this.#left = filter.limit;
    this.#out.add((out) => out.appendText(filter.format.header));
  }

  /** Whether the limit is reached. */
  get isFull(): boolean {
    return this.#left <= 0;
  }

  /** Prints the records of each batch, including entities. */
  get handler(): HandlerComponent {
    return {
      kind: 'handler',
      name: 'print',
      summary: '',
      options: {},
      out: null,
      create: () => ({ openStream: () => ({ onBatch: (batch) => this.#printBatch(batch) }) }),
    };
  }

  /** Writes the remaining text. Returns whether everything was written. */
  end(): Promise<boolean> {
    return this.#out.end();
  }

  async #printBatch(flat: FlatBatch): Promise<void> {
    const batch = flat.records;
    for (let row = 0; row < batch.length && this.#left > 0; row++) {
      if (!this.#wants(batch, row)) continue;
      this.#left--;
      const { format } = this.#filter;
      const busy = this.#out.add((out) => {
        format.append(batch, row, flat, out);
        out.append(NEWLINE);
      });
      if (busy !== undefined) await busy;
    }
    // The reader of a pipe may stall for a long time.
    await this.#out.write();
    if (this.isFull) this.#onFull();
  }

  #wants(batch: RecordBatch, row: number): boolean {
    const kind = batch.kinds[row]!;
    const { kinds, pids, inTime } = this.#filter;
    if (!kinds[kind]) return false;
    if (inTime !== null && !isInTime(inTime, batch, row)) return false;
    if (pids === null) return true;
    if (kind === RecordKind.process) {
      const { pidLo, pidHi } = batch.payloads[row] as Process;
      return pids.has(toBigInt(pidLo, pidHi));
    }
    if (RECORD_TYPE_CODES[kind] === '' || kind === RecordKind.k8sEvent) return false;
    const at = row * ROW_SLOTS + SLOT_PROC_PID;
    return pids.has(toBigInt(batch.slots[at]!, batch.slots[at + 1]!));
  }
}

/** Whether a record's time is selected; headers and containers have none. */
function isInTime(inTime: (lo: number, hi: number) => boolean, batch: RecordBatch, row: number): boolean {
  const record = recordAt(batch, row);
  return 'ts' in record && inTime(lowHalf(record.ts), highHalf(record.ts));
}
