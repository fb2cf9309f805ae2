/** The inputs of a pipeline through stages on this thread: one after the other for each driver, the drivers side by side. */

import type { EngineStanza } from '../config/pipeline-file.js';
import type { StageNode } from '../config/wiring.js';
import type { FileDriver, TraceSummary } from '../drivers/file.js';
import type { TraceFiles } from '../drivers/trace-files.js';
import type { Transport, TransportStatistics } from '../exporter/transport.js';
import { TraceError } from '../sysflow/errors.js';
import type { EnginePolicy } from './policies.js';
import { type StageContext, type StageStatistics, Stages } from './stages.js';

export interface SequentialOptions {
  /** The stages that each driver feeds. */
  readonly roots: readonly (readonly StageNode[])[];
  readonly drivers: readonly FileDriver[];
  /** The input of each driver. */
  readonly inputs: readonly TraceFiles[];
  /** Those of the exporters, by number. */
  readonly transports: readonly Transport[];
  readonly context: Omit<StageContext, 'transport'>;
  /** The file from which on output is written; those before it are read for their entities only. */
  readonly writeFrom: number;
  onFile(index: number, summary: TraceSummary): void;
  onUnreadable(index: number, error: TraceError, input: TraceFiles): void;
}

/** Reads inputs in order. One run per object. */
export class SequentialFiles {
  readonly #options: SequentialOptions;
  readonly #gates: readonly Gate[];
  readonly #stages: Stages;
  #stopping = false;

  constructor(options: SequentialOptions) {
    this.#options = options;
    this.#gates = options.transports.map((transport) => new Gate(transport, options.writeFrom === 0));
    this.#stages = new Stages(options.roots, {
      ...options.context,
      transport: (exporter) => this.#gates[exporter]!,
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
    for (const [index, path] of input.paths.entries()) {
      if (this.#stopping) break;
      if (index === this.#options.writeFrom && index > 0) await this.#startWriting();
      const summary = await driver.read(path, this.#stages.entries[i]!);
      if (summary instanceof TraceError) this.#options.onUnreadable(index, summary, input);
      else this.#options.onFile(index, summary);
    }
    await this.#stages.entries[i]!.end();
  }

  async #startWriting(): Promise<void> {
    await this.#stages.flush();
    await Promise.all(this.#gates.map((gate) => gate.open()));
  }
}

/** A transport whose output is dropped at first. */
class Gate implements Transport {
  readonly #transport: Transport;
  #isOpen: boolean;

  constructor(transport: Transport, isOpen: boolean) {
    this.#transport = transport;
    this.#isOpen = isOpen;
  }

  get statistics(): TransportStatistics {
    return this.#transport.statistics;
  }

  /** Lets output pass from now on; the transport itself was opened before. */
  async open(): Promise<null> {
    this.#isOpen = true;
    return null;
  }

  blockOffset(): number {
    return this.#transport.blockOffset?.() ?? 0;
  }

  write(piece: Uint8Array, records: number): Promise<void> | undefined {
    return this.#isOpen ? this.#transport.write(piece, records) : undefined;
  }

  reopen(): Promise<void> {
    return this.#transport.reopen();
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}
