/** Traces into flat records, for the tools of rule authors: no pipeline file, one reader, in the order of the paths. */
import { findTraces } from '../drivers/trace-files.js';
import type { TableCounts } from '../reader/entity-tables.js';
import { createReader, type Reader } from '../reader/reader.js';
import type { FlatBatch } from '../records/flat-batch.js';
import type { Receiver } from '../records/receiver.js';
import { ContainerReader, type ContainerReaderOptions } from '../sysflow/container-reader.js';
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
  readonly problems: readonly TraceProblem[];
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
  #traces = 0;

  constructor(receiver: Receiver<FlatBatch>, open: OpenTrace) {
    this.#open = open;
    this.#reader = createReader({ rateLimit: null }, receiver);
  }

  async run(source: TraceSource): Promise<TraceReport> {
    if (source instanceof Uint8Array) {
      await this.#feed(await ContainerReader.from([source], 'records', this.#options), false);
    } else for (const path of source) await this.#path(path);
    await this.#reader.end();
    return {
      traces: this.#traces,
      records: this.#reader.statistics.passed,
      tables: this.#reader.statistics.tables,
      damage: this.#damage,
      problems: this.#problems,
    };
  }

  async #path(path: string): Promise<void> {
    const found = path === '-' ? { paths: [path], folder: false } : findTraces(path);
    if (found instanceof TraceError) {
      this.#problems.push({ path, message: found.message, severity: 'error' });
      return;
    }
    if (found.paths.length === 0) {
      this.#problems.push({ path, message: 'is a folder without files', severity: 'warning' });
    }
    for (const file of found.paths) await this.#feed(await this.#open(file, this.#options), found.folder);
  }

  async #feed(trace: ContainerReader | TraceError, listed: boolean): Promise<void> {
    if (trace instanceof TraceError) {
      const severity = listed && trace.code !== 'unreadable' ? 'warning' : 'error';
      this.#problems.push({ path: trace.path, message: trace.message, severity });
      return;
    }
    this.#traces++;
    for await (const batch of trace.batches(this.#pool)) await this.#reader.push(batch);
    if (trace.damage.length > 0) this.#damage.push({ path: trace.name, items: trace.damage });
  }
}
