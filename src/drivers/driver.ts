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

/** A summary of the part of a trace or connection that was read. */
export interface TraceSummary {
  readonly path: string;
  readonly statistics: Readonly<ContainerStatistics>;
  readonly damage: readonly Readonly<Damage>[];
  /** False where the pipeline was stopped before its end. */
  readonly whole: boolean;
}

/** Where the records of one stream go. The stages keep the entities of a stream as long as it is open. */
export interface StreamSink {
  readonly name: string;
  /** Decodes the stream, into batches of its own pool. */
  readonly decoding: StreamDecoding;
  /** Batches and records that {@link offer} dropped. */
  readonly dropped: number;
  /**
   * Pushes a batch, whose reference passes to the sink.
   *
   * @returns a promise where the pipeline is behind: wait for it before the next push. Where 64 of them are not settled, a batch is
   *   dropped and counted.
   */
  push(batch: RecordBatch): Promise<void> | undefined;
  /** Pushes a batch if the pipeline has room for it, else drops and counts its records; never waits. @returns whether it was pushed */
  offer(batch: RecordBatch): boolean;
  /** Pushes records in the form of objects, as {@link push} does. Rejects for a record that cannot be encoded. */
  pushRecords(records: readonly TraceRecord[]): Promise<void>;
  /** Ends the stream and frees its entities, once the stages have taken all of its batches. */
  close(): Promise<void>;
}

/** The pipeline, as a driver sees it. */
export interface DriverHost {
  openStream(name: string): StreamSink;
  /** Reports a trace or connection that was read. */
  traceRead(summary: TraceSummary): void;
  /** Reports one that cannot be read. @param skipped whether it is skipped with a warning, instead of a failure */
  unreadable(error: TraceError, skipped: boolean): void;
  log(level: LogEvent, message: string): void;
  /** Logs an error after which the program's exit status is 3. */
  fail(message: string): void;
}

/** A driver of a running pipeline. */
export interface Driver {
  /** The files that it reads, which no output may overwrite. */
  readonly files?: readonly DriverFile[];
  /** Progress; absent if the input has no end. */
  readonly progress?: Progress | undefined;
  /** Checks its input before any output is opened. @returns whether the pipeline may start; what is wrong was reported */
  start?(host: DriverHost): boolean;
  /**
   * Reads until the input ends or the signal is aborted. Rejects for a failure, after which the other drivers go on and the exit
   * status is 3. Streams that are still open are closed.
   */
  run(host: DriverHost, signal: AbortSignal): Promise<void>;
  /** Called instead of {@link run} where the pipeline does not start. */
  dispose?(): void;
}

export interface DriverFile {
  readonly path: string;
  /** Whether it was found in a folder, where files that are not traces are skipped. */
  readonly isListed: boolean;
}

/** What a driver is created with. */
export interface DriverEnvironment {
  /** The path of its stanza, or else the one of the command line. */
  readonly path: string;
  /** The time in milliseconds. */
  now(): number;
}

/** What built-in drivers need besides what every driver has. */
export interface BuiltInDriverEnvironment extends DriverEnvironment {
  /** How many threads may work. */
  readonly threads: number;
  /** The module that a thread runs which inflates traces. */
  readonly inflaterEntry: URL;
  /** Opens standard input; absent if the program has none. */
  readonly stdin?: () => Readable;
}

/** A source of records. @typeParam Env what it is created with; a built-in one may need more than {@link DriverEnvironment} */
export interface DriverComponent<Options = unknown, Env = DriverEnvironment> extends Component<Options> {
  readonly kind: 'driver';
  create(options: Options, environment: Env): Driver;
}

/** A driver of any option and environment type. */
// biome-ignore lint/suspicious/noExplicitAny: options go to the component that declares them
export type AnyDriver = DriverComponent<any, any>;
