import type { Writable } from 'node:stream';
import type { Transport, TransportEvents, TransportStatistics } from '../transport.js';

/** Error codes of a stream whose reader has gone. */
const GONE: ReadonlySet<string> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/**
 * The `terminal` transport: standard output, whether it is a terminal, a pipe or a file. When the reader goes away
 * (`| head`), that is told once and the rest is dropped. After any other failure the rest is lost. Both are counted, and neither
 * is waited for.
 */
export class TerminalTransport implements Transport {
  readonly statistics: TransportStatistics = { records: 0, bytes: 0, lost: 0 };
  unread = 0;
  readonly #stream: Writable;
  readonly #events: TransportEvents;
  #gone = false;
  #failed = false;
  /** The latest write; they settle in order. */
  #last: Promise<void> = Promise.resolve();

  constructor(stream: Writable, events: TransportEvents) {
    this.#stream = stream;
    this.#events = events;
  }

  async open(): Promise<null> {
    // Errors arrive with the write that failed; without a listener they would end the program.
    this.#stream.on('error', () => {});
    return null;
  }

  write(piece: Uint8Array, records: number): Promise<void> | undefined {
    if (this.#gone) {
      this.unread += records;
      return undefined;
    }
    if (this.#failed) {
      this.statistics.lost += records;
      return undefined;
    }
    this.#last = new Promise((resolve) => {
      this.#stream.write(piece, (error) => {
        this.#settle(error ?? null, piece.length, records);
        resolve();
      });
    });
    return this.#last;
  }

  async reopen(): Promise<void> {}

  close(): Promise<void> {
    return this.#last;
  }

  #settle(error: Error | null, bytes: number, records: number): void {
    if (error === null) {
      this.statistics.records += records;
      this.statistics.bytes += bytes;
      return;
    }
    if (!this.#failed && 'code' in error && GONE.has(String(error.code))) {
      if (!this.#gone) this.#events.closed();
      this.#gone = true;
      this.unread += records;
      return;
    }
    this.statistics.lost += records;
    if (!this.#failed) this.#events.failed(`standard output: ${error.message}`);
    this.#failed = true;
  }
}
