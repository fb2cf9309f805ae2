/**
 * The part of a pipeline that works on one stream: reader, policy engine, exporter. It runs on the main thread, or on
 * several worker threads side by side, each with files of its own; a plan is plain data, so that it can be sent there.
 */
import { Exporter } from '../exporter/exporter.js';
import { ENCODERS } from '../exporter/registry.js';
import type { Transport } from '../exporter/transport.js';
import type { Action } from '../policy/actions/action.js';
import type { ActionProblem } from '../policy/actions/action-runner.js';
import { PolicyEngine, type PolicyEngineCounters, type PolicyMode } from '../policy/engine/policy-engine.js';
import type { Policy } from '../policy/model/policy.js';
import { createReader, type Reader, type ReaderStatistics } from '../reader/reader.js';
import type { FlatBatch } from '../records/flat-batch.js';
import type { Receiver } from '../records/receiver.js';
import type { RecordBatch } from '../sysflow/record-batch.js';

export interface SegmentPlan {
  /** Milliseconds for which the rate limiter remembers a record; null without one. */
  readonly rateLimit: number | null;
  /** Null lets everything pass. */
  readonly policy: { readonly paths: readonly string[]; readonly mode: PolicyMode; readonly actionDir: string } | null;
  /** `format` names an encoder; null counts records only. */
  readonly output: { readonly format: string | null; readonly color: boolean; readonly version: string };
}

/** What a plan's policy was loaded to. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly actions: ReadonlyMap<string, Action>;
}

export interface SegmentOptions {
  readonly transport: Transport;
  readonly now: () => number;
  readonly onActionProblem: (problem: ActionProblem) => void;
  /** See `ExporterOptions`. */
  readonly piecesInFlight?: number;
  readonly shared?: boolean;
}

export interface SegmentStatistics {
  readonly reader: ReaderStatistics;
  readonly engine: PolicyEngineCounters | null;
  /** Records that reached the exporter. */
  readonly exported: number;
}

export class Segment {
  readonly receiver: Receiver<RecordBatch>;
  readonly engine: PolicyEngine | null;
  readonly #reader: Reader;
  readonly #exporter: Exporter;

  /** @param loaded what the plan's policy was loaded to; null where the plan has none */
  constructor(plan: SegmentPlan, loaded: LoadedPolicy | null, options: SegmentOptions) {
    const { format, color, version } = plan.output;
    const { now, onActionProblem, ...exporterOptions } = options;
    const encoder = format === null ? null : ENCODERS.get(format)!({ color, version });
    this.#exporter = new Exporter({ encoder, now, ...exporterOptions });
    let next: Receiver<FlatBatch> = this.#exporter;
    this.engine = null;
    if (plan.policy !== null && loaded !== null) {
      const { mode } = plan.policy;
      this.engine = new PolicyEngine({ mode, actions: loaded.actions, now, onActionProblem }, loaded.policy, next);
      next = this.engine;
    }
    this.#reader = createReader({ rateLimit: plan.rateLimit === null ? null : { maxAge: plan.rateLimit, now } }, next);
    this.receiver = this.#reader;
  }

  /** Hands what is encoded to the transport. */
  flush(): Promise<void> {
    return this.#exporter.flush();
  }

  get statistics(): SegmentStatistics {
    return {
      reader: this.#reader.statistics,
      engine: this.engine?.counters() ?? null,
      exported: this.#exporter.records,
    };
  }
}
