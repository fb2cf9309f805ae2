/** A configured pipeline: drivers, the stages they feed, start, drain and stop. */
import { Writable } from 'node:stream';
import { Acceleration } from '../accel/index.js';
import type { Preparation, StageReport } from '../components/processor.js';
import type { Driver, DriverHost, DriverReporter, TraceSummary } from '../drivers/driver.js';
import type { TraceError } from '../sysflow/errors.js';
import { counted } from '../telemetry/counted.js';
import type { LogEvent } from '../telemetry/logger.js';
import type { Progress } from '../telemetry/progress.js';
import type { PluginProblems } from './isolation/problems.js';
import { Stages } from './stages.js';
import { Stream, type StreamLosses } from './stream.js';
import type { StageNode, StagePlan } from './tree.js';

/** A driver, and the stages that it feeds. */
export interface PipelineDriver {
  readonly driver: Driver;
  /** The name in messages. */
  readonly name: string;
  readonly receivers: readonly StageNode[];
}

/** Receives the events of a running pipeline. */
export interface PipelineObserver {
  traceRead(summary: TraceSummary): void;
  /** @param skipped whether the trace is skipped with a warning, instead of counting as a failure */
  unreadable(error: TraceError, skipped: boolean): void;
  log(level: LogEvent, message: string): void;
  /** Something failed, and the pipeline continues. */
  fail(message: string): void;
}

export interface PipelineOptions {
  readonly drivers: readonly PipelineDriver[];
  /** The results of preparing its stages; see `prepareStages`. */
  readonly prepared: ReadonlyMap<StagePlan, Preparation>;
  readonly observer: PipelineObserver;
  /** Most streams that use WebAssembly at the same time; 0 for none. */
  readonly accelerated: number;
  readonly stdout: Writable;
  readonly color: boolean;
  /** The program's version. */
  readonly version: string;
  /** Whether all stages are strict, whatever their options say. */
  readonly strict: boolean;
  /** The problems of the pipeline's plugins; undefined if it has none. */
  readonly plugins?: Pick<PluginProblems, 'hasFailed' | 'report'> | undefined;
  /** Returns the current time in milliseconds. */
  now(): number;
}

/** The options of a pipeline whose stages are created in code and use no exporter. */
export const WITHOUT_EXPORTER: Pick<PipelineOptions, 'accelerated' | 'stdout' | 'color' | 'version' | 'strict'> = {
  accelerated: 0,
  stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
  color: false,
  version: '',
  strict: false,
};

/** A pipeline, for one run. */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #stages: Stages;
  readonly #acceleration: Acceleration;
  readonly #abort = new AbortController();
  readonly #streams = new Set<Stream>();
  /** Records of the streams that have ended. */
  #recordsRead = 0;
  #readerLeft = false;
  #hasFailed = false;
  readonly #reporter: DriverReporter = {
    traceRead: (summary) => this.#options.observer.traceRead(summary),
    unreadable: (error, skipped) => {
      if (!skipped) this.#hasFailed = true;
      this.#options.observer.unreadable(error, skipped);
    },
    log: (level, message) => this.#options.observer.log(level, message),
    fail: (message) => this.fail(message),
  };

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#acceleration = new Acceleration(options.accelerated);
    const { drivers, observer, prepared, strict, stdout, color, version, now } = options;
    this.#stages = new Stages(
      drivers.map(({ receivers }) => receivers),
      {
        acceleration: this.#acceleration,
        prepared,
        strict,
        stdout,
        color,
        version,
        now,
        sources: drivers.reduce((sum, { driver }) => sum + (driver.progress?.traces ?? 1), 0) > 1,
        log: (level, message) => observer.log(level, message),
        fail: (message) => this.fail(message),
        outputClosed: () => this.#outputClosed(),
      },
    );
  }

  /**
   * Runs to the end of all input, or until {@link stop}.
   *
   * @returns whether it ran; false if it could not start, which was reported
   */
  async run(): Promise<boolean> {
    if (!(await this.#start())) {
      for (const { driver } of this.#options.drivers) driver.dispose?.();
      return false;
    }
    await Promise.all(this.#options.drivers.map((_, index) => this.#drive(index)));
    await this.#stages.end();
    return true;
  }

  /** Stops reading after the current batches, and drains. */
  stop(): void {
    this.#abort.abort();
    this.#stages.drain();
  }

  get isStopping(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Whether the reader of standard output closed it before everything was written. */
  get readerLeft(): boolean {
    return this.#readerLeft;
  }

  /** Whether a driver, a stage or a plugin has failed. */
  get hasFailed(): boolean {
    return this.#hasFailed || this.#options.plugins?.hasFailed === true;
  }

  /** Reports a failure. The pipeline continues. */
  fail(message: string): void {
    this.#hasFailed = true;
    this.#options.observer.fail(message);
  }

  /** Opens output files again, after they were moved away. */
  reopen(): Promise<void> {
    return this.#stages.reopen();
  }

  /** The reports of the stages so far, in the order of the tree, followed by the problems of plugins. */
  get reports(): readonly StageReport[] {
    const { plugins } = this.#options;
    return plugins === undefined ? this.#stages.reports : [...this.#stages.reports, plugins.report()];
  }

  /** Records read by drivers. */
  get recordsRead(): number {
    return [...this.#streams].reduce((sum, { records }) => sum + records, this.#recordsRead);
  }

  /** The progress of the drivers whose input has an end. */
  get progress(): Progress {
    const all = this.#options.drivers.flatMap(({ driver }) => driver.progress ?? []);
    const sum = (of: (progress: Progress) => number): number => all.reduce((total, one) => total + of(one), 0);
    return {
      tracesRead: sum(({ tracesRead }) => tracesRead),
      traces: sum(({ traces }) => traces),
      bytesRead: sum(({ bytesRead }) => bytesRead),
      bytes: all.some(({ bytes }) => bytes === null) ? null : sum(({ bytes }) => bytes!),
      records: this.recordsRead,
    };
  }

  async #start(): Promise<boolean> {
    // Start every driver, so that each reports the problems of its input.
    const ready = this.#options.drivers.map(({ driver }) => driver.start?.(this.#reporter) ?? true);
    if (ready.includes(false)) return false;
    const problems = await this.#stages.start();
    for (const problem of problems) this.fail(problem);
    return problems.length === 0;
  }

  async #drive(index: number): Promise<void> {
    const { driver, name } = this.#options.drivers[index]!;
    const opened = new Set<Stream>();
    const losses: StreamLosses = { busy: 0, flood: 0, late: 0 };
    let hasEnded = false;
    const openStream: DriverHost['openStream'] = (stream) => {
      if (hasEnded) throw new RangeError(`driver '${name}' opens a stream after its end`);
      // A closed stream is not kept: it holds its entities and memory.
      const sink: Stream = this.#openStream(index, stream, losses, () => opened.delete(sink));
      opened.add(sink);
      return sink;
    };
    try {
      await driver.run({ ...this.#reporter, openStream }, this.#abort.signal);
    } catch (error) {
      this.fail(`driver '${name}' failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    hasEnded = true;
    await Promise.all([...opened].map((stream) => stream.close()));
    this.#reportDropped(name, losses);
  }

  #openStream(index: number, name: string, losses: StreamLosses, onClose: () => void): Stream {
    const stream: Stream = new Stream(
      name,
      this.#stages.openStream(index, name),
      this.#acceleration.openStream(),
      () => {
        this.#streams.delete(stream);
        this.#recordsRead += stream.records;
        onClose();
      },
      losses,
    );
    this.#streams.add(stream);
    return stream;
  }

  #reportDropped(name: string, { busy, flood, late }: StreamLosses): void {
    const report = (records: number, why: string): void => {
      if (records > 0) this.fail(`driver '${name}': ${counted(records, 'record was', 'records were')} dropped ${why}`);
    };
    report(busy, 'because the pipeline was busy');
    report(flood, 'because it pushed without waiting for earlier pushes');
    report(late, 'because a stream had ended');
  }

  /** Stops the pipeline if every output is closed; otherwise reports the failure and continues. */
  #outputClosed(): void {
    this.#readerLeft = true;
    if (this.#stages.areClosed) this.stop();
    else this.fail('standard output was closed by its reader; further records for it are dropped');
  }
}
