import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Receiver } from '../streams/receiver.js';
import { ReadBuffer } from '../sysflow/byte-source.js';
import {
  ContainerReader,
  type ContainerReaderOptions,
  type ContainerStatistics,
  emptyStatistics,
} from '../sysflow/container-reader.js';
import type { Decoders, StreamDecoding } from '../sysflow/decoding.js';
import { TraceError } from '../sysflow/errors.js';
import type { RecordBatch } from '../sysflow/record-batch.js';
import type { TraceSummary } from './driver.js';
import type { InflatedTraces } from './inflated-traces.js';
import { openPipe } from './open-pipe.js';
import { STANDARD_INPUT } from './trace-files.js';

/** Longest time between two turns of the event loop in milliseconds, not counting one batch. */
const TURN = 3;

export interface TraceFileReaderOptions {
  /** Decodes the files; they share its decoders and strings. */
  readonly decoding: StreamDecoding;
  /** The same files, in the same order, read by the inflater thread; if null, this thread reads them. */
  readonly traces: InflatedTraces | null;
  /** Returns the current time in milliseconds. */
  readonly now: () => number;
  /** Opens standard input, for the path `-`. */
  readonly stdin?: () => Readable;
}

/** Reads trace files into a receiver, one after the other. */
export class TraceFileReader {
  readonly #traces: InflatedTraces | null;
  readonly #decoding: StreamDecoding;
  /** Inflates on this thread: that costs less in total than passing blocks of about 60 KiB to libuv's threads and back. */
  readonly #options: ContainerReaderOptions & { readonly decoders: Decoders };
  readonly #now: () => number;
  readonly #stdin: () => Readable | null;
  /** The named pipe or standard input that is being read. */
  #pipe: Readable | null = null;
  #current: Readonly<ContainerStatistics> | null = null;
  #stopping = false;

  constructor({ decoding, traces, now, stdin }: TraceFileReaderOptions) {
    this.#traces = traces;
    this.#now = now;
    this.#stdin = stdin ?? (() => null);
    this.#decoding = decoding;
    this.#options = { decoders: decoding.decoders, inflate: 'inline', memory: new ReadBuffer() };
  }

  /** Reads a file into a receiver, to its end or until {@link stop}. */
  async read(path: string, receiver: Pick<Receiver<RecordBatch>, 'push'>): Promise<TraceSummary | TraceError> {
    try {
      this.#pipe = path === STANDARD_INPUT ? this.#stdin() : await openPipe(path);
      // stop() may have been called while the pipe was opened.
      if (this.#stopping) this.#pipe?.push(null);
      return await this.#read(path, receiver);
    } finally {
      this.#pipe?.destroy();
      this.#pipe = null;
      this.#current = null;
    }
  }

  /** Records read so far from the current file. */
  get records(): number {
    return this.#current?.records ?? 0;
  }

  /** Bytes read so far from the current file. */
  get bytes(): number {
    return this.#current?.bytes ?? 0;
  }

  /** Stops after the current batch, without waiting for the inflater thread or the writer of a named pipe. */
  stop(): void {
    this.#stopping = true;
    this.#traces?.stop();
    this.#pipe?.push(null);
  }

  async #read(path: string, receiver: Pick<Receiver<RecordBatch>, 'push'>): Promise<TraceSummary | TraceError> {
    const pipe = this.#pipe;
    const reader = await this.#open(path, pipe);
    if (reader instanceof TraceError) return this.#stopping && pipe !== null ? nothingRead(path) : reader;
    let whole = true;
    let turn = this.#now();
    this.#current = reader.statistics;
    for await (const batch of reader.batches(this.#decoding.pool)) {
      const busy = receiver.push(batch);
      if (busy !== undefined) await busy;
      // Let timers, signals and finished writes run.
      if (this.#now() - turn >= TURN) {
        await setImmediate();
        turn = this.#now();
      }
      if (this.#stopping) {
        whole = false;
        break;
      }
      this.#decoding.afterBatch();
    }
    if (this.#stopping && (pipe !== null || this.#traces !== null)) whole = false;
    // A pipe that is left in the middle of a block is not damaged.
    const damage = this.#stopping && pipe !== null ? [] : reader.damage;
    return { path: reader.name, statistics: reader.statistics, damage, whole };
  }

  /** Opens a trace: that of the inflater thread, or the file itself if that thread has ended. */
  async #open(path: string, pipe: Readable | null): Promise<ContainerReader | TraceError> {
    if (pipe !== null) return ContainerReader.from(pipe, nameOf(path), this.#options);
    const blocks = this.#stopping ? null : await this.#traces?.open(path);
    if (blocks instanceof TraceError) return blocks;
    if (blocks !== null && blocks !== undefined) return ContainerReader.of(blocks, this.#options.decoders);
    return ContainerReader.open(path, this.#options);
  }
}

function nameOf(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path;
}

function nothingRead(path: string): TraceSummary {
  return { path: nameOf(path), statistics: emptyStatistics(), damage: [], whole: false };
}
