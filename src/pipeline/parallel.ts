/**
 * The files of a folder shared by several threads, this one among them. A header starts each file's stream anew, so files
 * are independent; the output is written in the order of the files, the same bytes as one thread would write.
 */
import type { EngineStanza } from '../config/pipeline-file.js';
import type { TraceSummary } from '../drivers/file.js';
import type { Transport } from '../exporter/transport.js';
import type { ActionProblem } from '../policy/actions/action-runner.js';
import type { PackedPolicy } from '../policy/model/packed-policy.js';
import { TraceError, type TraceErrorCode } from '../sysflow/errors.js';
import { FileWorker } from './file-worker.js';
import type { EnginePolicy } from './policies.js';
import type { StageStatistics } from './stages.js';
import type { FromWorker, ToWorker, WorkerData } from './worker-protocol.js';
import type { WorkerThread } from './worker-thread.js';

export interface ParallelOptions {
  readonly paths: readonly string[];
  /** Those of the exporters, by number. They are left open. */
  readonly transports: readonly Transport[];
  /** The other threads, not started yet. */
  readonly threads: readonly WorkerThread[];
  /** For the stages of this thread. */
  readonly now: () => number;
  readonly policy: (stanza: EngineStanza) => EnginePolicy;
  onFile(index: number, summary: TraceSummary): void;
  onUnreadable(index: number, error: TraceError): void;
  onActionProblem(problem: ActionProblem): void;
  /** A thread died of a defect; what it was reading is lost. */
  onThreadFailure(message: string): void;
}

export interface ParallelResult {
  /** What each worker did. */
  readonly statistics: readonly StageStatistics[];
  /**
   * The first file that does not begin with a header, if there is one: it continues the stream of those before it. It and
   * all after it have no output yet.
   */
  readonly headless: number | null;
}

/** Output that waits for the files before it, and whose memory waits for being written. */
type WaitingPiece = Extract<FromWorker, { type: 'piece' }> & { readonly worker: WorkerHandle };

/** A file on its way. */
interface FileJob {
  readonly path: string;
  readonly pieces: WaitingPiece[];
  /** Whether all of its output has arrived. */
  complete: boolean;
}

/** A worker as seen from here. */
interface WorkerHandle {
  post(message: ToWorker): void;
  /** The file it is reading. */
  index: number | null;
}

/** Shares files among threads. One run per object. */
export class ParallelFiles {
  readonly #options: ParallelOptions;
  readonly #jobs: FileJob[];
  readonly #statistics: StageStatistics[] = [];
  readonly #workers = new Set<WorkerHandle>();
  /** The next file to hand out, the one whose output is written, and the end of both. */
  #next = 0;
  #current = 0;
  #end: number;
  /** Files from this one on get no output. */
  #limit: number;
  #headless: number | null = null;
  #writing: Promise<void> = Promise.resolve();
  #finish: () => void = () => {};

  constructor(options: ParallelOptions) {
    this.#options = options;
    this.#jobs = options.paths.map((path) => ({ path, pieces: [], complete: false }));
    this.#end = this.#jobs.length;
    this.#limit = this.#jobs.length;
  }

  /** Reads all files; resolves when all output is written. */
  async run(data: WorkerData): Promise<ParallelResult> {
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    for (const thread of this.#options.threads) this.#start(thread, data);
    this.#startHere(data);
    await finished;
    await this.#writing;
    return { statistics: this.#statistics, headless: this.#headless };
  }

  /** Puts another policy in force in the engine with a number. */
  replacePolicy(engine: number, policy: PackedPolicy): void {
    for (const worker of this.#workers) worker.post({ type: 'policy', engine, policy });
  }

  /** Stops after the batches under way; what they gave is still written, up to the first file that is not whole. */
  stop(): void {
    this.#end = Math.min(this.#end, this.#next);
    for (const worker of this.#workers) worker.post({ type: 'stop' });
  }

  #start(thread: WorkerThread, data: WorkerData): void {
    const worker: WorkerHandle = { post: (message) => thread.post(message), index: null };
    this.#workers.add(worker);
    thread.start(data, {
      onMessage: (message) => this.#receive(worker, message),
      onFailure: this.#options.onThreadFailure,
      onExit: () => this.#leave(worker),
    });
  }

  #startHere(data: WorkerData): void {
    const worker: WorkerHandle = { post: (message) => local.receive(message), index: null };
    const { now, policy } = this.#options;
    const local = new FileWorker(data, {
      now,
      policy,
      shared: false,
      send: (message) => {
        this.#receive(worker, message);
        if (message.type === 'done') this.#leave(worker);
      },
    });
    this.#workers.add(worker);
    local.start();
  }

  #leave(worker: WorkerHandle): void {
    // A worker that leaves in the middle of a file died; the rest of its output is lost.
    if (worker.index !== null) this.#complete(worker);
    this.#workers.delete(worker);
    if (this.#workers.size === 0) this.#finish();
  }

  #receive(worker: WorkerHandle, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#handOut(worker);
        break;
      case 'piece':
        this.#takePiece({ ...message, worker });
        break;
      case 'read':
        this.#options.onFile(message.index, message.summary);
        if (!message.summary.whole) this.#limitOutput(message.index + 1);
        this.#complete(worker);
        break;
      case 'unreadable': {
        const { code, message: text, path } = message.error;
        this.#options.onUnreadable(message.index, new TraceError(code as TraceErrorCode, text, path));
        this.#complete(worker);
        break;
      }
      case 'headless':
        this.#meetHeadless(message.index);
        this.#complete(worker);
        break;
      case 'action':
        this.#options.onActionProblem(message.problem);
        break;
      case 'done':
        this.#statistics.push(message.statistics);
        break;
    }
  }

  #handOut(worker: WorkerHandle): void {
    if (this.#next >= this.#end) {
      worker.post({ type: 'end' });
      return;
    }
    worker.index = this.#next++;
    worker.post({ type: 'file', index: worker.index, path: this.#jobs[worker.index]!.path });
  }

  #complete(worker: WorkerHandle): void {
    this.#jobs[worker.index!]!.complete = true;
    worker.index = null;
    this.#advance();
  }

  /** Writes what is due, in order. */
  #advance(): void {
    while (this.#current < this.#limit) {
      const job = this.#jobs[this.#current]!;
      for (const piece of job.pieces.splice(0)) this.#write(piece);
      if (!job.complete) return;
      this.#current++;
    }
  }

  #write({ exporter, id, bytes, records, worker }: WaitingPiece): void {
    this.#writing = this.#writing.then(async () => {
      await this.#options.transports[exporter]!.write(bytes, records);
      worker.post({ type: 'written', exporter, id });
    });
  }

  /** Takes a piece that waits for its turn, or has it. */
  #takePiece(piece: WaitingPiece): void {
    const { index, exporter, id, worker } = piece;
    if (index >= this.#limit) {
      worker.post({ type: 'written', exporter, id });
      return;
    }
    this.#jobs[index]!.pieces.push(piece);
    this.#advance();
  }

  /** A file continues the stream of those before it: it and what follows are to be read in order, once those are done. */
  #meetHeadless(index: number): void {
    this.#headless = Math.min(this.#headless ?? index, index);
    this.#limitOutput(index);
  }

  /** No more files, and no output of those from `index` on: their memory is free. */
  #limitOutput(index: number): void {
    if (index >= this.#limit) return;
    this.#limit = index;
    this.#end = Math.min(this.#end, index);
    for (const job of this.#jobs.slice(index)) {
      for (const { exporter, id, worker } of job.pieces.splice(0)) worker.post({ type: 'written', exporter, id });
    }
  }
}
