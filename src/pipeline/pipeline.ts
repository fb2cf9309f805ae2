import type { Writable } from 'node:stream';
import type { EngineStanza, ExporterStanza } from '../config/pipeline-file.js';
import type { DriverNode, PipelineTree } from '../config/wiring.js';
import { findTraces, type TraceFiles } from '../drivers/file.js';
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

export interface PipelineOptions {
  readonly tree: PipelineTree;
  /** The policies of each engine. */
  readonly policies: ReadonlyMap<EngineStanza, LoadedPolicy>;
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
  /** The module that worker threads run. */
  readonly workerEntry: URL;
  /** How often rates are logged, milliseconds, and at the end what each rule matched; null: never. */
  readonly ratesEvery: number | null;
}

/** Below this, starting threads costs more than they bring. */
const PARALLEL_BYTES = 2 << 20;

/** A configured pipeline, for one run. */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #report: PipelineReport;
  readonly #transports: readonly Transport[];
  #stop: () => void = () => {};
  /** Records of the files under way, as far as this thread knows. */
  #recordsUnderWay: () => number = () => 0;
  #stopping = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#report = new PipelineReport(options.logger, options.now, options.ratesEvery !== null);
    this.#transports = exportersOf(this.#roots().flat()).map((stanza) => this.#transport(stanza));
  }

  /** Runs to the end of the input, or until {@link stop}; whether nothing failed. */
  async run(): Promise<boolean> {
    const inputs = await this.#findInputs();
    if (inputs === null || !(await this.#openTransports())) return false;
    const stopRates = this.#logRates();
    const statistics = this.#isParallel(inputs)
      ? await this.#runParallel(inputs[0]!)
      : await this.#runSequential(inputs);
    stopRates();
    this.#report.finish(statistics, this.#transports);
    return !this.#report.failed;
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

  async #findInputs(): Promise<TraceFiles[] | null> {
    const found = await Promise.all(
      this.#options.tree.drivers.map(({ path }) => findTraces(path ?? this.#options.path)),
    );
    const inputs: TraceFiles[] = [];
    for (const input of found) {
      if (input instanceof TraceError) this.#report.unreadable(input, true);
      else inputs.push(input);
      if (!(input instanceof TraceError) && input.paths.length === 0)
        this.#log('warn', `${input.path}: no file is in it`);
    }
    return inputs.length === found.length ? inputs : null;
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

  /**
   * Whether the files are spread over threads: where there are several, where it pays, and where nothing lives from one
   * file to the next: a rate limiter or an action.
   */
  #isParallel(inputs: readonly TraceFiles[]): boolean {
    const [input] = inputs;
    const stages = this.#roots().flat();
    return (
      inputs.length === 1 &&
      input!.paths.length > 1 &&
      input!.bytes >= PARALLEL_BYTES &&
      this.#threads(input!) > 1 &&
      readersOf(stages).every(({ options }) => !options['filter.enabled']) &&
      [...this.#options.policies.values()].every(({ actions }) => actions.size === 0)
    );
  }

  #threads(input: TraceFiles): number {
    const asked = enginesOf(this.#roots().flat()).map(({ options }) => options.concurrency);
    return Math.min(this.#options.threads, input.paths.length, ...asked);
  }

  async #runParallel(input: TraceFiles): Promise<readonly StageStatistics[]> {
    const { workerEntry, color, version, now, policies } = this.#options;
    const reported = new Set<number>();
    const files = new ParallelFiles({
      paths: input.paths,
      transports: this.#transports,
      entry: workerEntry,
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
      onThreadFailure: (message) => this.#report.failure(`a thread failed: ${message}`),
    });
    this.#stop = () => files.stop();
    const nodes = this.#roots()[0]!;
    const packed = enginesOf(nodes).map((stanza) => packPolicy(policies.get(stanza)!.policy));
    const { statistics, headless } = await files.run({ nodes, policies: packed, color, version }, this.#threads(input));
    if (headless !== null && !this.#stopping) {
      // All is read again on one thread, to have the entities of the files before; only output is not written twice.
      return this.#runSequential([input], headless, reported);
    }
    await Promise.all(this.#transports.map((transport) => transport.close()));
    return statistics;
  }

  /**
   * @param writeFrom the file from which on output is written
   * @param reported files that were reported before
   */
  async #runSequential(
    inputs: readonly TraceFiles[],
    writeFrom = 0,
    reported: ReadonlySet<number> = new Set(),
  ): Promise<readonly StageStatistics[]> {
    const { color, version, now, policies } = this.#options;
    const files = new SequentialFiles({
      roots: this.#roots(),
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

  #log(level: LogEvent, message: string): void {
    this.#options.logger.log(level, message);
  }
}
