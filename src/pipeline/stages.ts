/** The stages of a pipeline from the reader to the exporters, built from the tree that the configuration gives. */
import type { Acceleration } from '../accel/index.js';
import { ownOptions } from '../components/component-table.js';
import type { StageNode } from '../config/wiring.js';
import type { Delivery } from '../exporter/delivery/delivery.js';
import { Exporter } from '../exporter/exporter.js';
import type { ActionProblem } from '../policy/actions/action-runner.js';
import { PolicyEngine, type PolicyEngineCounters } from '../policy/engine/policy-engine.js';
import { createReader, type Reader, type ReaderStatistics } from '../reader/reader.js';
import type { FlatBatch } from '../records/flat-batch.js';
import { Merge } from '../streams/merge.js';
import type { Receiver } from '../streams/receiver.js';
import { Tee } from '../streams/tee.js';
import type { RecordBatch } from '../sysflow/record-batch.js';
import type { EnginePolicy } from './policies.js';
import { type EngineStanza, type ExporterStanza, isEngine, isExporter, isReader } from './stage-kinds.js';

/** What stages are built with. */
export interface StageContext {
  /** Milliseconds. */
  readonly now: () => number;
  /** Whether people see the output on a terminal that shows colours. */
  readonly color: boolean;
  /** Whether the input is several traces. */
  readonly sources: boolean;
  /** The program's version. */
  readonly version: string;
  /** What delivers for the exporter with a number, in the order of `exportersOf`. */
  readonly delivery: (exporter: number) => Delivery;
  /** The policies of an engine, loaded before. */
  readonly policy: (stanza: EngineStanza) => EnginePolicy;
  readonly onActionProblem: (problem: ActionProblem) => void;
  readonly acceleration: Acceleration;
  readonly onTooLarge?: () => void;
}

/** What stages did, each kind in the order in which they stand in the tree. */
export interface StageStatistics {
  readonly readers: readonly ReaderStatistics[];
  readonly engines: readonly PolicyEngineCounters[];
  /** Records that reached each exporter. */
  readonly exported: readonly number[];
}

/** The built stages. */
export class Stages {
  readonly #context: StageContext;
  readonly #readers: Reader[] = [];
  readonly #engines: PolicyEngine[] = [];
  readonly #engineOf = new Map<EngineStanza, PolicyEngine>();
  readonly #exporters: Exporter[] = [];
  /** The stages after the readers, each built once, and how many feed each. */
  readonly #built = new Map<StageNode, Receiver<FlatBatch>>();
  readonly #feeders = new Map<StageNode, number>();
  /** Takes what a driver reads, by its place among the nodes. */
  readonly entries: readonly Receiver<RecordBatch>[];

  /** @param roots the stages that each driver feeds */
  constructor(roots: readonly (readonly StageNode[])[], context: StageContext) {
    this.#context = context;
    // Every driver has readers of its own, since the entities of two streams must not mix.
    for (const reader of roots.flat()) this.#countFeeders(reader);
    this.entries = roots.map((nodes) => this.#fanOut(nodes.map((node) => this.#reader(node))));
  }

  /** Puts another policy in force in an engine. */
  replacePolicy(stanza: EngineStanza, { policy, actions }: EnginePolicy): void {
    this.#engineOf.get(stanza)!.replacePolicy(policy, actions);
  }

  get statistics(): StageStatistics {
    return {
      readers: this.#readers.map((reader) => reader.statistics),
      engines: this.#engines.map((engine) => engine.counters()),
      exported: this.#exporters.map((exporter) => exporter.records),
    };
  }

  #countFeeders({ receivers }: StageNode): void {
    for (const next of receivers) {
      const feeders = this.#feeders.get(next) ?? 0;
      this.#feeders.set(next, feeders + 1);
      if (feeders === 0) this.#countFeeders(next);
    }
  }

  #reader(node: StageNode): Receiver<RecordBatch> {
    if (!isReader(node.stage)) throw new TypeError('a driver feeds readers, which the wiring checks');
    const { now } = this.#context;
    const { options } = node.stage;
    const rateLimit = options['filter.enabled'] ? { maxAge: options['filter.maxage'], now } : null;
    const reader = createReader({ rateLimit }, this.#next(node));
    this.#readers.push(reader);
    return reader;
  }

  #next(node: StageNode): Receiver<FlatBatch> {
    return this.#fanOut(node.receivers.map((next) => this.#stage(next)));
  }

  #stage(node: StageNode): Receiver<FlatBatch> {
    const known = this.#built.get(node);
    if (known !== undefined) return known;
    const feeders = this.#feeders.get(node)!;
    const stage = this.#build(node);
    const receiver = feeders === 1 ? stage : new Merge(stage, feeders);
    this.#built.set(node, receiver);
    return receiver;
  }

  #build(node: StageNode): Receiver<FlatBatch> {
    const { stage } = node;
    if (isEngine(stage)) return this.#engine(node, stage);
    if (isExporter(stage)) return this.#exporter(stage);
    throw new TypeError('a reader takes the records of a driver, which the wiring checks');
  }

  #engine(node: StageNode, stanza: EngineStanza): Receiver<FlatBatch> {
    const { now, onActionProblem, policy } = this.#context;
    const { policy: rules, actions } = policy(stanza);
    // The engine's place among the statistics is that of the tree: before those it feeds.
    const place = this.#engines.length;
    this.#engines.length++;
    const engine = new PolicyEngine(
      { mode: stanza.options.mode, actions, now, onActionProblem },
      rules,
      this.#next(node),
    );
    this.#engines[place] = engine;
    this.#engineOf.set(stanza, engine);
    return engine;
  }

  #exporter(stanza: ExporterStanza): Receiver<FlatBatch> {
    const { now, color, sources, version, delivery, onTooLarge, acceleration } = this.#context;
    const { export: target, format } = stanza.slots;
    const environment = { color: color && target.writesTo === 'terminal', sources, version };
    const exporter = new Exporter({
      encoder: target.writesTo === 'nothing' ? null : format.create(ownOptions(format, stanza.options), environment),
      accelerate: (encoder, plain) => acceleration.lines(encoder, plain),
      delivery: delivery(this.#exporters.length),
      now,
      pieceRecords: stanza.options.buffer,
      ...(onTooLarge === undefined ? {} : { onTooLarge }),
    });
    this.#exporters.push(exporter);
    return exporter;
  }

  /** One receiver for several. */
  #fanOut<T extends RecordBatch | FlatBatch>(receivers: readonly Receiver<T>[]): Receiver<T> {
    if (receivers.length === 1) return receivers[0]!;
    return new Tee(receivers);
  }
}
