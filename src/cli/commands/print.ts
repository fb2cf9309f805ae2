import { nearestName } from '../../diagnostics/nearest.js';
import { batchesUntil, orAborted } from '../../drivers/batches-until.js';
import { expandTraces } from '../../drivers/trace-files.js';
import { Reader } from '../../reader/reader.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import {
  appendedText,
  type ContainerReader,
  lostText,
  type Process,
  RECORD_KIND_NAMES,
  RECORD_TYPE_CODES,
  type RecordBatch,
  RecordBatchPool,
  RecordKind,
  ROW_SLOTS,
  recordAt,
  SLOT_PROC_PID,
  TraceError,
  toNumber,
} from '../../sysflow/index.js';
import type { Command, CommandIo } from '../command.js';
import { exactJson } from '../exact-json.js';
import { countOf, type OptionTable, readOptions, usageProblem } from '../option-table.js';
import { type ParsedOptions, parseCount } from '../options.js';
import { PieceWriter } from '../piece-writer.js';
import { printLine } from '../print-line.js';
import { openTrace, printsIntoTrace, reportStopped, reportUnread } from '../trace-files.js';

const OPTIONS: OptionTable = {
  type: { value: 'TYPE,...', description: 'only records of types: PE, FF, FE, NF, PF, KE, Process, File, ...' },
  pid: { value: 'PID,...', description: 'only records of processes' },
  limit: { value: 'N', count: true, description: 'at most so many records' },
  json: { description: 'all fields of each record, as one object a line' },
};

/**
 * `sfprocessor print`: the records of traces, one a line, for people or (`--json`) as one object for each record with
 * its own fields. Without `--type`, people see events and flows only, and `--json` gives all records.
 *
 * Exit status 1 where a trace is damaged as far as it was read, 3 where one cannot be read, as those of `inspect`: what is
 * printed is not all that was recorded.
 */
export const printCommand: Command = {
  name: 'print',
  usage: '[--type TYPE,...] [--pid PID,...] [--limit N] [--json] TRACE...',
  summary: 'Print the records of traces, one a line, as text or JSON',
  run: async (args, io) => {
    const options = readOptions(printCommand, OPTIONS, args, io);
    if (typeof options === 'number') return options;
    const filter = parseFilter(options);
    if (typeof filter === 'string') return usageProblem(printCommand, filter, io);
    if (options.words.length === 0) return usageProblem(printCommand, 'no trace', io);
    if (printsIntoTrace(options.words, 'print', io)) return 1;
    let status = 0;
    const fail = (failed: number): void => {
      status = Math.max(status, failed);
      io.note(status);
    };
    const stop = io.stopSignal();
    const printer = new Printer(filter, io, () => fail(1));
    const traces = expandTraces(options.words);
    for (const [index, { path, folder, error }] of traces.entries()) {
      const trace = error ?? (stop.aborted ? null : await orAborted(openTrace(path), stop));
      if (trace === null) {
        reportStopped(printCommand, traces.length, index, null, io);
        break;
      }
      if (trace instanceof TraceError) {
        fail(reportUnread('print', trace, folder, io));
        continue;
      }
      await printer.print(trace);
      if (printer.isFull) break;
      if (stop.aborted) {
        reportStopped(printCommand, traces.length, index + 1, path, io);
        break;
      }
    }
    return (await printer.end()) ? status : 3;
  },
};

const NEWLINE = Uint8Array.of(10);

interface Filter {
  /** Whether each kind of record is wanted. */
  readonly kinds: readonly boolean[];
  /** Wanted process ids; null for all. */
  readonly pids: ReadonlySet<number> | null;
  readonly limit: number;
  readonly json: boolean;
}

function parseFilter(options: ParsedOptions): Filter | string {
  const { values } = options;
  const json = options.flags.has('json');
  const kinds = RECORD_TYPE_CODES.map((code) => json || code !== '');
  const types = values.get('type');
  if (types !== undefined) {
    kinds.fill(false);
    for (const type of types.split(',')) {
      const kind = kindOf(type);
      if (typeof kind === 'string') return kind;
      kinds[kind] = true;
    }
  }
  const pids = values.get('pid')?.split(',').map(parseCount);
  if (pids?.includes(null)) return `'${values.get('pid')}' is no list of process ids`;
  return {
    kinds,
    pids: pids === undefined ? null : new Set(pids as number[]),
    limit: countOf(options, 'limit', Number.POSITIVE_INFINITY),
    json,
  };
}

/** A kind by its two-letter code, its Avro name or our name for it, in any case; or a sentence. */
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
  readonly #io: CommandIo;
  readonly #out: PieceWriter;
  readonly #onDamage: () => void;
  #left: number;

  /** @param onDamage called once a trace is known to be damaged, before more of it is printed */
  constructor(filter: Filter, io: CommandIo, onDamage: () => void) {
    this.#filter = filter;
    this.#io = io;
    this.#out = new PieceWriter(io);
    this.#onDamage = onDamage;
    this.#left = filter.limit;
  }

  /** Whether the limit is reached. */
  get isFull(): boolean {
    return this.#left <= 0;
  }

  /** Prints a trace, and what is wrong with it. */
  async print(trace: ContainerReader): Promise<void> {
    const joiner = new Joiner();
    for await (const batch of batchesUntil(trace, new RecordBatchPool(), this.#io.stopSignal())) {
      if (trace.damage.length > 0) this.#onDamage();
      await joiner.join(batch, (flat) => this.#printBatch(batch, flat));
      // Whoever writes to a pipe may pause for long.
      await this.#out.write();
      if (this.isFull) break;
    }
    if (trace.damage.length > 0) this.#onDamage();
    const { appendedTraces, appendedAt } = trace.statistics;
    if (appendedAt !== null) {
      this.#io.err(`sfprocessor print: ${trace.name}: ${appendedText(appendedTraces, appendedAt)}`);
    }
    for (const damage of trace.damage) {
      const place = `${trace.name} is damaged from byte ${damage.firstOffset}`;
      this.#io.err(`sfprocessor print: ${place}: ${damage.kind}, ${lostText(damage)}`);
    }
  }

  /** Writes what is left; whether all was written. */
  end(): Promise<boolean> {
    return this.#out.end();
  }

  async #printBatch(batch: RecordBatch, flat: FlatBatch | null): Promise<void> {
    for (let row = 0; row < batch.length && this.#left > 0; row++) {
      if (!this.#wants(batch, row)) continue;
      this.#left--;
      const text = this.#filter.json ? exactJson(recordAt(batch, row)) : printLine(batch, row, flat);
      const busy = this.#out.add((out) => {
        out.appendText(text);
        out.append(NEWLINE);
      });
      if (busy !== undefined) await busy;
    }
  }

  #wants(batch: RecordBatch, row: number): boolean {
    const kind = batch.kinds[row]!;
    const { kinds, pids } = this.#filter;
    if (!kinds[kind]) return false;
    if (pids === null) return true;
    if (kind === RecordKind.process) {
      const { pidLo, pidHi } = batch.payloads[row] as Process;
      return pids.has(toNumber(pidLo, pidHi));
    }
    if (RECORD_TYPE_CODES[kind] === '' || kind === RecordKind.k8sEvent) return false;
    const at = row * ROW_SLOTS + SLOT_PROC_PID;
    return pids.has(toNumber(batch.slots[at]!, batch.slots[at + 1]!));
  }
}

/** Joins the events of batches with their entities, as far as the reader does, and shows each batch before it is reused. */
class Joiner {
  #flat: FlatBatch | null = null;
  readonly #reader = new Reader(
    { rateLimit: null },
    {
      push: (flat) => {
        this.#flat = flat;
        return undefined;
      },
      end: async () => {},
    },
  );

  /** Takes over the caller's reference to the batch. */
  async join(batch: RecordBatch, show: (flat: FlatBatch | null) => Promise<void>): Promise<void> {
    batch.retain();
    void this.#reader.push(batch);
    await show(this.#flat);
    this.#flat?.release();
    this.#flat = null;
    batch.release();
  }
}
