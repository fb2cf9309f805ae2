import { Buffer } from 'node:buffer';
import { ByteBuffer } from '../exporter/byte-buffer.js';
import type { CommandIo } from './command.js';

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
  /** What is not written yet. Append to it, then call {@link writeFull}. */
  buffer: ByteBuffer = new ByteBuffer(BUFFER_BYTES);
  readonly #io: CommandIo;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  /** Writes what is there if that is a piece; wait for the promise, if there is one, before appending more. */
  writeFull(): Promise<void> | undefined {
    return this.buffer.length < PIECE_BYTES ? undefined : this.write();
  }

  /** Writes what is there; wait for the promise, if there is one, before appending more. */
  write(): Promise<void> | undefined {
    const { buffer } = this;
    const { written } = buffer;
    if (written.length === 0) return undefined;
    if (written.length < PIECE_BYTES) {
      buffer.clear();
      return this.#io.out(Buffer.from(written));
    }
    // The stream keeps the bytes until they are written.
    this.buffer = new ByteBuffer(BUFFER_BYTES);
    return this.#io.out(written);
  }
}
