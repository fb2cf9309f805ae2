/** Ends the process if a run hangs, from another thread, since a hanging run blocks its own. */
import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

interface WatchdogData {
  /** The number of the current run. */
  readonly run: BigInt64Array;
  readonly milliseconds: number;
  /** The message to print; `RUN` is replaced by the number. */
  readonly message: string;
}

/** Default time limit of a run. */
const LONGEST_MILLISECONDS = 5_000;

/** Monitors runs; the caller reports the start of each. */
export class Watchdog {
  readonly #run = new BigInt64Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;

  /** @param message printed if a run hangs, with its number in place of `RUN`; SIGKILL then ends the process */
  constructor(message: string, milliseconds: number = LONGEST_MILLISECONDS) {
    const data: WatchdogData = { run: this.#run, milliseconds, message };
    this.#worker = new Worker(new URL(import.meta.url), { workerData: data, execArgv: [] });
    this.#worker.unref();
  }

  begin(run: number): void {
    Atomics.store(this.#run, 0, BigInt(run));
  }
}

function watch({ run, milliseconds, message }: WatchdogData): void {
  let before = Atomics.load(run, 0);
  for (;;) {
    Atomics.wait(run, 0, before, milliseconds);
    const now = Atomics.load(run, 0);
    if (now === before) {
      writeSync(2, `${message.replaceAll('RUN', String(now))}\n`);
      process.kill(process.pid, 'SIGKILL');
    }
    before = now;
  }
}

if (!isMainThread && (workerData as WatchdogData | null)?.message !== undefined) watch(workerData as WatchdogData);
