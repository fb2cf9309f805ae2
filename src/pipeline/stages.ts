/** The running stages of a pipeline, built from the tree in the configuration. */
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

/** The environment that stages are built with. */
export interface StageContext {
  /** Returns the current time in milliseconds. */
  now(): number;
  log(level: LogEvent, message: string): void;
  fail(message: string): void;
  readonly strict: boolean;
  readonly stdout: Writable;
  /** Whether standard output is a terminal that supports colours. */
  readonly color: boolean;
  /** Whether the input consists of several traces. */
  readonly sources: boolean;
  /** The program's version. */
  readonly version: string;
  readonly acceleration: Acceleration;
  /** The results of preparing the stages. */
  readonly prepared: ReadonlyMap<StagePlan, Preparation>;
  outputClosed(): void;
}

/** The built stages. */
export class Stages {
  readonly #context: StageContext;
  readonly #roots: readonly (readonly StageNode[])[];
  /** The receiver of each node, built once. A stage with several feeders is behind a {@link Merge}. */
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

  /** Starts the stages, which open their outputs. Returns the problems. */
  async start(): Promise<string[]> {
    const problems = await Promise.all([...this.#stages.values()].map((stage) => stage.start?.() ?? null));
    return problems.filter((problem) => problem !== null);
  }

  async reopen(): Promise<void> {
    await Promise.all([...this.#stages.values()].map((stage) => stage.reopen?.()));
  }

  /** Prepares for the end of the program, which limits retries. */
  drain(): void {
    for (const stage of this.#stages.values()) stage.drain?.();
  }

  /** Opens a stream of a driver and returns its receiver. @param driver index of the driver in `roots` */
  openStream(driver: number, name: string): Receiver<RecordBatch> {
    const receivers = this.#roots[driver]!.map((node) => this.#entry(node, name));
    return receivers.length === 1 ? receivers[0]! : new Tee(receivers);
  }

  /** Ends all stages once all streams have ended. */
  async end(): Promise<void> {
    await Promise.all([...new Set(this.#roots.flat())].map((node) => this.#receivers.get(node)!.end()));
  }

  /** Whether the outputs of all branches are closed. */
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
    // Reserve the stage's position, since reports follow the order of the tree: each stage before those it feeds.
    this.#stages.set(node, NO_STAGE);
    const next = this.#fanOut(node.receivers.map((receiver) => this.#build(receiver)));
    const stage = createStage(() => component.create(options, this.#environment(node.stage, next)));
    this.#stages.set(node, stage);
    // A root may be fed by several streams, which take turns.
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

  /** Combines several receivers into one. With no receivers, at the end of a branch, items are discarded. */
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

/** Creates a stage. If its plugin cannot be created, the stage reports that when it is started. */
function createStage(create: () => Stage): Stage<Shared> {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return { ...DISCARD, start: async () => error.message };
  }
}

/** Placeholder for a stage that is being built. */
const NO_STAGE: Stage<Shared> = DISCARD;
