import type { FlatBatch } from '../records/flat-batch.js';
import type { Receiver } from '../streams/receiver.js';
import { ByteBuffer } from './byte-buffer.js';
import { EncodedLines } from './encoded-lines.js';
import type { Encoder, LineWriter } from './encoder.js';
import type { Transport } from './transport.js';

export interface ExporterOptions {
  /** Null counts records without encoding them, for a transport that nobody reads. */
  readonly encoder: Encoder | null;
  /** Gives what writes lines as an encoder does, and faster; left out: the encoder does. */
  readonly accelerate?: (encoder: Encoder, plain: EncodedLines) => LineWriter;
  readonly transport: Transport;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** Hand on a piece when it holds so many records, if it is not large before; 0: never. */
  readonly pieceRecords?: number;
  /** Pieces under way at most before the exporter waits for the transport. */
  readonly piecesInFlight?: number;
  /** Called for each record that is too large to be encoded (`LARGEST_BUFFER`); it counts as lost. */
  readonly onTooLarge?: () => void;
}

/** A piece is handed to the transport when it is this large; large writes cost less (measured: 1 MiB and up are equal). */
const PIECE_BYTES = 1 << 20;

/** Pieces under way at most: what is encoded in a turn of the event loop, and as much again while that is written. */
const PIECES_IN_FLIGHT = 20;

/**
 * Bytes of them at most, or one piece where that is larger: above what pieces of usual records come to, so that this bounds
 * only the memory of records that are larger than a piece.
 */
const BYTES_IN_FLIGHT = 32 << 20;

/** Or when its first record has waited this long, milliseconds. */
const LONGEST_WAIT = 50;

/** Room for one more record than fits; a larger one makes the buffer grow. */
const BUFFER_BYTES = PIECE_BYTES + (64 << 10);

const NO_BYTES = new Uint8Array(0);

/**
 * The `exporter` processor: encodes records and hands them to the transport in pieces, the next one being filled while
 * the transport is busy with those before.
 */
export class Exporter implements Receiver<FlatBatch> {
  /** Records that arrived. */
  records = 0;
  readonly #options: ExporterOptions;
  readonly #lines: LineWriter | null;
  readonly #transport: Transport;
  readonly #pieceRecords: number;
  readonly #free: ByteBuffer[] = [];
  /** Settle as the pieces under way come back from the transport, oldest first. */
  readonly #inFlight: Promise<void>[] = [];
  #bytesInFlight = 0;
  #out: ByteBuffer;
  #outRecords = 0;
  #filledSince = 0;
  /** Settles when there is a buffer to write to; null while there is one. */
  #waiting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#lines = options.encoder === null ? null : this.#linesOf(options.encoder);
    this.#transport = options.transport;
    this.#pieceRecords = options.pieceRecords || Number.POSITIVE_INFINITY;
    this.#out = this.#newBuffer();
  }

  push(batch: FlatBatch): Promise<void> | undefined {
    this.records += batch.count;
    const lines = this.#lines;
    if (lines === null) {
      this.#transport.write(NO_BYTES, batch.count);
      batch.release();
      return undefined;
    }
    if (this.#waiting === null) return this.#encode(batch, lines, 0);
    return this.#waiting.then(() => this.#encode(batch, lines, 0));
  }

  async end(): Promise<void> {
    await this.#waiting;
    await this.#flush();
    await Promise.all(this.#inFlight);
    await this.#transport.close();
  }

  /** Encodes a batch from a row on; a promise where the transport has to catch up first. */
  #encode(batch: FlatBatch, lines: LineWriter, from: number): Promise<void> | undefined {
    if (this.#outRecords === 0) this.#filledSince = this.#options.now();
    for (let i = from; i < batch.count; ) {
      const end = Math.min(batch.count, i + this.#pieceRecords - this.#outRecords);
      const done = lines.write(batch, i, end, this.#out, PIECE_BYTES);
      this.#outRecords += done - i;
      i = done;
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
    this.#transport.statistics.lost++;
    if (isTooLarge) this.#options.onTooLarge?.();
  }

  /** Hands on what has waited long enough, and sees to it that the rest will be. */
  #flushWhenWaiting(): Promise<void> | undefined {
    if (this.#outRecords === 0) return undefined;
    if (this.#options.now() - this.#filledSince >= LONGEST_WAIT) return this.#flush();
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#flush();
    }, LONGEST_WAIT);
    return undefined;
  }

  /** Hands the piece to the transport; a promise where all buffers are under way. */
  #flush(): Promise<void> | undefined {
    if (this.#outRecords === 0) return undefined;
    const piece = this.#out;
    const records = this.#outRecords;
    this.#outRecords = 0;
    this.#cancelTimer();
    const { written } = piece;
    const busy = this.#transport.write(written, records);
    if (busy === undefined) {
      piece.clear();
      return undefined;
    }
    this.#bytesInFlight += written.length;
    const returned = busy.then(() => {
      this.#bytesInFlight -= written.length;
      this.#inFlight.splice(this.#inFlight.indexOf(returned), 1);
      piece.clear();
      this.#free.push(piece);
    });
    this.#inFlight.push(returned);
    return this.#takeBuffer();
  }

  /** Takes the next buffer to write to; a promise where none is free. */
  #takeBuffer(): Promise<void> | undefined {
    const most = this.#options.piecesInFlight ?? PIECES_IN_FLIGHT;
    if (this.#inFlight.length < most && this.#bytesInFlight < BYTES_IN_FLIGHT) {
      this.#out = this.#free.pop() ?? this.#newBuffer();
      this.#waiting = null;
      return undefined;
    }
    this.#waiting = this.#inFlight[0]!.then(() => this.#takeBuffer());
    return this.#waiting;
  }

  #newBuffer(): ByteBuffer {
    return new ByteBuffer(this.#lines === null ? 0 : BUFFER_BYTES);
  }

  #cancelTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
