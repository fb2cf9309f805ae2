/** Traces into flat records, for the tools of rule authors: no pipeline file, one reader, in the order of the paths. */
import { expandTraces, isPassedOver, type TraceArgument } from '../drivers/trace-files.js';
import type { TableCounts } from '../reader/entity-tables.js';
import { createReader, type Reader } from '../reader/reader.js';
import type { FlatBatch } from '../records/flat-batch.js';
import type { Receiver } from '../records/receiver.js';
import { appendedText, ContainerReader, type ContainerReaderOptions } from '../sysflow/container-reader.js';
import type { Damage } from '../sysflow/damage.js';
import { TraceError } from '../sysflow/errors.js';
import { RecordBatchPool } from '../sysflow/record-batch.js';
import { DecoderFactory } from '../sysflow/record-decoder.js';

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
}

/** Whether a trace could not be read, other than what was passed over. */
export function hasUnreadTraces({ problems }: TraceReport): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

/** Opens a trace by its path. */
export type OpenTrace = (path: string, options: ContainerReaderOptions) => Promise<ContainerReader | TraceError>;

/** Reads traces, those of a folder in name order, and pushes their flat records; ends the receiver. */
export async function readTraces(
  source: TraceSource,
  receiver: Receiver<FlatBatch>,
  open: OpenTrace = ContainerReader.open,
): Promise<TraceReport> {
  return new TraceFeed(receiver, open).run(source);
}

class TraceFeed {
  readonly #open: OpenTrace;
  readonly #reader: Reader;
  readonly #pool = new RecordBatchPool();
  /** Shared by all traces: they then share compiled decoders and strings. */
  readonly #options: ContainerReaderOptions = { decoders: new DecoderFactory() };
  readonly #damage: { path: string; items: readonly Readonly<Damage>[] }[] = [];
  readonly #problems: TraceProblem[] = [];
  readonly #appended: { path: string; text: string }[] = [];
  #traces = 0;

  constructor(receiver: Receiver<FlatBatch>, open: OpenTrace) {
    this.#open = open;
    this.#reader = createReader({ rateLimit: null }, receiver);
  }

  async run(source: TraceSource): Promise<TraceReport> {
    if (source instanceof Uint8Array) {
      await this.#feed(await ContainerReader.from([source], 'records', this.#options), false);
    } else for (const argument of expandTraces(source)) await this.#read(argument);
    await this.#reader.end();
    return {
      traces: this.#traces,
      records: this.#reader.statistics.passed,
      tables: this.#reader.statistics.tables,
      damage: this.#damage,
      appended: this.#appended,
      problems: this.#problems,
    };
  }

  async #read({ path, folder, error }: TraceArgument): Promise<void> {
    await this.#feed(error ?? (await this.#open(path, this.#options)), folder);
  }

  async #feed(trace: ContainerReader | TraceError, listed: boolean): Promise<void> {
    if (trace instanceof TraceError) {
      const severity = isPassedOver(trace, listed) ? 'warning' : 'error';
      this.#problems.push({ path: trace.path, message: trace.message, severity });
      return;
    }
    this.#traces++;
    for await (const batch of trace.batches(this.#pool)) await this.#reader.push(batch);
    const { appendedTraces, appendedAt } = trace.statistics;
    if (appendedAt !== null) this.#appended.push({ path: trace.name, text: appendedText(appendedTraces, appendedAt) });
    if (trace.damage.length > 0) this.#damage.push({ path: trace.name, items: trace.damage });
  }
}
