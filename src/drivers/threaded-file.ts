import { setImmediate } from 'node:timers/promises';
import type { Receiver } from '../records/receiver.js';
import { DeferredPayloads } from '../sysflow/deferred-records.js';
import { TraceError } from '../sysflow/errors.js';
import type { RecordBatch } from '../sysflow/record-batch.js';
import { DecoderFactory, type RecordDecoder } from '../sysflow/record-decoder.js';
import { batchesOf, type FromDecoder, type ReadSoFar } from './decoder-protocol.js';
import type { DecoderThread } from './decoder-thread.js';
import { BATCHES_PER_TURN, FileDriver, type TraceDriver, type TraceSummary } from './file.js';

const NOTHING_READ: ReadSoFar = { statistics: { bytes: 0, blocks: 0, records: 0, unknownRecords: 0 }, damage: [] };

/**
 * Reads traces as `FileDriver` does, with another thread that reads, inflates and decodes them ahead; {@link read} is to be
 * called for each of its files in order.
 */
export class ThreadedFileDriver implements TraceDriver {
  readonly #thread: DecoderThread;
  readonly #batches: readonly RecordBatch[];
  readonly #decoders = new DecoderFactory();
  readonly #payloads = new DeferredPayloads();
  /** What arrived and was not dealt with; the ring bounds the batches, and with them what the thread is ahead. */
  readonly #arrived: FromDecoder[] = [];
  #wake: () => void = () => {};
  /** Whether nothing more will arrive. */
  #ended = false;
  /** Reads what a thread that died leaves; null while there is nothing of the kind. */
  #here: FileDriver | null = null;
  #soFar: ReadSoFar = NOTHING_READ;
  #stopping = false;

  /** @param onFailure called where the thread dies; its files are read on this one then */
  constructor(thread: DecoderThread, onFailure: (message: string) => void) {
    const { ring } = thread;
    this.#thread = thread;
    this.#batches = batchesOf(ring, (place) => ring.free(place));
    this.#thread.onMessage((message) => {
      this.#arrived.push(message);
      this.#wake();
    });
    this.#thread.onEnd((failure) => {
      this.#ended = true;
      if (failure !== null) onFailure(failure);
      this.#wake();
    });
  }

  get records(): number {
    return this.#soFar.statistics.records + (this.#here?.records ?? 0);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#here?.stop();
    this.#wake();
    await this.#thread.terminate();
  }

  async read(path: string, receiver: Receiver<RecordBatch>): Promise<TraceSummary | TraceError> {
    this.#soFar = NOTHING_READ;
    let decoder: RecordDecoder | null = null;
    for (let batches = 0; !this.#stopping; ) {
      const message = this.#arrived.shift() ?? (await this.#next());
      if (message === null) break;
      switch (message.type) {
        case 'file':
          // The other thread compiled the same schema.
          decoder = this.#decoders.decoderFor(message.schema) as RecordDecoder;
          break;
        case 'batch': {
          this.#soFar = message;
          const batch = this.#batches[message.place]!;
          batch.length = message.length;
          this.#payloads.make(batch, message.bytes, decoder!);
          const busy = receiver.push(batch);
          if (busy !== undefined) await busy;
          // Without a wait in between, timers and signals would not have their turn.
          if (++batches % BATCHES_PER_TURN === 0) await setImmediate();
          break;
        }
        case 'end':
          this.#soFar = NOTHING_READ;
          return { path, statistics: message.statistics, damage: message.damage, whole: true };
        case 'unreadable':
          return new TraceError(message.error.code, message.error.message, path);
      }
    }
    if (this.#stopping) return { path, ...this.#soFar, whole: false };
    if (decoder === null) {
      this.#here ??= new FileDriver();
      return this.#here.read(path, receiver);
    }
    return new TraceError('unreadable', 'cannot be read to its end: the thread that read it died', path);
  }

  /** Waits for a message; null where none will come. */
  async #next(): Promise<FromDecoder | null> {
    while (this.#arrived.length === 0 && !this.#ended && !this.#stopping) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#arrived.shift() ?? null;
  }
}
