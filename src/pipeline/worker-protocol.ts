/** What those who share the files of a folder say to each other: the one who hands them out, and the workers. */
import type { StageNode } from '../config/wiring.js';
import type { TraceSummary } from '../drivers/file.js';
import type { ActionProblem } from '../policy/actions/action-runner.js';
import type { PackedPolicy } from '../policy/model/packed-policy.js';
import type { StageStatistics } from './stages.js';

/** What a worker is made from: plain data, as everything in a configuration. */
export interface WorkerData {
  /** The stages that the driver feeds. */
  readonly nodes: readonly StageNode[];
  /** What the policy engines among them evaluate, in the order of `enginesOf`. */
  readonly policies: readonly PackedPolicy[];
  readonly color: boolean;
  readonly version: string;
}

/** The first message to a worker thread: become a worker and ask for a file. */
export interface StartMessage {
  readonly type: 'start';
  readonly data: WorkerData;
}

export type ToWorker =
  /** Read a file; said only to a worker that is ready. */
  | { readonly type: 'file'; readonly index: number; readonly path: string }
  /** A piece of an exporter was written: its memory is free again. */
  | { readonly type: 'written'; readonly exporter: number; readonly id: number }
  /** Evaluate another policy, which has no actions, in the engine with a number, in the order of `enginesOf`. */
  | { readonly type: 'policy'; readonly engine: number; readonly policy: PackedPolicy }
  /** Stop after the batch under way. */
  | { readonly type: 'stop' }
  /** No more files: tell what was done. */
  | { readonly type: 'end' };

export type FromWorker =
  /** Ready for a file. */
  | { readonly type: 'ready' }
  /** Output of a file: whole records, in memory that is free again once `written` is said. */
  | {
      readonly type: 'piece';
      readonly index: number;
      readonly exporter: number;
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly records: number;
    }
  /** The file does not begin with a header: it continues the stream of the files before it. */
  | { readonly type: 'headless'; readonly index: number }
  /** The file is read; all of its output was sent before. */
  | { readonly type: 'read'; readonly index: number; readonly summary: TraceSummary }
  /** The file is no trace. */
  | {
      readonly type: 'unreadable';
      readonly index: number;
      readonly error: { readonly code: string; readonly message: string; readonly path: string };
    }
  /** An action failed or was slow. */
  | { readonly type: 'action'; readonly problem: ActionProblem }
  /** What the worker did, its last word. */
  | { readonly type: 'done'; readonly statistics: StageStatistics };
