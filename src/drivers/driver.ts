/** Drivers read records and push them into a pipeline: one stream for each connection or sequence of files. */
import type { Readable } from 'node:stream';
import type { Component } from '../components/component.js';
import type { ContainerStatistics } from '../sysflow/container-reader.js';
import type { Damage } from '../sysflow/damage.js';
import type { StreamDecoding } from '../sysflow/decoding.js';
import type { TraceError } from '../sysflow/errors.js';
import type { RecordBatch } from '../sysflow/record-batch.js';
import type { TraceRecord } from '../sysflow/trace-record.js';
import type { LogEvent } from '../telemetry/logger.js';
import type { Progress } from '../telemetry/progress.js';

/** Statistics of a trace or connection, as far as it was read. */
export interface TraceSummary {
  readonly path: string;
  readonly statistics: Readonly<ContainerStatistics>;
  readonly damage: readonly Readonly<Damage>[];
  /** False if the pipeline was stopped before the end of the trace. */
  readonly whole: boolean;
}

/** The destination of the records of one stream. The stages keep the entities of a stream while it is open. */
export interface StreamSink {
  readonly name: string;
  /** Decodes the stream, into batches of its own pool. */
  readonly decoding: StreamDecoding;
  /** Batches and records that {@link offer} dropped. */
  readonly dropped: number;
  /**
   * Pushes a batch. The sink takes over its reference.
   *
   * @returns a promise if the pipeline is busy: wait for it before the next push. While 64 such promises are pending, further
   *   batches are dropped and counted.
   */
  push(batch: RecordBatch): Promise<void> | undefined;
  /** Pushes a batch if the pipeline has room for it, otherwise drops and counts its records. Never waits. @returns whether it was pushed */
  offer(batch: RecordBatch): boolean;
  /** Like {@link push}, for records that are plain objects. Rejects if a record cannot be encoded. */
  pushRecords(records: readonly TraceRecord[]): Promise<void>;
  /** Ends the stream and frees its entities, once the stages have accepted all of its batches. */
  close(): Promise<void>;
}

/** Takes the reports of a driver. */
export interface DriverReporter {
  /** Reports a trace or connection that was read. */
  traceRead(summary: TraceSummary): void;
  /** Reports a trace or connection that cannot be read. @param skipped log a warning and skip it, instead of a failure */
  unreadable(error: TraceError, skipped: boolean): void;
  log(level: LogEvent, message: string): void;
  /** Logs an error after which the program's exit status is 3. */
  fail(message: string): void;
}

/** The interface of the pipeline for drivers that run. */
export interface DriverHost extends DriverReporter {
  openStream(name: string): StreamSink;
}

/** A driver of a running pipeline. */
export interface Driver {
  /** The files that the driver reads; no output may overwrite them. */
  readonly files?: readonly DriverFile[];
  /** Progress of the driver; undefined if its input has no end. */
  readonly progress?: Progress | undefined;
  /** Checks its input before any output is opened. @returns whether the pipeline may start; problems are reported */
  start?(reporter: DriverReporter): boolean;
  /**
   * Reads until the input ends or the signal is aborted. If the promise rejects, the other drivers continue and the
   * exit status is 3. Streams that are still open are closed.
   */
  run(host: DriverHost, signal: AbortSignal): Promise<void>;
  /** Called instead of {@link run} if the pipeline does not start. */
  dispose?(): void;
}

export interface DriverFile {
  readonly path: string;
  /** Whether the file was found in a folder, where files that are not traces are skipped. */
  readonly isListed: boolean;
}

/** The environment that a driver is created with. */
export interface DriverEnvironment {
  /** The path in the driver's stanza, or else the one on the command line. */
  readonly path: string;
  /** Returns the current time in milliseconds. */
  now(): number;
}

/** The environment of built-in drivers. */
export interface BuiltInDriverEnvironment extends DriverEnvironment {
  /** Most threads that may be used. */
  readonly threads: number;
  /** The module that the inflater thread runs. */
  readonly inflaterEntry: URL;
  /** Opens standard input; undefined if the program has none. */
  readonly stdin?: () => Readable;
}

/** A source of records. @typeParam Env its environment; built-in drivers may need more than {@link DriverEnvironment} */
export interface DriverComponent<Options = unknown, Env = DriverEnvironment> extends Component<Options> {
  readonly kind: 'driver';
  create(options: Options, environment: Env): Driver;
}

/** A driver with any types of options and environment. */
// biome-ignore lint/suspicious/noExplicitAny: options go to the component that declares them
export type AnyDriver = DriverComponent<any, any>;
