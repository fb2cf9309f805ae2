import type { FlatBatch } from '../records/flat-batch.js';
import type { Acknowledgement } from '../streams/acknowledgement.js';
import type { Receiver } from '../streams/receiver.js';
import { ByteBuffer, LARGEST_BUFFER } from './byte-buffer.js';
import type { Delivery } from './delivery/delivery.js';
import { EncodedLines } from './encoded-lines.js';
import { EncodedPiece } from './encoded-piece.js';
import type { Encoder, LineWriter } from './encoder.js';
import { DetailsGatherer } from './record-details.js';

export interface ExporterOptions {
  /** If null, records are counted but not encoded, for a transport that discards them. */
  readonly encoder: Encoder | null;
  /** Returns a faster writer of the same lines; if undefined, the encoder is used. */
  readonly accelerate?: (encoder: Encoder, plain: EncodedLines) => LineWriter;
  readonly delivery: Delivery;
  /** Returns the current time in milliseconds. */
  readonly now: () => number;
  /** Deliver a piece when it has this many records, or earlier when it is large; 0 for no limit. */
  readonly pieceRecords?: number;
  /** Called for each record that is too large to encode (`LARGEST_BUFFER`) and is counted as lost. */
  readonly onTooLarge?: () => void;
}

/** A piece of this size is delivered. Large writes cost less (measured: no further gain above 1 MiB). */
const PIECE_BYTES = 1 << 20;

/** A piece is also delivered when its first record has waited this long, in milliseconds. */
const LONGEST_WAIT = 50;

/** Initial buffer size, with room for one record beyond a full piece; a larger record grows the buffer. */
const BUFFER_BYTES = PIECE_BYTES + (64 << 10);

/** Pieces up to this size are copied, so that a queue of small pieces does not hold nearly empty buffers. */
const COPIED_BYTES = PIECE_BYTES / 2;

const NO_BYTES = new Uint8Array(0);

/**
 * The `exporter` processor: encodes records and passes them to the delivery in pieces. The next piece is filled while earlier
 * ones are being sent.
 */
export class Exporter implements Receiver<FlatBatch> {
  /** Records received. */
  records = 0;
  readonly #options: ExporterOptions;
  readonly #lines: LineWriter | null;
  readonly #delivery: Delivery;
  readonly #pieceRecords: number;
  /** Null if the transport only needs the bytes. */
  readonly #details: DetailsGatherer | null;
  readonly #free: ByteBuffer[] = [];
  #out: ByteBuffer;
  #outRecords = 0;
  /** The acknowledgements of the batches with records in the current piece; null if there are none. */
  #held: Acknowledgement[] | null = null;
  #filledSince = 0;
  /** Settles when the delivery has room again; null while it has room. */
  #waiting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** The acknowledgement of the batch that is being encoded. */
  #acknowledgement: Acknowledgement | null = null;

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#lines = options.encoder === null ? null : this.#linesOf(options.encoder);
    this.#delivery = options.delivery;
    this.#details = options.delivery.needs === 'records' ? new DetailsGatherer() : null;
    this.#pieceRecords = options.pieceRecords || Number.POSITIVE_INFINITY;
    this.#out = this.#newBuffer();
  }

  push(batch: FlatBatch): Promise<void> | undefined {
    this.records += batch.count;
    const lines = this.#lines;
    if (lines === null) return this.#countOnly(batch);
    if (this.#waiting === null) return this.#encode(batch, lines, 0);
    return this.#waiting.then(() => this.#encode(batch, lines, 0));
  }

  async end(): Promise<void> {
    void this.#flush();
    await this.#delivery.close();
  }

  /** Delivers records without encoding them, for a transport that discards them. */
  #countOnly(batch: FlatBatch): Promise<void> | undefined {
    const { acknowledgement } = batch.records;
    acknowledgement?.hold();
    const piece = new EncodedPiece(NO_BYTES, batch.count, null, acknowledgement && onSettled([acknowledgement]));
    const busy = this.#delivery.offer(piece);
    batch.release();
    return busy;
  }

  /** Encodes a batch, starting at an index. Returns a promise if the delivery has no room. */
  #encode(batch: FlatBatch, lines: LineWriter, from: number): Promise<void> | undefined {
    if (this.#outRecords === 0) this.#filledSince = this.#options.now();
    this.#acknowledgement = batch.records.acknowledgement;
    for (let i = from; i < batch.count; ) {
      const end = Math.min(batch.count, i + this.#pieceRecords - this.#outRecords);
      const done = lines.write(batch, i, end, this.#out, PIECE_BYTES);
      this.#details?.gather(batch, i, done, this.#out);
      this.#outRecords += done - i;
      i = done;
      if (this.#outRecords > 0) this.#hold();
      if (this.#out.length < PIECE_BYTES && this.#outRecords < this.#pieceRecords) continue;
      const next = i;
      const busy = this.#flush();
      if (busy !== undefined) return busy.then(() => this.#encode(batch, lines, next));
    }
    batch.release();
    return this.#flushWhenWaiting();
  }

  #linesOf(encoder: Encoder): LineWriter {
    const plain = new EncodedLines(encoder, (isTooLarge) => this.#leaveOut(isTooLarge));
    return this.#options.accelerate?.(encoder, plain) ?? plain;
  }

  /** Counts a record that could not be encoded as lost. */
  #leaveOut(isTooLarge: boolean): void {
    this.#outRecords--;
    this.#details?.skip(this.#out.length);
    this.#acknowledgement?.hold();
    this.#acknowledgement?.fail();
    const reason = isTooLarge ? `larger than ${LARGEST_BUFFER >> 20} MiB as text` : 'the encoder failed';
    this.#delivery.countLost(1, reason);
    if (isTooLarge) this.#options.onTooLarge?.();
  }

  /** Holds the batch's acknowledgement until the current piece is settled. */
  #hold(): void {
    const acknowledgement = this.#acknowledgement;
    if (acknowledgement === null || this.#held?.at(-1) === acknowledgement) return;
    acknowledgement.hold();
    this.#held ??= [];
    this.#held.push(acknowledgement);
  }

  /** Delivers the piece if it has waited long enough; otherwise starts a timer that does. */
  #flushWhenWaiting(): Promise<void> | undefined {
    if (this.#outRecords === 0) return undefined;
    if (this.#options.now() - this.#filledSince >= LONGEST_WAIT) return this.#flush();
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#flush();
    }, LONGEST_WAIT);
    return undefined;
  }

  /** Passes the piece to the delivery. Returns a promise if the delivery has no room for another piece. */
  #flush(): Promise<void> | undefined {
    if (this.#outRecords === 0) return undefined;
    this.#cancelTimer();
    const piece = this.#takePiece();
    const busy = this.#delivery.offer(piece);
    if (busy === undefined) return undefined;
    this.#waiting = busy.then(() => {
      this.#waiting = null;
    });
    return this.#waiting;
  }

  /** Returns the encoded records as a piece, and starts the next one. */
  #takePiece(): EncodedPiece {
    const out = this.#out;
    const isCopied = out.length <= COPIED_BYTES;
    const bytes = isCopied ? Buffer.from(out.written) : out.written;
    const settled = this.#held && onSettled(this.#held);
    const reuseBuffer = (isDelivered: boolean): void => {
      out.clear();
      this.#free.push(out);
      settled?.(isDelivered);
    };
    const details = this.#details?.take() ?? null;
    const piece = new EncodedPiece(bytes, this.#outRecords, details, isCopied ? settled : reuseBuffer);
    this.#outRecords = 0;
    this.#held = null;
    if (isCopied) out.clear();
    else this.#out = this.#free.pop() ?? this.#newBuffer();
    return piece;
  }

  #newBuffer(): ByteBuffer {
    return new ByteBuffer(this.#lines === null ? 0 : BUFFER_BYTES);
  }

  #cancelTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** Returns a function that reports the outcome of a piece to the acknowledgements of its batches. */
function onSettled(held: readonly Acknowledgement[]): (isDelivered: boolean) => void {
  return (isDelivered) => {
    for (const acknowledgement of held) {
      if (isDelivered) acknowledgement.settle();
      else acknowledgement.fail();
    }
  };
}
