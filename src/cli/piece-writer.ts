import { Buffer } from 'node:buffer';
import { appendWhole, ByteBuffer, LARGEST_BUFFER } from '../exporter/byte-buffer.js';
import { counted } from '../telemetry/counted.js';
import type { CommandIo } from './command-io.js';

/** A piece is written when it reaches this size, bytes. */
const PIECE_BYTES = 1 << 16;

/** Capacity for most records that start before a piece is full. */
const BUFFER_BYTES = PIECE_BYTES + (1 << 14);

/**
 * Buffers the output of a command and writes it in pieces, each after the reader has consumed the previous ones. Memory
 * is therefore bounded by the largest record, regardless of the amount of output and the speed of the reader. Strings
 * are never longer than a record, since V8 limits their length.
 */
export class PieceWriter {
  /** Output not written yet. */
  #buffer = new ByteBuffer(BUFFER_BYTES);
  /** Records left out because they were too large; see `LARGEST_BUFFER`. */
  #tooLarge = 0;
  readonly #io: CommandIo;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  /** Adds output, such as a record. If it returns a promise, await it before adding more. */
  add(append: (out: ByteBuffer) => void): Promise<void> | undefined {
    if (!appendWhole(this.#buffer, append)) this.#tooLarge++;
    return this.#buffer.length < PIECE_BYTES ? undefined : this.write();
  }

  /** Writes the buffered output. If it returns a promise, await it before adding more. */
  write(): Promise<void> | undefined {
    const { written } = this.#buffer;
    if (written.length === 0) return undefined;
    if (written.length < PIECE_BYTES) {
      const copy = Buffer.from(written);
      this.#buffer.clear();
      return this.#io.out(copy);
    }
    // The stream uses the old buffer until it has written it.
    this.#buffer = new ByteBuffer(BUFFER_BYTES);
    return this.#io.out(written);
  }

  /**
   * Writes the rest, and reports what was left out.
   *
   * @returns whether everything was written
   */
  async end(): Promise<boolean> {
    await this.write();
    if (this.#tooLarge === 0) return true;
    const left = counted(this.#tooLarge, 'record is', 'records are');
    this.#io.err(`${left} larger than ${LARGEST_BUFFER >> 20} MiB as text and left out\n`);
    return false;
  }
}
