import type { Readable, Writable } from 'node:stream';
import { Acceleration } from '../accel/index.js';
import type { EngineStanza, ExporterStanza } from '../config/pipeline-file.js';
import { type DriverNode, exportersOf, type PipelineTree } from '../config/wiring.js';
import { FileDriver } from '../drivers/file.js';
import { InflatedTraces } from '../drivers/inflated-traces.js';
import { isPassedOver, type TraceFiles } from '../drivers/trace-files.js';
import { TRANSPORTS } from '../exporter/registry.js';
import type { Transport } from '../exporter/transport.js';
import { TraceError } from '../sysflow/errors.js';
import type { LogEvent, Logger } from '../telemetry/logger.js';
import type { PipelineInput } from './input.js';
import type { LoadedPolicy } from './policies.js';
import type { PolicyReloadOptions } from './policy-reload.js';
import { PipelineReport } from './report.js';
import { SequentialFiles } from './sequential.js';
import type { StageStatistics } from './stages.js';

export interface PipelineOptions {
  readonly tree: PipelineTree;
  readonly input: PipelineInput;
  /** How many streams WebAssembly may work on at once; 0: none. */
  readonly accelerated: number;
  readonly stdout: Writable;
  /** Standard input, opened when a driver reads the path `-`; left out where there is none. */
  readonly stdin?: () => Readable;
  readonly color: boolean;
  readonly version: string;
  /** The time in milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  /** How often rates are logged, milliseconds, and at the end what each rule matched; null: never. */
  readonly ratesEvery: number | null;
  /** Whether policies that change while the pipeline runs are taken only without errors, whatever their stanza says. */
  readonly strict: boolean;
}

/** The policies of each engine. */
export type EnginePolicies = ReadonlyMap<EngineStanza, LoadedPolicy>;

/** A configured pipeline, for one run. */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #report: PipelineReport;
  readonly #transports: readonly Transport[];
  #stop: () => void = () => {};
  /** Puts another policy in force; see `PolicyReloadOptions`. */
  #replacePolicy: PolicyReloadOptions['replace'] = () => {};
  /** Records of the files under way, as far as this thread knows. */
  #recordsUnderWay: () => number = () => 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#report = new PipelineReport(options.logger, options.now, options.ratesEvery !== null);
    this.#transports = exportersOf(this.#roots().flat()).map((stanza) => this.#transport(stanza));
  }

  /** Runs to the end of the input, or until {@link stop}; whether nothing failed. */
  async run(policies: EnginePolicies): Promise<boolean> {
    const inputs = this.#reportInputs();
    if (inputs === null || !(await this.#openTransports())) {
      this.#options.input.inflater?.stop();
      return false;
    }
    const stopRates = this.#logRates();
    const inForce = new Map(policies);
    const stopReloads = await this.#watchPolicies(inForce);
    const statistics = await this.#read(inputs, inForce);
    stopReloads();
    stopRates();
    this.#report.finish(statistics, this.#transports);
    return !this.#report.failed;
  }

  /** Stops after the batches under way and drains. */
  stop(): void {
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
    const { found } = this.#options.input;
    for (const input of found) {
      if (!(input instanceof TraceError)) {
        inputs.push(input);
        if (input.paths.length === 0) this.#log('warn', `${input.path}: no file is in it`);
      } else this.#report.unreadable(input, true);
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
        warned: (message) => this.#log('warn', message),
        closed: () => this.#outputClosed(),
      },
    );
  }

  /** Nobody reads standard output any more: the end of the program, unless records go elsewhere as well. */
  #outputClosed(): void {
    if (exportersOf(this.#roots().flat()).every(({ options }) => options.export !== 'file')) this.stop();
    else this.#report.failure('standard output: its reader has gone; what else goes there is dropped');
  }

  async #read(inputs: readonly TraceFiles[], policies: EnginePolicies): Promise<readonly StageStatistics[]> {
    const { color, version, now, stdin, accelerated, input } = this.#options;
    const { inflater } = input;
    const traces = inflater && new InflatedTraces(inflater, (message) => this.#threadFailed(message));
    const acceleration = new Acceleration(accelerated);
    const drivers = inputs.map(() => {
      const decoding = acceleration.openStream();
      return new FileDriver({ decoding, traces, now, ...(stdin === undefined ? {} : { stdin }) });
    });
    const files = new SequentialFiles({
      roots: this.#roots(),
      drivers,
      inputs,
      transports: this.#transports,
      context: {
        acceleration,
        now,
        color,
        version,
        policy: (stanza) => policies.get(stanza)!,
        onActionProblem: (problem) => this.#report.actionProblem(problem),
        onTooLarge: () => this.#report.tooLarge(),
      },
      onFile: (summary) => this.#report.file(summary),
      onUnreadable: (error, { folder }) => this.#report.unreadable(error, !isPassedOver(error, folder)),
    });
    this.#stop = () => files.stop();
    this.#replacePolicy = (stanza, loaded) => files.replacePolicy(stanza, loaded);
    this.#recordsUnderWay = () => files.recordsUnderWay;
    return [await files.run()];
  }

  /** Keeps the policies up to date that are to be watched. */
  async #watchPolicies(policies: Map<EngineStanza, LoadedPolicy>): Promise<() => void> {
    if ([...policies.keys()].every(({ options }) => options.monitor === 'none')) return () => {};
    const { PolicyReload } = await import('./policy-reload.js');
    const { strict, logger } = this.#options;
    const reload = new PolicyReload(policies, {
      strict,
      logger,
      replace: (stanza, loaded) => this.#replacePolicy(stanza, loaded),
    });
    reload.start();
    return () => reload.stop();
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
