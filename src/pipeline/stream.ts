import type { StreamSink } from '../drivers/driver.js';
import type { Receiver } from '../streams/receiver.js';
import { DecodeStatus } from '../sysflow/decode-status.js';
import type { StreamDecoding } from '../sysflow/decoding.js';
import { SchemaError } from '../sysflow/errors.js';
import { NEWEST_SCHEMA } from '../sysflow/newest-schema.js';
import type { RecordBatch } from '../sysflow/record-batch.js';
import { RecordEncoder } from '../sysflow/record-encoder.js';
import type { TraceRecord } from '../sysflow/trace-record.js';

/** Most batches queued for the stages by a driver that does not wait for {@link StreamSink.push}, or uses {@link StreamSink.offer}. */
export const OFFERED_BATCHES = 64;

/** Records that streams have dropped, by reason. */
export interface StreamLosses {
  /** The stages were busy. */
  busy: number;
  /** Too many pushes were pending. */
  flood: number;
  /** The stream had ended. */
  late: number;
}

/** Passes a stream of a driver into the stages. */
export class Stream implements StreamSink {
  readonly name: string;
  readonly decoding: StreamDecoding;
  /** Records pushed, and records dropped. */
  records = 0;
  dropped = 0;
  /** The dropped records by reason. The streams of a driver share this object, since a closed stream can drop records, too. */
  readonly losses: StreamLosses;
  readonly #receiver: Receiver<RecordBatch>;
  readonly #onClose: () => void;
  readonly #offered: RecordBatch[] = [];
  /** Settles when the stages have accepted all offered batches; null if they have. */
  #draining: Promise<void> | null = null;
  #closed: Promise<void> | null = null;
  /** Pending pushes. A driver that waits for each push has at most one. */
  #unsettled = 0;

  /** @param receiver the receiver of the stages for this stream */
  constructor(
    name: string,
    receiver: Receiver<RecordBatch>,
    decoding: StreamDecoding,
    onClose: () => void,
    losses: StreamLosses = { busy: 0, flood: 0, late: 0 },
  ) {
    this.name = name;
    this.decoding = decoding;
    this.#receiver = receiver;
    this.#onClose = onClose;
    this.losses = losses;
  }

  push(batch: RecordBatch): Promise<void> | undefined {
    if (this.#closed !== null) return this.#drop(batch, 'late');
    if (this.#unsettled >= OFFERED_BATCHES) return this.#drop(batch, 'flood');
    const busy = this.#draining === null ? this.#push(batch) : this.#draining.then(() => this.#push(batch));
    if (busy === undefined) return undefined;
    this.#unsettled++;
    return busy.finally(() => this.#unsettled--);
  }

  offer(batch: RecordBatch): boolean {
    const isFull = this.#offered.length >= OFFERED_BATCHES;
    if (this.#closed !== null || isFull) {
      this.#drop(batch, this.#closed === null ? 'busy' : 'late');
      return false;
    }
    this.records += batch.length;
    if (this.#draining !== null) this.#offered.push(batch);
    else {
      const busy = this.#receiver.push(batch);
      if (busy !== undefined) this.#draining = this.#drain(busy);
    }
    return true;
  }

  async pushRecords(records: readonly TraceRecord[]): Promise<void> {
    const encoder = new RecordEncoder();
    for (const record of records) encoder.record(record);
    const { decoders, pool } = this.decoding;
    const decoder = decoders.decoderFor(NEWEST_SCHEMA);
    if (decoder instanceof SchemaError) throw decoder;
    const bytes = decoder.hold?.(encoder.bytes) ?? encoder.bytes;
    for (let [start, left] = [0, records.length]; left > 0; ) {
      const batch = pool.acquire();
      batch.trace = this.name;
      const status = decoder.decode(bytes, start, bytes.length, batch, left);
      start = decoder.position;
      left -= decoder.consumed;
      await this.push(batch);
      this.decoding.afterBatch();
      if (status !== DecodeStatus.ok) throw new RangeError('a record cannot be encoded');
    }
  }

  /** Ends the stream; a second call waits for the first. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#draining;
    await this.#receiver.end();
    this.decoding.close();
    this.#onClose();
  }

  #drop(batch: RecordBatch, reason: keyof StreamLosses): undefined {
    this.dropped += batch.length;
    this.losses[reason] += batch.length;
    batch.release();
  }

  #push(batch: RecordBatch): Promise<void> | undefined {
    this.records += batch.length;
    return this.#receiver.push(batch);
  }

  async #drain(busy: Promise<void>): Promise<void> {
    await busy;
    for (let batch = this.#offered.shift(); batch !== undefined; batch = this.#offered.shift()) {
      await this.#receiver.push(batch);
    }
    this.#draining = null;
  }
}
