/** The running stages of a pipeline, built from the tree that the configuration gives. */
import type { Writable } from 'node:stream';
import type { Acceleration } from '../accel/index.js';
import type { Preparation, Stage, StageReport } from '../components/processor.js';
import type { ExporterEnvironment } from '../exporter/component.js';
import { Merge } from '../streams/merge.js';
import type { Receiver, Shared } from '../streams/receiver.js';
import { Tee } from '../streams/tee.js';
import type { RecordBatch } from '../sysflow/record-batch.js';
import type { LogEvent } from '../telemetry/logger.js';
import { PluginError } from './isolation/guard.js';
import { type StageNode, type StagePlan, slotsOf } from './tree.js';

/** What stages are built with. */
export interface StageContext {
  /** The time in milliseconds. */
  now(): number;
  log(level: LogEvent, message: string): void;
  fail(message: string): void;
  readonly strict: boolean;
  readonly stdout: Writable;
  /** Whether people see standard output on a terminal that shows colours. */
  readonly color: boolean;
  /** Whether the input is several traces. */
  readonly sources: boolean;
  /** The program's version. */
  readonly version: string;
  readonly acceleration: Acceleration;
  /** What the stages were prepared with. */
  readonly prepared: ReadonlyMap<StagePlan, Preparation>;
  outputClosed(): void;
}

/** The built stages. */
export class Stages {
  readonly #context: StageContext;
  readonly #roots: readonly (readonly StageNode[])[];
  /** By node, each built once; those that several stages feed are behind a {@link Merge}. */
  readonly #receivers = new Map<StageNode, Receiver<Shared>>();
  readonly #stages = new Map<StageNode, Stage<Shared>>();
  readonly #feeders = new Map<StageNode, number>();

  /** @param roots the stages that each driver feeds */
  constructor(roots: readonly (readonly StageNode[])[], context: StageContext) {
    this.#context = context;
    this.#roots = roots;
    for (const root of new Set(roots.flat())) this.#countFeeders(root);
    for (const root of new Set(roots.flat())) this.#build(root);
  }

  /** Opens what the stages write to; returns what failed. */
  async start(): Promise<string[]> {
    const problems = await Promise.all([...this.#stages.values()].map((stage) => stage.start?.() ?? null));
    return problems.filter((problem) => problem !== null);
  }

  async reopen(): Promise<void> {
    await Promise.all([...this.#stages.values()].map((stage) => stage.reopen?.()));
  }

  /** The program is to end: what fails is not tried again for long. */
  drain(): void {
    for (const stage of this.#stages.values()) stage.drain?.();
  }

  /** Where a stream of a driver goes. @param driver its place among the roots */
  openStream(driver: number, name: string): Receiver<RecordBatch> {
    const receivers = this.#roots[driver]!.map((node) => this.#entry(node, name));
    return receivers.length === 1 ? receivers[0]! : new Tee(receivers);
  }

  /** Ends all stages once all streams have ended. */
  async end(): Promise<void> {
    await Promise.all([...new Set(this.#roots.flat())].map((node) => this.#receivers.get(node)!.end()));
  }

  /** Whether the reader of every output has gone. */
  get areClosed(): boolean {
    const ends = [...this.#stages].filter(([{ receivers }]) => receivers.length === 0);
    return ends.every(([, { isClosed }]) => isClosed === true);
  }

  get reports(): StageReport[] {
    return [...this.#stages.values()].map((stage) => stage.report?.() ?? {});
  }

  #entry(node: StageNode, name: string): Receiver<RecordBatch> {
    const stage = this.#stages.get(node) as Stage<Shared> | undefined;
    const opened = stage?.openStream?.(name);
    if (opened !== undefined) return opened;
    const receiver = this.#receivers.get(node)!;
    return { push: (batch) => receiver.push(batch), end: async () => {} };
  }

  #countFeeders({ receivers }: StageNode): void {
    for (const next of receivers) {
      const feeders = this.#feeders.get(next) ?? 0;
      this.#feeders.set(next, feeders + 1);
      if (feeders === 0) this.#countFeeders(next);
    }
  }

  #build(node: StageNode): Receiver<Shared> {
    const known = this.#receivers.get(node);
    if (known !== undefined) return known;
    const { component, options } = node.stage;
    // The place of a stage in reports is that of the tree: before those it feeds.
    this.#stages.set(node, NO_STAGE);
    const next = this.#fanOut(node.receivers.map((receiver) => this.#build(receiver)));
    const stage = createStage(() => component.create(options, this.#environment(node.stage, next)));
    this.#stages.set(node, stage);
    // Streams of drivers take turns at a root.
    const feeders = this.#feeders.get(node) ?? 0;
    const receiver = feeders === 1 ? stage : new Merge(stage, Math.max(1, feeders));
    this.#receivers.set(node, receiver);
    return receiver;
  }

  #environment(stage: StagePlan, next: Receiver<Shared>): ExporterEnvironment {
    const { acceleration, prepared, ...context } = this.#context;
    return {
      ...context,
      next,
      slots: slotsOf(stage),
      prepared: prepared.get(stage)?.value,
      accelerate: (encoder, plain) => acceleration.lines(encoder, plain),
    };
  }

  /** One receiver for several; at the end of a branch one that discards. */
  #fanOut(receivers: readonly Receiver<Shared>[]): Receiver<Shared> {
    if (receivers.length === 0) return DISCARD;
    return receivers.length === 1 ? receivers[0]! : new Tee(receivers);
  }
}

const DISCARD: Receiver<Shared> = {
  push(item) {
    item.release?.();
    return undefined;
  },
  end: async () => {},
};

/** Creates a stage; one of which a plugin cannot be created says so when it is started. */
function createStage(create: () => Stage): Stage<Shared> {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return { ...DISCARD, start: async () => error.message };
  }
}

/** Stands for a stage that is being built. */
const NO_STAGE: Stage<Shared> = DISCARD;
