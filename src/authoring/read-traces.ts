/** Traces into flat records, for the tools of rule authors: no pipeline file, one reader, in the order of the paths. */
import { batchesUntil, orAborted } from '../drivers/batches-until.js';
import { expandTraces, isPassedOver, type TraceArgument } from '../drivers/trace-files.js';
import type { TableCounts } from '../reader/entity-tables.js';
import { createReader, type Reader } from '../reader/reader.js';
import type { FlatBatch } from '../records/flat-batch.js';
import type { Receiver } from '../streams/receiver.js';
import { appendedText, ContainerReader, type ContainerReaderOptions } from '../sysflow/container-reader.js';
import type { Damage } from '../sysflow/damage.js';
import { TraceError } from '../sysflow/errors.js';
import { RecordBatchPool } from '../sysflow/record-batch.js';
import { DecoderFactory } from '../sysflow/record-decoder.js';
import type { Unread } from '../telemetry/stopped-text.js';

/** Where records come from: paths of traces or of folders of traces, or the bytes of a trace in memory. */
export type TraceSource = readonly string[] | Uint8Array;

/** A path that could not be read as a trace. */
export interface TraceProblem {
  readonly path: string;
  /** What is wrong, to be read after the path. */
  readonly message: string;
  /** `warning` for what was passed over: a file of a folder that is no trace, a folder without files. */
  readonly severity: 'error' | 'warning';
}

/** What reading came to. */
export interface TraceReport {
  /** Traces read. */
  readonly traces: number;
  /** Flat records handed on. */
  readonly records: number;
  /** Entities that were missing or dropped. */
  readonly tables: TableCounts;
  /** Damage by trace; traces without any have no entry. */
  readonly damage: readonly { readonly path: string; readonly items: readonly Readonly<Damage>[] }[];
  /** Files that hold more than one trace, each with a sentence that says so. */
  readonly appended: readonly { readonly path: string; readonly text: string }[];
  readonly problems: readonly TraceProblem[];
  /** What was left since reading was stopped; null where it went on to the end. */
  readonly unread: Unread | null;
}

/** Whether a trace could not be read, other than what was passed over. */
export function hasUnreadTraces({ problems }: TraceReport): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

/** Opens a trace by its path. */
export type OpenTrace = (path: string, options: ContainerReaderOptions) => Promise<ContainerReader | TraceError>;

export interface ReadTracesOptions {
  readonly open?: OpenTrace;
  /** Ends the reading after the batch under way. */
  readonly stop?: AbortSignal;
  /** Called with each problem as soon as it is known. */
  readonly onProblem?: (problem: TraceProblem) => void;
}

/** Reads traces, those of a folder in name order, and pushes their flat records; ends the receiver. */
export async function readTraces(
  source: TraceSource,
  receiver: Receiver<FlatBatch>,
  options: ReadTracesOptions = {},
): Promise<TraceReport> {
  return new TraceFeed(receiver, options).run(source);
}

class TraceFeed {
  readonly #open: OpenTrace;
  readonly #stop: AbortSignal;
  readonly #onProblem: (problem: TraceProblem) => void;
  readonly #reader: Reader;
  readonly #pool = new RecordBatchPool();
  /** Shared by all traces: they then share compiled decoders and strings. */
  readonly #options: ContainerReaderOptions = { decoders: new DecoderFactory() };
  readonly #damage: { path: string; items: readonly Readonly<Damage>[] }[] = [];
  readonly #problems: TraceProblem[] = [];
  readonly #appended: { path: string; text: string }[] = [];
  readonly #parts: string[] = [];
  #traces = 0;

  constructor(receiver: Receiver<FlatBatch>, options: ReadTracesOptions) {
    const { open = ContainerReader.open, stop = new AbortController().signal, onProblem = () => {} } = options;
    this.#open = open;
    this.#stop = stop;
    this.#onProblem = onProblem;
    this.#reader = createReader({ rateLimit: null }, receiver);
  }

  async run(source: TraceSource): Promise<TraceReport> {
    let unread: Unread | null = null;
    if (source instanceof Uint8Array) {
      await this.#feed(await ContainerReader.from([source], 'records', this.#options), false);
    } else unread = await this.#files(expandTraces(source));
    await this.#reader.end();
    return {
      traces: this.#traces,
      records: this.#reader.statistics.passed,
      tables: this.#reader.statistics.tables,
      damage: this.#damage,
      appended: this.#appended,
      problems: this.#problems,
      unread,
    };
  }

  /** Reads traces; gives what was left where that was stopped. */
  async #files(traces: readonly TraceArgument[]): Promise<Unread | null> {
    let begun = 0;
    for (const { path, folder, error } of traces) {
      if (this.#stop.aborted) break;
      const trace = error ?? (await orAborted(this.#open(path, this.#options), this.#stop));
      if (trace === null) break;
      begun++;
      await this.#feed(trace, folder);
    }
    const left = traces.length - begun;
    return left === 0 && this.#parts.length === 0 ? null : { files: left, of: traces.length, parts: this.#parts };
  }

  #problem(problem: TraceProblem): void {
    this.#problems.push(problem);
    this.#onProblem(problem);
  }

  async #feed(trace: ContainerReader | TraceError, listed: boolean): Promise<void> {
    if (trace instanceof TraceError) {
      const severity = isPassedOver(trace, listed) ? 'warning' : 'error';
      this.#problem({ path: trace.path, message: trace.message, severity });
      return;
    }
    this.#traces++;
    for await (const batch of batchesUntil(trace, this.#pool, this.#stop)) await this.#reader.push(batch);
    if (this.#stop.aborted) this.#parts.push(trace.name);
    const { appendedTraces, appendedAt } = trace.statistics;
    if (appendedAt !== null) this.#appended.push({ path: trace.name, text: appendedText(appendedTraces, appendedAt) });
    if (trace.damage.length > 0) this.#damage.push({ path: trace.name, items: trace.damage });
  }
}
