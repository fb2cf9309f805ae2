import { Worker } from 'node:worker_threads';
import type { FromWorker, StartMessage, ToWorker, WorkerData } from './worker-protocol.js';

/** What becomes of a worker thread. */
export interface WorkerThreadEvents {
  onMessage(message: FromWorker): void;
  /** It died of a defect; {@link onExit} follows. */
  onFailure(message: string): void;
  onExit(): void;
}

/**
 * A thread for a file worker. It is made before there is work, since loading its modules takes as long as reading the
 * policies does.
 */
export class WorkerThread {
  readonly #thread: Worker;
  #events: WorkerThreadEvents | null = null;
  /** What happened before anyone wanted to know. */
  #failure: string | null = null;
  #exited = false;

  /** @param entry the module that it runs; it speaks the worker protocol */
  constructor(entry: URL) {
    this.#thread = new Worker(entry);
    this.#thread.on('message', (message: FromWorker) => this.#events?.onMessage(message));
    this.#thread.on('error', (error) => {
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#events?.onFailure(this.#failure);
    });
    this.#thread.on('exit', () => {
      this.#exited = true;
      this.#events?.onExit();
    });
  }

  /** Makes it a worker. */
  start(data: WorkerData, events: WorkerThreadEvents): void {
    this.#events = events;
    if (this.#failure !== null) events.onFailure(this.#failure);
    if (this.#exited) queueMicrotask(events.onExit);
    this.#thread.postMessage({ type: 'start', data } satisfies StartMessage);
  }

  post(message: ToWorker): void {
    this.#thread.postMessage(message);
  }

  /** Ends a thread that is not needed. */
  async terminate(): Promise<void> {
    await this.#thread.terminate();
  }
}
