import type { Writable } from 'node:stream';
import type { EncodedPiece } from '../encoded-piece.js';
import { type NotConnected, OK, type Ok, type Transport } from '../transport.js';

/** Error codes of a stream whose reader has gone. */
const GONE: ReadonlySet<string> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/**
 * The `terminal` transport: standard output, whether it is a terminal, a pipe or a file. After an error nothing can be written
 * any more: either the reader has gone (`| head`), or writing has failed.
 */
export class TerminalTransport implements Transport {
  readonly target = 'standard output';
  readonly needs = 'bytes';
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  async connect(): Promise<Ok> {
    // Errors arrive with the write that failed; without a listener they would end the program.
    this.#stream.on('error', () => {});
    return OK;
  }

  send(pieces: readonly EncodedPiece[]): Promise<Ok | NotConnected> {
    return new Promise((resolve) => {
      // A piece at a time, so that all of it was written or nothing is known to be.
      this.#stream.write(pieces[0]!.bytes, (error) => resolve(error ? failure(error) : OK));
    });
  }

  async close(): Promise<Ok> {
    return OK;
  }
}

function failure(error: Error): NotConnected {
  const isGone = 'code' in error && GONE.has(String(error.code));
  return { kind: 'not-connected', reason: error.message, permanent: isGone ? 'closed' : 'failed' };
}
