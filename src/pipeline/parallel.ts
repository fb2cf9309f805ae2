/**
 * The files of a folder spread over worker threads. A header starts each file's stream anew, so files are independent;
 * the output is written in the order of the files, the same bytes as one thread would write.
 */
import { Worker } from 'node:worker_threads';
import type { TraceSummary } from '../drivers/file.js';
import type { Transport } from '../exporter/transport.js';
import type { ActionProblem } from '../policy/actions/action-runner.js';
import { TraceError, type TraceErrorCode } from '../sysflow/errors.js';
import type { StageStatistics } from './stages.js';
import type { FromWorker, ToWorker, WorkerData } from './worker-protocol.js';

export interface ParallelEvents {
  onFile(summary: TraceSummary): void;
  onUnreadable(error: TraceError): void;
  onActionProblem(problem: ActionProblem): void;
  /** A worker died of a defect; what it was reading is lost. */
  onWorkerFailure(message: string): void;
}

/** A file on its way. */
interface FileJob {
  readonly path: string;
  /** Output that waits for the files before it. */
  readonly pieces: (Extract<FromWorker, { type: 'piece' }> & { readonly worker: Worker })[];
  /** Whether all of its output has arrived. */
  complete: boolean;
}

/** Spreads files over workers. One run per object. */
export class ParallelFiles {
  readonly #entry: URL;
  readonly #jobs: FileJob[];
  readonly #transports: readonly Transport[];
  readonly #events: ParallelEvents;
  readonly #statistics: StageStatistics[] = [];
  readonly #workers = new Set<Worker>();
  /** The next file to hand out, and the one whose output is written. */
  #next = 0;
  #current = 0;
  #writing: Promise<void> = Promise.resolve();
  #stopping = false;
  #finish: () => void = () => {};

  /**
   * @param entry the module that workers run
   * @param transports those of the exporters, by number
   */
  constructor(entry: URL, paths: readonly string[], transports: readonly Transport[], events: ParallelEvents) {
    this.#entry = entry;
    this.#jobs = paths.map((path) => ({ path, pieces: [], complete: false }));
    this.#transports = transports;
    this.#events = events;
  }

  /** Reads all files with so many workers; resolves to what each of them did when all output is written. */
  async run(data: WorkerData, workers: number): Promise<readonly StageStatistics[]> {
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    for (let i = 0; i < workers; i++) this.#start(data);
    await finished;
    await this.#writing;
    await Promise.all(this.#transports.map((transport) => transport.close()));
    return this.#statistics;
  }

  /** Stops after the batches under way; what they gave is still written. */
  stop(): void {
    this.#stopping = true;
    for (const worker of this.#workers) say(worker, { type: 'stop' });
  }

  #start(data: WorkerData): void {
    const worker = new Worker(this.#entry, { workerData: data });
    this.#workers.add(worker);
    let index: number | null = null;
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') index = this.#handOut(worker);
      else this.#receive(worker, message);
    });
    worker.on('error', (error) => {
      this.#events.onWorkerFailure(error instanceof Error ? error.message : String(error));
      if (index !== null) this.#complete(index);
    });
    worker.on('exit', () => {
      this.#workers.delete(worker);
      if (this.#workers.size > 0) return;
      // With no worker left, files that nobody took (after a defect) have no output.
      for (let i = this.#next; i < this.#jobs.length; i++) this.#jobs[i]!.complete = true;
      this.#next = this.#jobs.length;
      this.#advance();
      this.#finish();
    });
  }

  #handOut(worker: Worker): number | null {
    if (this.#stopping || this.#next >= this.#jobs.length) {
      for (let i = this.#next; i < this.#jobs.length; i++) this.#jobs[i]!.complete = true;
      this.#next = this.#jobs.length;
      say(worker, { type: 'end' });
      return null;
    }
    const index = this.#next++;
    say(worker, { type: 'file', index, path: this.#jobs[index]!.path, context: [] });
    return index;
  }

  #receive(worker: Worker, message: Exclude<FromWorker, { type: 'ready' }>): void {
    switch (message.type) {
      case 'piece':
        this.#jobs[message.index]!.pieces.push({ ...message, worker });
        this.#advance();
        break;
      case 'read':
        this.#events.onFile(message.summary);
        this.#complete(message.index);
        break;
      case 'unreadable': {
        const { code, message: text, path } = message.error;
        this.#events.onUnreadable(new TraceError(code as TraceErrorCode, text, path));
        this.#complete(message.index);
        break;
      }
      case 'headless': {
        const context = this.#jobs.slice(0, message.index).map((job) => job.path);
        say(worker, { type: 'file', index: message.index, path: this.#jobs[message.index]!.path, context });
        break;
      }
      case 'action':
        this.#events.onActionProblem(message.problem);
        break;
      case 'done':
        this.#statistics.push(message.statistics);
        break;
    }
  }

  #complete(index: number): void {
    this.#jobs[index]!.complete = true;
    this.#advance();
  }

  /** Writes what is due, in order. */
  #advance(): void {
    for (let job = this.#jobs[this.#current]; job !== undefined; job = this.#jobs[this.#current]) {
      for (const { exporter, bytes, records, worker } of job.pieces.splice(0)) {
        this.#writing = this.#writing.then(async () => {
          await this.#transports[exporter]!.write(bytes, records);
          say(worker, { type: 'written', exporter });
        });
      }
      if (!job.complete) return;
      this.#current++;
    }
  }
}

function say(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
