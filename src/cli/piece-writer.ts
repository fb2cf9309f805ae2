import { Buffer } from 'node:buffer';
import { appendWhole, ByteBuffer, LARGEST_BUFFER } from '../exporter/byte-buffer.js';
import { counted } from '../telemetry/counted.js';
import type { CommandIo } from './command-io.js';

/** A piece is written when it is this large. */
const PIECE_BYTES = 1 << 16;

/** Room for most records that begin before a piece is full. */
const BUFFER_BYTES = PIECE_BYTES + (1 << 14);

/**
 * Gathers what a command prints and writes it in pieces, each when the reader has taken those before: so memory is bounded by
 * the largest record, however much is printed and however slow the reader is. No text of more than a record is made, since
 * V8 bounds its length.
 */
export class PieceWriter {
  /** What is not written yet. */
  #buffer = new ByteBuffer(BUFFER_BYTES);
  /** Records left out because they were too large; see `LARGEST_BUFFER`. */
  #tooLarge = 0;
  readonly #io: CommandIo;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  /** Adds what `append` appends, such as a record; wait for the promise, if there is one, before adding more. */
  add(append: (out: ByteBuffer) => void): Promise<void> | undefined {
    if (!appendWhole(this.#buffer, append)) this.#tooLarge++;
    return this.#buffer.length < PIECE_BYTES ? undefined : this.write();
  }

  /** Writes what is there; wait for the promise, if there is one, before adding more. */
  write(): Promise<void> | undefined {
    const { written } = this.#buffer;
    if (written.length === 0) return undefined;
    if (written.length < PIECE_BYTES) {
      const copy = Buffer.from(written);
      this.#buffer.clear();
      return this.#io.out(copy);
    }
    // The stream keeps the bytes until they are written.
    this.#buffer = new ByteBuffer(BUFFER_BYTES);
    return this.#io.out(written);
  }

  /**
   * Writes the rest, and reports what was left out.
   *
   * @returns whether all was written
   */
  async end(): Promise<boolean> {
    await this.write();
    if (this.#tooLarge === 0) return true;
    const left = counted(this.#tooLarge, 'record is', 'records are');
    this.#io.err(`${left} larger than ${LARGEST_BUFFER >> 20} MiB as text and left out\n`);
    return false;
  }
}
