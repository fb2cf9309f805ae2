import type { Writable } from 'node:stream';
import type { EncodedPiece } from '../encoded-piece.js';
import { type NotConnected, OK, type Ok, type Transport } from '../transport.js';

/** Error codes of a stream whose reader has closed it. */
const GONE: ReadonlySet<string> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/**
 * The `terminal` transport: standard output, whether it is a terminal, a pipe or a file. After an error, nothing more
 * can be written: either the reader has closed the stream (`| head`), or writing has failed.
 */
export class TerminalTransport implements Transport {
  readonly target = 'standard output';
  readonly needs = 'bytes';
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  async connect(): Promise<Ok> {
    // The callback of the failed write gets the error; without a listener, it would end the program.
    this.#stream.on('error', () => {});
    return OK;
  }

  send(pieces: readonly EncodedPiece[]): Promise<Ok | NotConnected> {
    return new Promise((resolve) => {
      // Write one piece at a time, so that it is known which pieces were written.
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
