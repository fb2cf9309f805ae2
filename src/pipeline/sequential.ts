/** The inputs of a pipeline through stages on this thread: one after the other for each driver, the drivers side by side. */

import type { StageNode } from '../config/wiring.js';
import type { FileDriver, TraceSummary } from '../drivers/file.js';
import type { TraceFiles } from '../drivers/trace-files.js';
import type { Delivery } from '../exporter/delivery/delivery.js';
import { TraceError } from '../sysflow/errors.js';
import type { EnginePolicy } from './policies.js';
import type { EngineStanza } from './stage-kinds.js';
import { type StageContext, type StageStatistics, Stages } from './stages.js';

export interface SequentialOptions {
  /** The stages that each driver feeds. */
  readonly roots: readonly (readonly StageNode[])[];
  readonly drivers: readonly FileDriver[];
  /** The input of each driver. */
  readonly inputs: readonly TraceFiles[];
  /** Those of the exporters, by number. */
  readonly deliveries: readonly Delivery[];
  readonly context: Omit<StageContext, 'delivery'>;
  onFile(summary: TraceSummary): void;
  onUnreadable(error: TraceError, input: TraceFiles): void;
}

/** Reads inputs in order. One run per object. */
export class SequentialFiles {
  readonly #options: SequentialOptions;
  readonly #stages: Stages;
  #stopping = false;

  constructor(options: SequentialOptions) {
    this.#options = options;
    this.#stages = new Stages(options.roots, {
      ...options.context,
      delivery: (exporter) => options.deliveries[exporter]!,
    });
  }

  /** Reads all inputs to their end, or until {@link stop}; resolves when all output is written. */
  async run(): Promise<StageStatistics> {
    await Promise.all(this.#options.drivers.map((driver, i) => this.#read(driver, i)));
    return this.#stages.statistics;
  }

  /** Records of the files under way that were read so far. */
  get recordsUnderWay(): number {
    return this.#options.drivers.reduce((sum, { records }) => sum + records, 0);
  }

  /** Bytes of them. */
  get bytesUnderWay(): number {
    return this.#options.drivers.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Puts another policy in force in an engine. */
  replacePolicy(stanza: EngineStanza, loaded: EnginePolicy): void {
    this.#stages.replacePolicy(stanza, loaded);
  }

  /** Stops after the batches under way and drains. */
  stop(): void {
    this.#stopping = true;
    for (const driver of this.#options.drivers) driver.stop();
  }

  async #read(driver: FileDriver, i: number): Promise<void> {
    const input = this.#options.inputs[i]!;
    for (const path of input.paths) {
      if (this.#stopping) break;
      const summary = await driver.read(path, this.#stages.entries[i]!);
      if (summary instanceof TraceError) this.#options.onUnreadable(summary, input);
      else this.#options.onFile(summary);
    }
    await this.#stages.entries[i]!.end();
    driver.close();
  }
}
