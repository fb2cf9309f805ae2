/** The input of a pipeline, and the threads that help to read it. */
import { enginesOf, type PipelineTree, readersOf, type StageNode } from '../config/wiring.js';
import { type InflaterThread, startInflaterThread } from '../drivers/inflater-thread.js';
import { findTraces, type TraceFiles } from '../drivers/trace-files.js';
import { TraceError } from '../sysflow/errors.js';
import { WorkerThread } from './worker-thread.js';

export interface InputOptions {
  readonly tree: PipelineTree;
  /** The input of drivers that have no path of their own. */
  readonly path: string;
  /** How many threads may work. */
  readonly threads: number;
  /** Whether there is room for the memory that WebAssembly works on; without, one thread works. */
  readonly wasm: boolean;
  /** The modules that other threads run: file workers, and what inflates traces. */
  readonly workerEntry: URL;
  readonly inflaterEntry: URL;
}

/** What was found, and the threads that were started: file workers, or one that inflates, or none. */
export interface PipelineInput {
  /** The files of each driver. */
  readonly found: readonly (TraceFiles | TraceError)[];
  readonly workers: readonly WorkerThread[];
  readonly inflater: InflaterThread | null;
  /** As in the options. */
  readonly wasm: boolean;
}

/** Below this, starting threads costs more than they bring. */
const PARALLEL_BYTES = 2 << 20;

/** A first file up to this size is read by the main thread, while the one that inflates the others starts. */
const FIRST_BYTES = 1 << 20;

/**
 * From so many threads on, each takes files of its own. Two do better side by side on the same file, one inflating and one
 * doing all else: output is never held back for the files before it.
 */
const WORKER_THREADS = 3;

/** Finds the input and starts the threads that its files will be spread over: they load while policies are read. */
export function prepareInput({ tree, path, threads, wasm, workerEntry, inflaterEntry }: InputOptions): PipelineInput {
  const found = tree.drivers.map((driver) => findTraces(driver.path ?? path));
  const [input] = found;
  const nodes = tree.drivers.flatMap(({ receivers }) => receivers);
  const count = Math.min(threads, ...enginesOf(nodes).map(({ options }) => options.concurrency));
  if (found.length !== 1 || input instanceof TraceError || input!.bytes < PARALLEL_BYTES || count < 2 || !wasm) {
    return { found, workers: [], inflater: null, wasm };
  }
  if (count < WORKER_THREADS || input!.paths.length < WORKER_THREADS || !isIndependent(nodes)) {
    const own = input!.firstBytes <= FIRST_BYTES ? 1 : 0;
    return { found, workers: [], inflater: startInflaterThread(inflaterEntry, input!.paths.slice(own)), wasm };
  }
  const others = Math.min(count, input!.paths.length) - 1;
  const workers = Array.from({ length: others }, () => new WorkerThread(workerEntry));
  return { found, workers, inflater: null, wasm };
}

/** Gives up the threads of an input. */
export async function abandonInput({ inflater, workers }: PipelineInput): Promise<void> {
  await Promise.all([inflater?.terminate(), ...workers.map((thread) => thread.terminate())]);
}

/** Whether nothing, such as a rate limiter, lives from one file to the next. */
function isIndependent(nodes: readonly StageNode[]): boolean {
  return readersOf(nodes).every(({ options }) => !options['filter.enabled']);
}
