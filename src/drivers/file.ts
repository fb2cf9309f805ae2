import type { Readable } from 'node:stream';
import { TraceError } from '../sysflow/errors.js';
import type { Progress } from '../telemetry/progress.js';
import type { Driver, DriverFile, DriverHost, DriverReporter } from './driver.js';
import { InflatedTraces } from './inflated-traces.js';
import type { InflaterThread } from './inflater-thread.js';
import { TraceFileReader } from './trace-file-reader.js';
import { bytesOf, isSkippedFile, STANDARD_INPUT, type TraceArgument } from './trace-files.js';

export interface FileDriverOptions {
  /** The name of the stream. */
  readonly name: string;
  readonly traces: readonly TraceArgument[];
  /** The thread that inflates the traces; if null, the driver inflates them itself. */
  readonly inflater: InflaterThread | null;
  /** Opens standard input, for the path `-`. */
  readonly stdin?: () => Readable;
  /** Returns the current time in milliseconds. */
  now(): number;
}

/** The `file` driver: reads traces in sequence as one stream, which keeps its entities from file to file. */
export class FileDriver implements Driver {
  readonly #options: FileDriverOptions;
  readonly #bytes: number | null;
  #reader: TraceFileReader | null = null;
  #tracesRead = 0;
  #bytesRead = 0;
  #recordsRead = 0;

  constructor(options: FileDriverOptions) {
    this.#options = options;
    this.#bytes = bytesOf(options.traces);
  }

  get files(): DriverFile[] {
    return this.#options.traces.flatMap(({ path, folder, error }) =>
      error === null && path !== STANDARD_INPUT ? [{ path, isListed: folder }] : [],
    );
  }

  get progress(): Progress {
    const { traces } = this.#options;
    return {
      tracesRead: this.#tracesRead,
      traces: traces.length,
      bytesRead: this.#bytesRead + (this.#reader?.bytes ?? 0),
      bytes: this.#bytes,
      records: this.#recordsRead + (this.#reader?.records ?? 0),
    };
  }

  start(reporter: DriverReporter): boolean {
    const { name, traces } = this.#options;
    if (traces.length === 0) reporter.log('warn', `${name}: the folder contains no files`);
    return true;
  }

  async run(host: DriverHost, signal: AbortSignal): Promise<void> {
    const { name, inflater, now, stdin } = this.#options;
    const inflated = inflater && new InflatedTraces(inflater, (message) => host.fail(`a thread failed: ${message}`));
    const stream = host.openStream(name);
    const reader = new TraceFileReader({
      decoding: stream.decoding,
      traces: inflated,
      now,
      ...(stdin === undefined ? {} : { stdin }),
    });
    this.#reader = reader;
    const stop = (): void => reader.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for (const trace of this.#options.traces) {
        if (signal.aborted) break;
        const { path, folder, error } = trace;
        const summary = error ?? (await reader.read(path, stream));
        this.#tracesRead++;
        if (summary instanceof TraceError) host.unreadable(summary, isSkippedFile(summary, folder));
        else {
          this.#bytesRead += summary.statistics.bytes;
          this.#recordsRead += summary.statistics.records;
          host.traceRead(summary);
        }
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await stream.close();
    }
  }

  dispose(): void {
    this.#options.inflater?.stop();
  }
}
