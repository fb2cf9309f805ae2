import { createHash } from 'node:crypto';
import { batchesUntil, openedOrAborted } from '../../drivers/batches-until.js';
import { expandTraces } from '../../drivers/trace-files.js';
import { isoTime } from '../../exporter/encoders/iso-time.js';
import { terminalText } from '../../exporter/encoders/terminal-text.js';
import {
  type AvroType,
  appendedText,
  type Compression,
  type ContainerReader,
  compareInt64,
  type Damage,
  type File,
  type Header,
  lossText,
  type Pod,
  type Process,
  parseSchema,
  RECORD_KIND_COUNT,
  RECORD_KIND_NAMES,
  RECORD_TYPE_CODES,
  type RecordBatch,
  RecordBatchPool,
  RecordKind,
  ROW_SLOTS,
  SchemaError,
  SLOT_END_TS,
  SLOT_TS,
  TraceError,
  toBigInt,
} from '../../sysflow/index.js';
import { counted } from '../../telemetry/counted.js';
import type { Command } from '../command.js';
import type { CommandIo } from '../command-io.js';
import { exactJson } from '../exact-json.js';
import { type OptionTable, readOptions, usageProblem } from '../option-table.js';
import { TraceProgress } from '../progress.js';
import { textTable } from '../text-table.js';
import { byteText, printsIntoTrace, reportStopped, reportUnread } from '../trace-files.js';

const OPTIONS: OptionTable = { json: { description: 'one object for each trace' } };

/** Ids counted exactly; beyond this, a count is a lower bound. */
const MAX_IDS = 1 << 20;

/** Longer ids are distinguished by their hash: those of collectors have 64 characters at most. */
const LONGEST_ID = 100;

/** Maximum number of headers shown, and of characters in them. */
const MAX_HEADERS = 100;
const MAX_HEADER_LENGTH = 1 << 20;

/** `sfprocessor inspect`: summarizes the content of traces. Exit status 1 if a trace is damaged, 3 if one cannot be read. */
export const inspectCommand: Command = {
  name: 'inspect',
  usage: '[--json] TRACE...',
  summary: 'Show what is in traces: header, schema, records by type, entities, time range, damage',
  options: OPTIONS,
  words: 'files',
  run: async (args, io) => {
    const options = readOptions(inspectCommand, args, io);
    if (typeof options === 'number') return options;
    if (options.words.length === 0) return usageProblem(inspectCommand, 'no trace', io);
    const traces = expandTraces(options.words);
    if (printsIntoTrace(traces, 'inspect', io)) return 1;
    let status = 0;
    const fail = (failed: number): void => {
      status = Math.max(status, failed);
      io.note(status);
    };
    const stop = io.stopSignal();
    const progress = new TraceProgress(traces, io);
    for (const [index, { path, folder, error }] of traces.entries()) {
      const inspection = error ?? (stop.aborted ? null : await inspectTrace(path, progress, stop));
      if (inspection === null) {
        reportStopped(inspectCommand, traces.length, index, null, io);
        break;
      }
      if (inspection instanceof TraceError) {
        fail(reportUnread('inspect', inspection, folder, io));
        continue;
      }
      if (inspection.damage.length > 0) fail(1);
      if (options.flags.has('json')) await io.out(`${exactJson(inspection)}\n`);
      else await printInspection(inspection, io, traces.length > 1);
      if (stop.aborted) {
        reportStopped(inspectCommand, traces.length, index + 1, path, io);
        break;
      }
    }
    progress.end();
    return status;
  },
};

/** Summary of a trace. Times are nanoseconds since the epoch. */
export interface Inspection {
  readonly path: string;
  /** Size of the trace in bytes, after decompression if the whole file is compressed. */
  readonly bytes: number;
  readonly compression: Compression | null;
  readonly blocks: number;
  /** Codec of the blocks of the first trace in the file. */
  readonly codec: string;
  /** Traces that follow the first one in the file, and where the first of them begins; null if there is none. */
  readonly appendedTraces: number;
  readonly appendedAt: number | null;
  /** Avro names of the record kinds in the writer's schema. */
  readonly schema: readonly string[];
  readonly headers: readonly Header[];
  /** Number of records by Avro name. */
  readonly records: Readonly<Record<string, number>>;
  /** Number of records of kinds that SysFlow does not define. */
  readonly unknownRecords: number;
  /** Numbers of distinct entities. */
  readonly entities: { containers: number; pods: number; processes: number; files: number };
  /** Whether there are more entities than are counted exactly. */
  readonly entitiesAtLeast: boolean;
  /** From the first start to the last end of an event or flow; null if there is none. */
  readonly time: { readonly start: bigint; readonly end: bigint } | null;
  readonly damage: readonly Readonly<Damage>[];
}

/** What is in a trace, as far as it is read before a signal; null if that comes before it is open. */
async function inspectTrace(
  path: string,
  progress: TraceProgress,
  stop: AbortSignal,
): Promise<Inspection | TraceError | null> {
  const reader = await openedOrAborted(progress.open(path), stop);
  if (reader === null || reader instanceof TraceError) return reader;
  const counter = new TraceCounter();
  const pool = new RecordBatchPool();
  for await (const batch of batchesUntil(reader, pool, stop)) {
    counter.count(batch);
    batch.release();
  }
  return counter.inspection(path, reader);
}

class TraceCounter {
  readonly #records = new Float64Array(RECORD_KIND_COUNT);
  readonly #headers: Header[] = [];
  #headerLength = 0;
  readonly #containers = new Set<string>();
  readonly #pods = new Set<string>();
  readonly #processes = new Set<string>();
  readonly #files = new Set<string>();
  #startLo = -1;
  #startHi = 0x7fffffff;
  #endLo = 0;
  #endHi = -0x80000000;

  count(batch: RecordBatch): void {
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kinds[row]!;
      this.#records[kind]!++;
      if (RECORD_TYPE_CODES[kind] === '') this.#countEntity(kind, batch.payloads[row]);
      else this.#countTime(batch.slots, row * ROW_SLOTS);
    }
  }

  #countEntity(kind: number, payload: unknown): void {
    switch (kind) {
      case RecordKind.header:
        this.#addHeader(payload as Header);
        break;
      case RecordKind.container:
        add(this.#containers, (payload as { id: string }).id);
        break;
      case RecordKind.pod:
        add(this.#pods, (payload as Pod).id);
        break;
      case RecordKind.process: {
        const { createTsLo, createTsHi, pidLo, pidHi } = payload as Process;
        add(this.#processes, `${createTsHi} ${createTsLo} ${pidHi} ${pidLo}`);
        break;
      }
      case RecordKind.file:
        add(this.#files, (payload as File).oid);
        break;
    }
  }

  /** Stores a header, unless there are too many or they are too long; always stores the first one. */
  #addHeader(header: Header): void {
    this.#headerLength += header.exporter.length + header.ip.length + header.filename.length;
    if (this.#headers.length >= MAX_HEADERS) return;
    if (this.#headers.length === 0 || this.#headerLength <= MAX_HEADER_LENGTH) this.#headers.push(header);
  }

  #countTime(slots: Int32Array, base: number): void {
    const [lo, hi] = [slots[base + SLOT_TS]!, slots[base + SLOT_TS + 1]!];
    if (compareInt64(lo, hi, this.#startLo, this.#startHi) < 0) [this.#startLo, this.#startHi] = [lo, hi];
    if (compareInt64(lo, hi, this.#endLo, this.#endHi) > 0) [this.#endLo, this.#endHi] = [lo, hi];
    const [endLo, endHi] = [slots[base + SLOT_END_TS]!, slots[base + SLOT_END_TS + 1]!];
    if (compareInt64(endLo, endHi, this.#endLo, this.#endHi) > 0) [this.#endLo, this.#endHi] = [endLo, endHi];
  }

  inspection(path: string, reader: ContainerReader): Inspection {
    const records: Record<string, number> = {};
    for (let kind = 0; kind < RECORD_KIND_COUNT; kind++) records[RECORD_KIND_NAMES[kind]!] = this.#records[kind]!;
    const sets = [this.#containers, this.#pods, this.#processes, this.#files];
    const timed = this.#endHi !== -0x80000000;
    return {
      path,
      bytes: reader.statistics.bytes,
      blocks: reader.statistics.blocks,
      compression: reader.compression,
      codec: reader.codec,
      appendedTraces: reader.statistics.appendedTraces,
      appendedAt: reader.statistics.appendedAt,
      schema: branchNames(reader.schema),
      headers: this.#headers,
      records,
      unknownRecords: reader.statistics.unknownRecords,
      entities: {
        containers: this.#containers.size,
        pods: this.#pods.size,
        processes: this.#processes.size,
        files: this.#files.size,
      },
      entitiesAtLeast: sets.some((set) => set.size >= MAX_IDS),
      time: timed ? { start: toBigInt(this.#startLo, this.#startHi), end: toBigInt(this.#endLo, this.#endHi) } : null,
      damage: reader.damage,
    };
  }
}

function add(set: Set<string>, id: string): void {
  if (set.size >= MAX_IDS) return;
  set.add(id.length <= LONGEST_ID ? id : createHash('sha256').update(id).digest('hex'));
}

/** Returns the record kinds of a schema: the branches of its top-level union, or of the union in its first field. */
function branchNames(text: string): string[] {
  const type = parseSchema(text);
  if (type instanceof SchemaError) return [];
  const union = findUnion(type);
  return union.flatMap((branch) =>
    branch.kind === 'record' ? [branch.name.slice(branch.name.lastIndexOf('.') + 1)] : [],
  );
}

function findUnion(type: AvroType): readonly AvroType[] {
  if (type.kind === 'union') return type.branches;
  return type.kind === 'record' && type.fields[0]?.type.kind === 'union' ? type.fields[0].type.branches : [];
}

async function printInspection(found: Inspection, io: CommandIo, separate: boolean): Promise<void> {
  const rows: string[][] = [
    ['trace', found.path],
    [
      'size',
      `${byteText(found.bytes)} in ${counted(found.blocks, 'block')}, codec ${found.codec}${compressionText(found)}`,
    ],
    ['schema', `${counted(found.schema.length, 'kind')} of record: ${found.schema.join(' ')}`],
  ];
  if (found.appendedAt !== null) rows.push(['appended', appendedText(found.appendedTraces, found.appendedAt)]);
  for (const { version, exporter, ip, filename } of found.headers) {
    rows.push(['header', `version ${version}, exporter ${exporter}, address ${ip}, file ${filename}`]);
  }
  if (found.headers.length === 0) rows.push(['header', 'none']);
  const hidden = found.records[RECORD_KIND_NAMES[RecordKind.header]!]! - found.headers.length;
  if (hidden > 0) rows.push(['header', `${hidden} more`]);
  rows.push(['time', timeText(found)]);
  const present = Object.entries(found.records).filter(([, count]) => count > 0);
  const total = present.reduce((sum, [, count]) => sum + count, 0);
  rows.push(['records', `${total}${present.map(([name, count]) => `, ${name} ${count}`).join('')}`]);
  if (found.unknownRecords > 0)
    rows.push(['unknown', `${counted(found.unknownRecords, 'record')} of kinds that SysFlow does not have`]);
  const { containers, pods, processes, files } = found.entities;
  const least = found.entitiesAtLeast ? ' (at least)' : '';
  const entities = [
    counted(processes, 'process', 'processes'),
    counted(files, 'file'),
    counted(containers, 'container'),
    counted(pods, 'pod'),
  ];
  rows.push(['entities', `${entities.join(', ')}${least}`]);
  if (found.damage.length === 0) rows.push(['damage', 'none']);
  for (const damage of found.damage) rows.push(['damage', damageText(damage)]);
  await io.print(textTable(rows.map((row) => row.map(terminalText))));
  if (separate) await io.print('\n');
}

function timeText({ time }: Inspection): string {
  if (time === null) return 'no events';
  const iso = (ns: bigint): string => isoTime(Number(BigInt.asIntN(32, ns)), Number(ns >> 32n));
  return `${iso(time.start)} to ${iso(time.end)} (${(Number(time.end - time.start) / 1e9).toFixed(3)} s)`;
}

function compressionText({ compression }: Inspection): string {
  return compression === null ? '' : ` (decompressed from ${compression})`;
}

function damageText(damage: Readonly<Damage>): string {
  const { kind, times, firstOffset, detail } = damage;
  const place = `${kind} ${counted(times, 'time')} from offset ${firstOffset}`;
  return `${place}: ${lossText(damage)}${detail === '' ? '' : ` (${detail})`}`;
}
