/** The input of a pipeline, and the thread that helps to read it. */
import type { PipelineTree } from '../config/wiring.js';
import { type InflaterThread, startInflaterThread } from '../drivers/inflater-thread.js';
import { findTraces, type TraceFiles } from '../drivers/trace-files.js';
import { TraceError } from '../sysflow/errors.js';
import { enginesOf } from './stage-kinds.js';

export interface InputOptions {
  readonly tree: PipelineTree;
  /** The input of drivers that have no path of their own. */
  readonly path: string;
  /** How many threads may work. */
  readonly threads: number;
  /** The module that the inflater thread runs. */
  readonly inflaterEntry: URL;
}

/** The files that were found, and the inflater thread if one was started. */
export interface PipelineInput {
  /** The files of each driver. */
  readonly found: readonly (TraceFiles | TraceError)[];
  readonly inflater: InflaterThread | null;
}

/** Below this many bytes, starting a thread costs more than it saves. */
const THREAD_BYTES = 2 << 20;

/** The main thread reads a first file up to this size, while the inflater thread starts. */
const FIRST_BYTES = 1 << 20;

/**
 * Finds the input and, where it is large and a second thread may run, starts the inflater thread, which loads while the
 * policies are parsed.
 */
export function prepareInput({ tree, path, threads, inflaterEntry }: InputOptions): PipelineInput {
  const found = tree.drivers.map((driver) => findTraces(driver.path ?? path));
  const [input] = found;
  const nodes = tree.drivers.flatMap(({ receivers }) => receivers);
  const count = Math.min(threads, ...enginesOf(nodes).map(({ options }) => options.concurrency));
  if (found.length !== 1 || input instanceof TraceError || input!.bytes < THREAD_BYTES || count < 2) {
    return { found, inflater: null };
  }
  const own = input!.firstBytes <= FIRST_BYTES ? 1 : 0;
  return { found, inflater: startInflaterThread(inflaterEntry, input!.paths.slice(own)) };
}
