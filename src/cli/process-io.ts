import type { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { constants } from 'node:os';
import type { Writable } from 'node:stream';
import type { FormatOptions } from '../diagnostics/format.js';
import { systemReason } from '../diagnostics/system-reason.js';
import type { Progress } from '../telemetry/progress.js';
import { eraseBefore, ProgressLine } from './progress.js';
import type { RunIo } from './run-request.js';
import { TextIo } from './text-io.js';

/** The exit status if the reader of the output has gone: that of a program ended by SIGPIPE. */
export const BROKEN_PIPE_STATUS: number = 128 + constants.signals.SIGPIPE;

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Outputs of this process. Streams are opened on first use, since opening them takes longer than starting a thread. */
export class ProcessIo extends TextIo implements RunIo {
  readonly process: NodeJS.Process = process;
  /** The exit status if the reader closes the output; see {@link note}. */
  #known = 0;
  #stop: AbortController | null = null;
  /** The progress line, once it has been used. */
  #progressLine: ProgressLine | null = null;
  /** Resolves when the reader of standard output has caught up; null if it is not behind. */
  #draining: Promise<void> | null = null;
  /** Deals with errors that nothing caught; null if nothing does. */
  #unexpected: ((error: unknown) => boolean) | null = null;
  /** The signal that asked the command to stop. */
  #signal: NodeJS.Signals | null = null;

  get color(): boolean {
    return process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  }

  protected get diagnosticFormat(): FormatOptions {
    const isTerminal = process.stderr.isTTY === true;
    return { color: isTerminal && process.env.NO_COLOR === undefined, excerpt: isTerminal };
  }

  /**
   * Returns standard output for a pipeline. Writes to a terminal run on a libuv thread: Node's own stream would write
   * on this thread, so that a paused terminal (Ctrl-S) would block signal handling.
   */
  get stdout(): Writable {
    if (!process.stdout.isTTY) return process.stdout;
    return eraseBefore(createWriteStream('', { fd: 1, autoClose: false }), () => this.#progressLine?.erase());
  }

  /** Undefined if standard error is not a terminal that lines can be erased on. */
  get showProgress(): ((progress: () => Progress) => () => void) | undefined {
    if (process.stderr.isTTY !== true || process.env.TERM === 'dumb') return undefined;
    const line = new ProgressLine({
      write: (text) => process.stderr.write(text),
      // A terminal of unknown size reports 0 columns.
      columns: () => process.stderr.columns || 80,
      now: Date.now,
    });
    this.#progressLine = line;
    return (progress) => line.start(progress);
  }

  onUnexpected(handler: (error: unknown) => boolean): () => void {
    this.#unexpected = handler;
    return () => {
      this.#unexpected = null;
    };
  }

  /** Passes an uncaught error to the handler; returns whether it was handled. */
  takeUnexpected(error: unknown): boolean {
    return this.#unexpected?.(error) === true;
  }

  note(status: number): void {
    this.#known = Math.max(this.#known, status);
  }

  stopSignal(): AbortSignal {
    if (this.#stop === null) {
      this.#stop = new AbortController();
      for (const name of STOP_SIGNALS) process.on(name, this.#onSignal);
    }
    return this.#stop.signal;
  }

  /**
   * Ends a command with its status, or, if a signal stopped it, with the status that shells use for that signal. Exits
   * explicitly, since an input that was not read to its end would keep the process alive.
   */
  async end(status: number): Promise<void> {
    if (this.#signal === null) {
      process.exitCode = status;
      return;
    }
    await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
    process.exit(statusOf(this.#signal));
  }

  protected writeOut(data: string | Buffer): Promise<void> | undefined {
    if (process.stdout.listenerCount('error') === 0) {
      process.stdout.on('error', (error) => this.#outputFailed(error));
    }
    this.#progressLine?.erase();
    return process.stdout.write(data) ? undefined : this.#drained();
  }

  /** Resolves when the reader of standard output has consumed all data. */
  #drained(): Promise<void> {
    this.#draining ??= once(process.stdout, 'drain').then(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  protected writeErr(text: string): void {
    // A closed standard error (`2>&1 | head`) is not a failure.
    if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {});
    this.#progressLine?.erase();
    process.stderr.write(text);
  }

  /** Lets the command finish on the first signal; a second one ends it by the signal's default action. */
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    for (const name of STOP_SIGNALS) process.off(name, this.#onSignal);
    this.#signal = signal;
    this.#stop!.abort();
  };

  /**
   * Ends a command whose output cannot be written. The reader may close it at any time (`| head`): the exit status is
   * then the one noted before, and never 0, since the output is incomplete. Any other error, such as a full disk, is a
   * failure.
   */
  #outputFailed(error: NodeJS.ErrnoException): void {
    if (error.code === 'EPIPE')
      process.exit(Math.max(this.#known, Number(process.exitCode ?? 0)) || BROKEN_PIPE_STATUS);
    this.err(`sfprocessor: standard output: ${systemReason(error)}\n`);
    process.exit(3);
  }
}

function statusOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
