/** What the main thread and its workers say to each other while they share the files of a folder. */

import type { StageNode } from '../config/wiring.js';
import type { TraceSummary } from '../drivers/file.js';
import type { ActionProblem } from '../policy/actions/action-runner.js';
import type { StageStatistics } from './stages.js';

/** What a worker starts with. */
export interface WorkerData {
  /** The stages that the driver feeds: plain data, as everything in a configuration. */
  readonly nodes: readonly StageNode[];
  readonly color: boolean;
  readonly version: string;
}

export type ToWorker =
  /** Read a file. Those in `context` are read before it without output, since it continues their stream. */
  | { readonly type: 'file'; readonly index: number; readonly path: string; readonly context: readonly string[] }
  /** A piece was written: its memory is free again. */
  | { readonly type: 'written'; readonly exporter: number }
  /** Stop after the batch under way. */
  | { readonly type: 'stop' }
  /** No more files: tell what was done and leave. */
  | { readonly type: 'end' };

export type FromWorker =
  /** Ready for a file. */
  | { readonly type: 'ready' }
  /** Output of a file: whole records in shared memory, which is free again once `written` is said. */
  | {
      readonly type: 'piece';
      readonly index: number;
      readonly exporter: number;
      readonly bytes: Uint8Array;
      readonly records: number;
    }
  /** The file is no start of a stream: it has no header first, and needs those before it as context. */
  | { readonly type: 'headless'; readonly index: number }
  /** The file is read; all of its output was sent before. */
  | { readonly type: 'read'; readonly index: number; readonly summary: TraceSummary }
  /** The file is no trace. */
  | {
      readonly type: 'unreadable';
      readonly index: number;
      readonly error: { code: string; message: string; path: string };
    }
  /** An action failed or was slow. */
  | { readonly type: 'action'; readonly problem: ActionProblem }
  /** What the worker did, its last word. */
  | { readonly type: 'done'; readonly statistics: StageStatistics };
