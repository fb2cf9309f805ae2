/** Shows progress on a line of a terminal that is updated in place. */
import { Writable } from 'node:stream';
import { bytesOf, type TraceArgument } from '../drivers/trace-files.js';
import { type ContainerReader, type ContainerReaderOptions, TraceError } from '../sysflow/index.js';
import { withCommas } from '../telemetry/counted.js';
import type { Progress } from '../telemetry/progress.js';
import type { CommandIo } from './command-io.js';
import { byteText, openTrace } from './trace-files.js';

export interface ProgressLineOptions {
  /** Writes to the terminal. */
  write(text: string): void;
  /** Width of the terminal, characters. */
  columns(): number;
  /** Returns the time in milliseconds. */
  now(): number;
}

/** Shorter work shows no progress, milliseconds. */
const QUIET_TIME = 500;
/** Interval between updates, milliseconds. */
const INTERVAL = 200;

const ERASE_LINE = '\r\x1b[K';

/** The progress line. Other writers to the terminal must erase it first ({@link erase}); the next update draws it again. */
export class ProgressLine {
  readonly #options: ProgressLineOptions;
  #drawn = false;

  constructor(options: ProgressLineOptions) {
    this.#options = options;
  }

  /** Shows progress from now on; returns what ends that and erases the line. */
  start(progress: () => Progress): () => void {
    const { now } = this.#options;
    const started = now();
    const timer = setInterval(() => {
      const elapsed = now() - started;
      if (elapsed >= QUIET_TIME) this.#draw(progressText(progress(), elapsed));
    }, INTERVAL);
    // Do not keep the process alive.
    timer.unref();
    return () => {
      clearInterval(timer);
      this.erase();
    };
  }

  /** Erases the line if it is visible. */
  erase(): void {
    if (this.#drawn) this.#options.write(ERASE_LINE);
    this.#drawn = false;
  }

  #draw(text: string): void {
    // A full line would wrap, and erasing would remove only its second half.
    this.#options.write(`${ERASE_LINE}${text.slice(0, this.#options.columns() - 1)}`);
    this.#drawn = true;
  }
}

/** Wraps standard output on the same terminal: erases the progress line before each write. */
export function eraseBefore(stream: Writable, erase: () => void): Writable {
  // The callback of each write reports errors.
  stream.on('error', () => {});
  return new Writable({
    write(chunk: Uint8Array, _encoding, done): void {
      erase();
      stream.write(chunk, done);
    },
  });
}

/** `2/4 traces  12.0 MiB of 48.0 MiB  182,000 records/s  3 s left`. @param elapsed milliseconds since the start */
export function progressText(progress: Progress, elapsed: number): string {
  const { tracesRead, traces, bytesRead, bytes, records } = progress;
  const parts = [
    `${withCommas(tracesRead)}/${withCommas(traces)} traces`,
    bytes === null ? byteText(bytesRead) : `${byteText(bytesRead)} of ${byteText(bytes)}`,
    `${withCommas(Math.round((records * 1000) / elapsed))} records/s`,
  ];
  if (bytes !== null && bytesRead > 0) {
    const left = (elapsed * Math.max(0, bytes - bytesRead)) / bytesRead;
    parts.push(`${durationText(Math.ceil(left / 1000))} left`);
  }
  return parts.join('  ');
}

function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Progress of a command over its traces: opens them one after the other and counts. */
export class TraceProgress {
  /** The number of traces. */
  readonly traces: number;
  readonly #bytes: number | null;
  /** Number of traces read to their end. */
  #tracesRead = 0;
  #bytesRead = 0;
  #recordsRead = 0;
  #current: ContainerReader | null = null;
  readonly #stop: () => void;

  constructor(traces: readonly TraceArgument[], io: CommandIo) {
    this.traces = traces.length;
    this.#bytes = bytesOf(traces);
    this.#stop = io.showProgress?.(() => this.#progress) ?? (() => {});
  }

  /** Opens the next trace like {@link openTrace}. */
  readonly open = async (path: string, options: ContainerReaderOptions = {}): Promise<ContainerReader | TraceError> => {
    this.#finishCurrent();
    const opened = await openTrace(path, options);
    if (opened instanceof TraceError) this.#tracesRead++;
    else this.#current = opened;
    return opened;
  };

  /** Ends the display. */
  end(): void {
    this.#stop();
  }

  #finishCurrent(): void {
    if (this.#current === null) return;
    this.#tracesRead++;
    this.#bytesRead += this.#current.statistics.bytes;
    this.#recordsRead += this.#current.statistics.records;
    this.#current = null;
  }

  get #progress(): Progress {
    const { bytes, records } = this.#current?.statistics ?? { bytes: 0, records: 0 };
    return {
      tracesRead: this.#tracesRead,
      traces: this.traces,
      bytesRead: this.#bytesRead + bytes,
      bytes: this.#bytes,
      records: this.#recordsRead + records,
    };
  }
}
