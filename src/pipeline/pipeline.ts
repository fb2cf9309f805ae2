import type { Writable } from 'node:stream';
import type { EngineStanza, ExporterStanza } from '../config/pipeline-file.js';
import type { DriverNode, PipelineTree } from '../config/wiring.js';
import { FileDriver, findTraces, type TraceFiles, type TraceSummary } from '../drivers/file.js';
import { TRANSPORTS } from '../exporter/registry.js';
import type { Transport } from '../exporter/transport.js';
import type { ActionProblem } from '../policy/actions/action-runner.js';
import { TraceError } from '../sysflow/errors.js';
import type { LogEvent, Logger } from '../telemetry/logger.js';
import { ParallelFiles } from './parallel.js';
import type { LoadedPolicy } from './policies.js';
import { PipelineReport } from './report.js';
import { enginesOf, exportersOf, readersOf, type StageStatistics, Stages } from './stages.js';

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
  /** How often rates are logged, milliseconds; null: never. */
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
  #stopping = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#report = new PipelineReport(options.logger, options.now);
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
        closed: () => this.stop(),
      },
    );
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
    const { workerEntry, color, version } = this.#options;
    const files = new ParallelFiles(workerEntry, input.paths, this.#transports, {
      onFile: (summary) => this.#report.file(summary),
      onUnreadable: (error) => this.#report.unreadable(error, false),
      onActionProblem: (problem) => this.#report.actionProblem(problem),
      onWorkerFailure: (message) => this.#report.failure(`a worker thread failed: ${message}`),
    });
    this.#stop = () => files.stop();
    if (this.#stopping) files.stop();
    return files.run({ nodes: this.#roots()[0]!, color, version }, this.#threads(input));
  }

  async #runSequential(inputs: readonly TraceFiles[]): Promise<readonly StageStatistics[]> {
    const { color, version, now, policies } = this.#options;
    const stages = new Stages(this.#roots(), {
      now,
      color,
      version,
      transport: (exporter) => this.#transports[exporter]!,
      policy: (stanza) => policies.get(stanza)!,
      onActionProblem: (problem: ActionProblem) => this.#report.actionProblem(problem),
    });
    const drivers = stages.entries.map((entry) => new FileDriver(entry));
    this.#stop = () => {
      for (const driver of drivers) driver.stop();
    };
    await Promise.all(
      drivers.map(async (driver, i) => {
        await this.#readAll(driver, inputs[i]!);
        await stages.entries[i]!.end();
      }),
    );
    return [stages.statistics];
  }

  async #readAll(driver: FileDriver, { paths, folder }: TraceFiles): Promise<void> {
    for (const path of paths) {
      if (this.#stopping) return;
      const summary = (await driver.read(path)) as TraceSummary | TraceError;
      if (summary instanceof TraceError) this.#report.unreadable(summary, !folder);
      else this.#report.file(summary);
    }
  }

  #logRates(): () => void {
    const { ratesEvery } = this.#options;
    if (ratesEvery === null) return () => {};
    const timer = setInterval(() => this.#report.rates(this.#transports), ratesEvery);
    return () => clearInterval(timer);
  }

  #log(level: LogEvent, message: string): void {
    this.#options.logger.log(level, message);
  }
}
