import type { Driver, DriverHost } from '../drivers/driver.js';
import { pushTrace } from '../drivers/push-trace.js';
import { expandTraces, isSkippedFile } from '../drivers/trace-files.js';
import { ContainerReader } from '../sysflow/container-reader.js';
import { TraceError } from '../sysflow/errors.js';
import { RecordBatchPool } from '../sysflow/record-batch.js';
import { readerOf, type Trace } from './open-trace.js';

/** Reads open traces and paths in sequence as one stream. It ends at the first that cannot be read. */
export class TraceDriver implements Driver {
  readonly #traces: readonly (string | Trace)[];

  constructor(traces: readonly (string | Trace)[]) {
    this.#traces = traces;
  }

  async run(host: DriverHost, signal: AbortSignal): Promise<void> {
    const stream = host.openStream('traces');
    const pool = new RecordBatchPool();
    for await (const reader of this.#open(host)) {
      await pushTrace(reader, pool, stream, host, signal);
      if (signal.aborted) break;
    }
  }

  async *#open(host: DriverHost): AsyncGenerator<ContainerReader, void, undefined> {
    for (const trace of this.#traces) {
      if (typeof trace !== 'string') {
        yield readerOf(trace);
        continue;
      }
      for (const { path, folder, error } of expandTraces([trace])) {
        const reader = error ?? (await ContainerReader.open(path));
        if (!(reader instanceof TraceError)) {
          yield reader;
          continue;
        }
        const skipped = isSkippedFile(reader, folder);
        host.unreadable(reader, skipped);
        if (!skipped) return;
      }
    }
  }
}
