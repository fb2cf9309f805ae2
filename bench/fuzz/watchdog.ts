/**
 * Ends the process where a run hangs. Nothing else can: while a run does not end, nothing else on its thread runs.
 */
import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

interface WatchdogData {
  /** The number of the run under way. */
  readonly run: BigInt64Array;
  readonly milliseconds: number;
  /** What is told, with `RUN` for that number. */
  readonly message: string;
}

/** No run takes so long. */
const LONGEST_MILLISECONDS = 5_000;

/** Watches runs, of which it is told each that begins. */
export class Watchdog {
  readonly #run = new BigInt64Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;

  /** @param message what is told where a run hangs, with `RUN` for its number; the process ends by SIGKILL then */
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
