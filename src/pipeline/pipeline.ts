import type { Readable, Writable } from 'node:stream';
import { Acceleration } from '../accel/index.js';
import type { DriverNode, PipelineTree } from '../config/wiring.js';
import { FileDriver } from '../drivers/file.js';
import { InflatedTraces } from '../drivers/inflated-traces.js';
import { isPassedOver, type TraceFiles } from '../drivers/trace-files.js';
import { createDelivery } from '../exporter/delivery/create-delivery.js';
import type { Delivery } from '../exporter/delivery/delivery.js';
import { TraceError } from '../sysflow/errors.js';
import type { LogEvent, Logger } from '../telemetry/logger.js';
import type { Progress } from '../telemetry/progress.js';
import type { PipelineInput } from './input.js';
import type { LoadedPolicy } from './policies.js';
import type { PolicyReloadOptions } from './policy-reload.js';
import { PipelineReport } from './report.js';
import { SequentialFiles } from './sequential.js';
import { type EngineStanza, type ExporterStanza, exportersOf } from './stage-kinds.js';
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
  readonly #deliveries: readonly Delivery[];
  #stop: () => void = () => {};
  /** Puts another policy in force; see `PolicyReloadOptions`. */
  #replacePolicy: PolicyReloadOptions['replace'] = () => {};
  /** Records and bytes of the files under way, as far as this thread knows. */
  #underWay: { readonly recordsUnderWay: number; readonly bytesUnderWay: number } = {
    recordsUnderWay: 0,
    bytesUnderWay: 0,
  };
  #stopping = false;
  #readerLeft = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#report = new PipelineReport(options.logger, options.now, options.ratesEvery !== null);
    this.#deliveries = exportersOf(this.#roots().flat()).map((stanza) => this.#delivery(stanza));
  }

  /** Runs to the end of the input, or until {@link stop}; whether nothing failed. */
  async run(policies: EnginePolicies): Promise<boolean> {
    const inputs = this.#reportInputs();
    if (inputs === null || !(await this.#openOutputs())) {
      this.#options.input.inflater?.stop();
      return false;
    }
    const stopRates = this.#logRates();
    const inForce = new Map(policies);
    const stopReloads = await this.#watchPolicies(inForce);
    const statistics = await this.#read(inputs, inForce);
    stopReloads();
    stopRates();
    const files = inputs.reduce((sum, { paths }) => sum + paths.length, 0);
    this.#report.finish(statistics, this.#deliveries, this.#stopping ? files : null);
    return !this.#report.failed;
  }

  /** How far the run has come. */
  get progress(): Progress {
    const inputs = this.#options.input.found.filter((input) => 'paths' in input);
    const bytes = inputs.reduce((sum, input) => sum + input.bytes, 0);
    const { files, bytes: bytesRead, records } = this.#report.read;
    return {
      tracesRead: files,
      traces: inputs.reduce((sum, { paths }) => sum + paths.length, 0),
      bytesRead: bytesRead + this.#underWay.bytesUnderWay,
      // A named pipe has no size.
      bytes: bytes === 0 ? null : bytes,
      records: records + this.#underWay.recordsUnderWay,
    };
  }

  /** Stops after the batches under way and drains. */
  stop(): void {
    this.#stopping = true;
    this.#stop();
    for (const delivery of this.#deliveries) delivery.drain();
  }

  /** Whether the reader of standard output left before everything was written. */
  get readerLeft(): boolean {
    return this.#readerLeft;
  }

  /** Opens output files anew, since somebody moved them away. */
  async reopen(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.reopen()));
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

  async #openOutputs(): Promise<boolean> {
    const problems = await Promise.all(this.#deliveries.map((delivery) => delivery.open()));
    for (const problem of problems) if (problem !== null) this.#report.failure(problem);
    return problems.every((problem) => problem === null);
  }

  #delivery({ slots, options }: ExporterStanza): Delivery {
    const { stdout, now } = this.#options;
    const events = {
      failed: (message: string) => this.#report.failure(message),
      retrying: (message: string) => this.#log('warn', message),
      recovered: (message: string) => this.#log('health', message),
      warned: (message: string) => this.#log('warn', message),
      closed: () => this.#outputClosed(),
    };
    return createDelivery(slots.export, options, events, { stdout, now });
  }

  /** Nobody reads standard output any more: the end of the program, unless records go elsewhere as well. */
  #outputClosed(): void {
    this.#readerLeft = true;
    if (exportersOf(this.#roots().flat()).every(({ outputs }) => outputs.every(({ path }) => path === null)))
      this.stop();
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
      deliveries: this.#deliveries,
      context: {
        acceleration,
        now,
        color,
        sources: inputs.reduce((count, { paths }) => count + paths.length, 0) > 1,
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
    this.#underWay = files;
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
    const timer = setInterval(() => this.#report.rates(this.#underWay.recordsUnderWay, this.#deliveries), ratesEvery);
    return () => clearInterval(timer);
  }

  #threadFailed(message: string): void {
    this.#report.failure(`a thread failed: ${message}`);
  }

  #log(level: LogEvent, message: string): void {
    this.#options.logger.log(level, message);
  }
}
