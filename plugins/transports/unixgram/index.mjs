/** A transport that sends each record as a datagram to a Unix socket. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DatagramSocket, fits } from './socket.mjs';

/** How long the receiver may have no room before `back-off` is returned, and the interval of attempts, in milliseconds. */
const FULL = 1000;
const LOOK = 1;

/** @type {import('sfprocessor').SendResult & { kind: 'ok' }} */
const OK = { kind: 'ok' };

class UnixDatagrams {
  /** @type {'records'} */
  needs = 'records';
  /** @type {DatagramSocket | null} */
  #socket = null;

  /** @param {string} path */
  constructor(path) {
    this.target = path;
  }

  /** @returns {Promise<import('sfprocessor').ConnectResult>} */
  async connect() {
    this.#socket?.close();
    this.#socket = new DatagramSocket();
    const reason = this.#socket.connect(this.target);
    return reason === null ? OK : { kind: 'not-connected', reason };
  }

  /**
   * @param {readonly import('sfprocessor').EncodedPiece[]} pieces
   * @returns {Promise<import('sfprocessor').SendResult>}
   */
  async send([piece]) {
    /** @type {import('sfprocessor').FailedRecords[]} */
    const failed = [];
    for (let i = 0; piece !== undefined && i < piece.count; i++) {
      // Without the newline.
      const reason = await this.#sendOne(piece.bytes.subarray(piece.start(i), piece.end(i) - 1));
      if (reason === 'EMSGSIZE') failed.push({ from: i, to: i + 1, action: 'reject', reason: 'it is too long' });
      else if (reason !== null) {
        if (i === 0) return this.#nothingTaken(reason);
        // The rest is retried; a lasting problem shows up at the first record of the retry.
        return { kind: 'partial', failed: [...failed, { from: i, to: piece.count, action: 'retry', reason }] };
      }
    }
    return failed.length === 0 ? OK : { kind: 'partial', failed };
  }

  async close() {
    this.#socket?.close();
    this.#socket = null;
    return OK;
  }

  /**
   * Sends a datagram once the receiver has room. Its queue may hold only ten datagrams.
   *
   * @param {Uint8Array} datagram
   * @returns {Promise<string | null>} what failed
   */
  async #sendOne(datagram) {
    for (let waited = 0; ; waited += LOOK) {
      const reason = this.#socket?.send(datagram) ?? null;
      if (reason !== 'EAGAIN' || waited >= FULL) return reason;
      await sleep(LOOK);
    }
  }

  /**
   * @param {string} reason
   * @returns {import('sfprocessor').SendResult}
   */
  #nothingTaken(reason) {
    return reason === 'EAGAIN' ? { kind: 'back-off', milliseconds: FULL, reason } : { kind: 'not-connected', reason };
  }
}

/** @type {import('sfprocessor').TransportComponent<{ path: string }> & { apiVersion: 1 }} */
export default {
  apiVersion: 1,
  kind: 'transport',
  name: 'unixgram',
  summary: 'a Unix socket, a datagram for each record',
  options: {
    path: { type: 'text', default: '/run/sfprocessor.sock', description: 'The socket.' },
  },
  check: async ({ path }) => {
    if (!fits(path)) return [`'${path}' is too long for the path of a socket`];
    const socket = new DatagramSocket();
    const reason = socket.connect(path);
    socket.close();
    return reason === null ? [] : [`nothing receives at '${path}': ${reason}`];
  },
  create: ({ path }) => new UnixDatagrams(path),
};
