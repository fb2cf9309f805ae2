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
  /** Null counts records without encoding them, for a transport that discards them. */
  readonly encoder: Encoder | null;
  /** Creates an accelerated writer that produces the same lines as the encoder; optional. */
  readonly accelerate?: (encoder: Encoder, plain: EncodedLines) => LineWriter;
  readonly delivery: Delivery;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** Hand on a piece when it holds this many records, if it is not large before; 0: never. */
  readonly pieceRecords?: number;
  /** Called for each record that is too large to be encoded (`LARGEST_BUFFER`); it counts as lost. */
  readonly onTooLarge?: () => void;
}

/** A piece is handed to the transport when it is this large; large writes cost less (measured: 1 MiB and up are equal). */
const PIECE_BYTES = 1 << 20;

/** Or when its first record has waited this long, milliseconds. */
const LONGEST_WAIT = 50;

/** Room for one more record than fits; a larger one makes the buffer grow. */
const BUFFER_BYTES = PIECE_BYTES + (64 << 10);

/** A piece up to this size is copied, so that a queue of small ones does not hold buffers that are nearly empty. */
const COPIED_BYTES = PIECE_BYTES / 2;

const NO_BYTES = new Uint8Array(0);

/**
 * The `exporter` processor: encodes records and hands them to the delivery in pieces, the next one being filled while those
 * before are under way.
 */
export class Exporter implements Receiver<FlatBatch> {
  /** Records that arrived. */
  records = 0;
  readonly #options: ExporterOptions;
  readonly #lines: LineWriter | null;
  readonly #delivery: Delivery;
  readonly #pieceRecords: number;
  /** Null if the transport needs the bytes alone. */
  readonly #details: DetailsGatherer | null;
  readonly #free: ByteBuffer[] = [];
  #out: ByteBuffer;
  #outRecords = 0;
  /** Acknowledgements of the batches whose records are in the piece; null if there are none. */
  #held: Acknowledgement[] | null = null;
  #filledSince = 0;
  /** Settles when the delivery has room; null while it has. */
  #waiting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** The acknowledgement of the batch being encoded. */
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

  /** Passes on records without encoding them, for a transport that discards them. */
  #countOnly(batch: FlatBatch): Promise<void> | undefined {
    const { acknowledgement } = batch.records;
    acknowledgement?.hold();
    const piece = new EncodedPiece(NO_BYTES, batch.count, null, acknowledgement && onSettled([acknowledgement]));
    const busy = this.#delivery.offer(piece);
    batch.release();
    return busy;
  }

  /** Encodes a batch from a row on; a promise where the delivery has no room. */
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

  /** Counts a record that was not encoded as lost. */
  #leaveOut(isTooLarge: boolean): void {
    this.#outRecords--;
    this.#details?.skip(this.#out.length);
    this.#acknowledgement?.hold();
    this.#acknowledgement?.fail();
    const reason = isTooLarge ? `larger than ${LARGEST_BUFFER >> 20} MiB as text` : 'the encoder failed';
    this.#delivery.countLost(1, reason);
    if (isTooLarge) this.#options.onTooLarge?.();
  }

  /** Notes that records of the batch are in the piece. */
  #hold(): void {
    const acknowledgement = this.#acknowledgement;
    if (acknowledgement === null || this.#held?.at(-1) === acknowledgement) return;
    acknowledgement.hold();
    this.#held ??= [];
    this.#held.push(acknowledgement);
  }

  /** Sends the piece if it has waited long enough; otherwise sets a timer that sends it. */
  #flushWhenWaiting(): Promise<void> | undefined {
    if (this.#outRecords === 0) return undefined;
    if (this.#options.now() - this.#filledSince >= LONGEST_WAIT) return this.#flush();
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#flush();
    }, LONGEST_WAIT);
    return undefined;
  }

  /** Hands the piece to the delivery; a promise where that has no room for another one. */
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

  /** Takes the encoded piece out of the buffer. */
  #takePiece(): EncodedPiece {
    const out = this.#out;
    const isCopied = out.length <= COPIED_BYTES;
    const bytes = isCopied ? Buffer.from(out.written) : out.written;
    const settled = this.#held && onSettled(this.#held);
    const giveBack = (isDelivered: boolean): void => {
      out.clear();
      this.#free.push(out);
      settled?.(isDelivered);
    };
    const details = this.#details?.take() ?? null;
    const piece = new EncodedPiece(bytes, this.#outRecords, details, isCopied ? settled : giveBack);
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

/** Creates the callback that settles the acknowledgements of batches. */
function onSettled(held: readonly Acknowledgement[]): (isDelivered: boolean) => void {
  return (isDelivered) => {
    for (const acknowledgement of held) {
      if (isDelivered) acknowledgement.settle();
      else acknowledgement.fail();
    }
  };
}
