import type { Writable } from 'node:stream';
import type { EngineStanza, ExporterStanza } from '../config/pipeline-file.js';
import type { DriverNode, PipelineTree } from '../config/wiring.js';
import { startDecoderThread } from '../drivers/decoder-thread.js';
import { FileDriver, findTraces, type TraceDriver, type TraceFiles } from '../drivers/file.js';
import { ThreadedFileDriver } from '../drivers/threaded-file.js';
import { TRANSPORTS } from '../exporter/registry.js';
import type { Transport } from '../exporter/transport.js';
import { packPolicy } from '../policy/model/packed-policy.js';
import { TraceError } from '../sysflow/errors.js';
import type { LogEvent, Logger } from '../telemetry/logger.js';
import { ParallelFiles } from './parallel.js';
import type { LoadedPolicy } from './policies.js';
import { PipelineReport } from './report.js';
import { SequentialFiles } from './sequential.js';
import { enginesOf, exportersOf, readersOf, type StageStatistics } from './stages.js';
import { WorkerThread } from './worker-thread.js';

export interface PipelineOptions {
  readonly tree: PipelineTree;
  /** The input of drivers that have no path of their own. */
  readonly path: string;
  readonly stdout: Writable;
  readonly color: boolean;
  readonly version: string;
  /** The time in milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  /** How many threads may work. */
  readonly threads: number;
  /** The modules that other threads run: file workers, and a decoder of traces. */
  readonly workerEntry: URL;
  readonly decoderEntry: URL;
  /** How often rates are logged, milliseconds, and at the end what each rule matched; null: never. */
  readonly ratesEvery: number | null;
}

/** Below this, starting threads costs more than they bring. */
const PARALLEL_BYTES = 2 << 20;

/**
 * From so many threads on, each takes files of its own. Two do better side by side on the same file, one decoding and one
 * evaluating: each then has half of the program to compile, and output is never held back for the files before it.
 */
const WORKER_THREADS = 3;

/** The policies of each engine. */
export type EnginePolicies = ReadonlyMap<EngineStanza, LoadedPolicy>;

/** A configured pipeline, for one run: {@link prepare}, then {@link run} or {@link abandon}. */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #report: PipelineReport;
  readonly #transports: readonly Transport[];
  /** What {@link prepare} found of the input of each driver. */
  #found: readonly (TraceFiles | TraceError)[] = [];
  #threads: WorkerThread[] = [];
  #decoder: ThreadedFileDriver | null = null;
  #stop: () => void = () => {};
  /** Records of the files under way, as far as this thread knows. */
  #recordsUnderWay: () => number = () => 0;
  #stopping = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#report = new PipelineReport(options.logger, options.now, options.ratesEvery !== null);
    this.#transports = exportersOf(this.#roots().flat()).map((stanza) => this.#transport(stanza));
  }

  /** Finds the input and starts the threads that its files will be spread over, which can load while policies are read. */
  prepare(): void {
    const found = this.#options.tree.drivers.map(({ path }) => findTraces(path ?? this.#options.path));
    this.#found = found;
    const [input] = found;
    if (found.length !== 1 || input instanceof TraceError || input!.bytes < PARALLEL_BYTES) return;
    if (this.#isParallel(input!)) {
      const others = Math.min(this.#threadCount(), input!.paths.length) - 1;
      this.#threads = Array.from({ length: others }, () => new WorkerThread(this.#options.workerEntry));
    } else if (this.#threadCount() > 1) {
      const { decoderEntry } = this.#options;
      this.#decoder = new ThreadedFileDriver(
        input!.paths,
        (data) => startDecoderThread(decoderEntry, data),
        (message) => this.#threadFailed(message),
      );
    }
  }

  /** Runs to the end of the input, or until {@link stop}; whether nothing failed. */
  async run(policies: EnginePolicies): Promise<boolean> {
    const inputs = this.#reportInputs();
    if (inputs === null || !(await this.#openTransports())) {
      await this.abandon();
      return false;
    }
    const stopRates = this.#logRates();
    const statistics = await this.#read(inputs, policies);
    stopRates();
    this.#report.finish(statistics, this.#transports);
    return !this.#report.failed;
  }

  /** Gives up what {@link prepare} started. */
  async abandon(): Promise<void> {
    const threads = this.#threads.splice(0);
    await Promise.all([this.#decoder?.stop(), ...threads.map((thread) => thread.terminate())]);
  }

  /** Stops after the batches under way and drains. */
  stop(): void {
    this.#stopping = true;
    this.#stop();
  }

  /** Opens output files anew, since somebody moved them away. */
  async reopen(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.reopen()));
  }

  #roots(): DriverNode['receivers'][] {
    return this.#options.tree.drivers.map(({ receivers }) => receivers);
  }

  /** Tells which inputs cannot be read or are empty; null where one cannot. */
  #reportInputs(): TraceFiles[] | null {
    const inputs: TraceFiles[] = [];
    for (const input of this.#found) {
      if (input instanceof TraceError) this.#report.unreadable(input, true);
      else inputs.push(input);
      if (!(input instanceof TraceError) && input.paths.length === 0)
        this.#log('warn', `${input.path}: no file is in it`);
    }
    return inputs.length === this.#found.length ? inputs : null;
  }

  async #openTransports(): Promise<boolean> {
    const problems = await Promise.all(this.#transports.map((transport) => transport.open()));
    for (const problem of problems) if (problem !== null) this.#report.failure(problem);
    return problems.every((problem) => problem === null);
  }

  #transport({ options }: ExporterStanza): Transport {
    const file = {
      path: options['file.path'],
      rotateSize: options['file.rotate.size'],
      rotateAge: options['file.rotate.age'],
      rotateKeep: options['file.rotate.keep'],
    };
    const { stdout, now } = this.#options;
    return TRANSPORTS.get(options.export)!(
      { stdout, file, now },
      {
        failed: (message) => this.#report.failure(message),
        recovered: (message) => this.#log('health', message),
        closed: () => this.#outputClosed(),
      },
    );
  }

  /** Nobody reads standard output any more: the end of the program, unless records go elsewhere as well. */
  #outputClosed(): void {
    if (exportersOf(this.#roots().flat()).every(({ options }) => options.export !== 'file')) this.stop();
  }

  async #read(inputs: readonly TraceFiles[], policies: EnginePolicies): Promise<readonly StageStatistics[]> {
    const parallel = this.#threads.length > 0;
    // What an action notes may live from one file to the next.
    if (parallel && [...policies.values()].every(({ actions }) => actions.size === 0)) {
      return this.#runParallel(inputs[0]!, policies);
    }
    if (parallel) await this.abandon();
    const drivers = this.#decoder === null ? inputs.map(() => new FileDriver()) : [this.#decoder];
    return this.#runSequential(inputs, drivers, policies);
  }

  /** Whether each thread takes files of its own: where nothing, such as a rate limiter, lives from one to the next. */
  #isParallel(input: TraceFiles): boolean {
    return (
      input.paths.length >= WORKER_THREADS &&
      this.#threadCount() >= WORKER_THREADS &&
      readersOf(this.#roots().flat()).every(({ options }) => !options['filter.enabled'])
    );
  }

  #threadCount(): number {
    const asked = enginesOf(this.#roots().flat()).map(({ options }) => options.concurrency);
    return Math.min(this.#options.threads, ...asked);
  }

  async #runParallel(input: TraceFiles, policies: EnginePolicies): Promise<readonly StageStatistics[]> {
    const { color, version, now } = this.#options;
    const reported = new Set<number>();
    const files = new ParallelFiles({
      paths: input.paths,
      transports: this.#transports,
      threads: this.#threads.splice(0),
      now,
      policy: (stanza) => policies.get(stanza)!,
      onFile: (index, summary) => {
        reported.add(index);
        this.#report.file(summary);
      },
      onUnreadable: (index, error) => {
        reported.add(index);
        this.#report.unreadable(error, false);
      },
      onActionProblem: (problem) => this.#report.actionProblem(problem),
      onThreadFailure: (message) => this.#threadFailed(message),
    });
    this.#stop = () => files.stop();
    const nodes = this.#roots()[0]!;
    const packed = enginesOf(nodes).map((stanza) => packPolicy(policies.get(stanza)!.policy));
    const { statistics, headless } = await files.run({ nodes, policies: packed, color, version });
    if (headless !== null && !this.#stopping) {
      // All is read again on one thread, to have the entities of the files before; only output is not written twice.
      return this.#runSequential([input], [new FileDriver()], policies, headless, reported);
    }
    await Promise.all(this.#transports.map((transport) => transport.close()));
    return statistics;
  }

  /**
   * @param drivers read the inputs, one each
   * @param writeFrom the file from which on output is written
   * @param reported files that were reported before
   */
  async #runSequential(
    inputs: readonly TraceFiles[],
    drivers: readonly TraceDriver[],
    policies: EnginePolicies,
    writeFrom = 0,
    reported: ReadonlySet<number> = new Set(),
  ): Promise<readonly StageStatistics[]> {
    const { color, version, now } = this.#options;
    const files = new SequentialFiles({
      roots: this.#roots(),
      drivers,
      inputs,
      transports: this.#transports,
      context: {
        now,
        color,
        version,
        policy: (stanza) => policies.get(stanza)!,
        onActionProblem: (problem) => this.#report.actionProblem(problem),
      },
      writeFrom,
      onFile: (index, summary) => {
        if (!reported.has(index)) this.#report.file(summary);
      },
      onUnreadable: (index, error, { folder }) => {
        if (!reported.has(index)) this.#report.unreadable(error, !folder);
      },
    });
    this.#stop = () => files.stop();
    this.#recordsUnderWay = () => files.recordsUnderWay;
    return [await files.run()];
  }

  #logRates(): () => void {
    const { ratesEvery } = this.#options;
    if (ratesEvery === null) return () => {};
    const timer = setInterval(() => this.#report.rates(this.#recordsUnderWay(), this.#transports), ratesEvery);
    return () => clearInterval(timer);
  }

  #threadFailed(message: string): void {
    this.#report.failure(`a thread failed: ${message}`);
  }

  #log(level: LogEvent, message: string): void {
    this.#options.logger.log(level, message);
  }
}
