/** Pipelines of the tools for rule authors: traces, one reader, and stages created in code. */
import type { Readable } from 'node:stream';
import type { ProcessorComponent } from '../components/processor.js';
import type { Driver, TraceSummary } from '../drivers/driver.js';
import { FileDriver } from '../drivers/file.js';
import { pushTrace } from '../drivers/push-trace.js';
import type { TraceArgument } from '../drivers/trace-files.js';
import { Pipeline, type PipelineDriver, WITHOUT_EXPORTER } from '../pipeline/pipeline.js';
import { type StageNode, stagePlan } from '../pipeline/tree.js';
import { sysflowReader } from '../reader/component.js';
import type { TableCounts } from '../reader/entity-tables.js';
import { flattenerHandler } from '../reader/flattener.js';
import type { HandlerComponent } from '../reader/handler.js';
import type { FlatBatch } from '../records/flat-batch.js';
import type { Receiver } from '../streams/receiver.js';
import { appendedText, ContainerReader } from '../sysflow/container-reader.js';
import type { Damage } from '../sysflow/damage.js';
import { TraceError } from '../sysflow/errors.js';
import type { Progress } from '../telemetry/progress.js';
import type { Unread } from '../telemetry/unread-files-text.js';

/** The source of records: traces (see `expandTraces`), or the bytes of one trace. */
export type TraceSource = readonly TraceArgument[] | Uint8Array;

/** Creates a stage, given the receiver of the batches that it emits. */
export type MakeStage = (next: Receiver<FlatBatch>) => Receiver<FlatBatch>;

/** A path that could not be read as a trace. */
export interface TraceProblem {
  readonly path: string;
  /** The problem, as text to follow the path. */
  readonly message: string;
  /** `warning` for skipped input: a file in a folder that is not a trace, or a folder without files. */
  readonly severity: 'error' | 'warning';
}

/** Results of reading traces. */
export interface TraceReport {
  /** Number of traces read. */
  readonly traces: number;
  /** Number of flat records emitted by the reader. */
  readonly records: number;
  /** Counts of missing and dropped entities. */
  readonly tables: Partial<TableCounts>;
  /** Damage by trace, without undamaged traces. */
  readonly damage: readonly { readonly path: string; readonly items: readonly Readonly<Damage>[] }[];
  /** Files that contain more than one trace, each with a message. */
  readonly appended: readonly { readonly path: string; readonly text: string }[];
  readonly problems: readonly TraceProblem[];
  /** What was left since reading was stopped; null if it went on to the end. */
  readonly unread: Unread | null;
}

/** Whether a trace could not be read, other than what was skipped. */
export function hasUnreadTraces({ problems }: TraceReport): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

export interface ReadTracesOptions {
  /** Stops reading after the current batch. */
  readonly stop?: AbortSignal;
  /** Returns the time in milliseconds; if omitted, other work runs after every few batches. */
  readonly now?: () => number;
  /** Opens standard input. */
  readonly stdin?: () => Readable;
  /** The handler of records; the flattener if omitted. */
  readonly handler?: HandlerComponent;
  /** Called immediately with each problem. */
  readonly onProblem?: (problem: TraceProblem) => void;
  /** Called after each trace has been read. */
  readonly onTrace?: (summary: TraceSummary) => void;
  /** Shows progress; returns what ends that. */
  readonly showProgress?: ((progress: () => Progress) => () => void) | undefined;
}

/** Reads traces in their order through stages; the output of the last stage is discarded. */
export async function readTraces(
  source: TraceSource,
  stages: readonly MakeStage[],
  options: ReadTracesOptions = {},
): Promise<TraceReport> {
  const { stop, handler = flattenerHandler, showProgress, now = ticks() } = options;
  const reader = stagePlan(sysflowReader, {}, { handler });
  const collected = new CollectedReport(options);
  const receivers = [{ stage: reader, receivers: chain(stages) }];
  const pipeline = new Pipeline({
    drivers: [driverOf(source, receivers, now, options)],
    prepared: new Map(),
    observer: {
      traceRead: (summary) => collected.trace(summary),
      unreadable: (error, skipped) => collected.unreadable(error, skipped),
      log: () => {},
      fail: (message) => {
        throw new Error(message);
      },
    },
    now,
    ...WITHOUT_EXPORTER,
  });
  const onStop = (): void => pipeline.stop();
  stop?.addEventListener('abort', onStop, { once: true });
  if (stop?.aborted === true) onStop();
  const hideProgress = showProgress?.(() => pipeline.progress);
  try {
    await pipeline.run();
  } finally {
    hideProgress?.();
    stop?.removeEventListener('abort', onStop);
  }
  return collected.report(pipeline, source instanceof Uint8Array ? 1 : source.length);
}

/** Creates a clock that advances by one on each call. */
function ticks(): () => number {
  let time = 0;
  return () => time++;
}

/** Connects stages in sequence. */
function chain([make, ...rest]: readonly MakeStage[]): StageNode[] {
  if (make === undefined) return [];
  const component: ProcessorComponent = {
    kind: 'processor',
    name: 'stage',
    summary: '',
    in: 'flattenerchan',
    out: 'flattenerchan',
    options: {},
    create: (_options, { next }) => make(next),
  };
  return [{ stage: stagePlan(component), receivers: chain(rest) }];
}

function driverOf(
  source: TraceSource,
  receivers: readonly StageNode[],
  now: () => number,
  { stdin }: ReadTracesOptions,
): PipelineDriver {
  if (source instanceof Uint8Array) return { driver: bytesDriver(source), name: 'records', receivers };
  const driver = new FileDriver({
    name: 'traces',
    traces: source,
    inflater: null,
    now,
    ...(stdin === undefined ? {} : { stdin }),
  });
  return { driver, name: 'file', receivers };
}

/** Creates a driver for the bytes of one trace. */
function bytesDriver(bytes: Uint8Array): Driver {
  return {
    run: async (host, signal) => {
      const stream = host.openStream('records');
      const { decoders, pool } = stream.decoding;
      const trace = await ContainerReader.from([bytes], 'records', { decoders });
      if (trace instanceof TraceError) {
        host.unreadable(trace, false);
        return;
      }
      await pushTrace(trace, pool, stream, host, signal);
    },
  };
}

class CollectedReport {
  readonly #options: ReadTracesOptions;
  readonly #damage: { path: string; items: readonly Readonly<Damage>[] }[] = [];
  readonly #problems: TraceProblem[] = [];
  readonly #appended: { path: string; text: string }[] = [];
  readonly #parts: string[] = [];
  #traces = 0;

  constructor(options: ReadTracesOptions) {
    this.#options = options;
  }

  trace(summary: TraceSummary): void {
    const { path, statistics, damage, whole } = summary;
    if (!whole && statistics.records === 0) return;
    this.#traces++;
    if (!whole) this.#parts.push(path);
    const { appendedTraces, appendedAt } = statistics;
    if (appendedAt !== null) this.#appended.push({ path, text: appendedText(appendedTraces, appendedAt) });
    if (damage.length > 0) this.#damage.push({ path, items: damage });
    this.#options.onTrace?.(summary);
  }

  unreadable({ path, message }: TraceError, skipped: boolean): void {
    const problem: TraceProblem = { path, message, severity: skipped ? 'warning' : 'error' };
    this.#problems.push(problem);
    this.#options.onProblem?.(problem);
  }

  /** @param of number of traces to read */
  report({ reports, isStopping }: Pipeline, of: number): TraceReport {
    const counts = reports.flatMap((report) => report.counts ?? []).map(({ name, value }) => [name, value]);
    const left = of - this.#traces - this.#problems.length;
    return {
      traces: this.#traces,
      records: reports.reduce((sum, { events = 0 }) => sum + events, 0),
      tables: Object.fromEntries(counts) as Partial<TableCounts>,
      damage: this.#damage,
      appended: this.#appended,
      problems: this.#problems,
      unread: isStopping && left + this.#parts.length > 0 ? { files: left, of, parts: this.#parts } : null,
    };
  }
}
