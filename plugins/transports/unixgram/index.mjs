/** A transport that sends each record as a datagram to a Unix socket. */
import { DatagramSocket, fits } from './socket.mjs';

/** How long to wait where the other end has no room, milliseconds. */
const WAIT = 10;

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
   * @returns {import('sfprocessor').SendResult}
   */
  send([piece]) {
    /** @type {import('sfprocessor').FailedRecords[]} */
    const failed = [];
    for (let i = 0; piece !== undefined && i < piece.count; i++) {
      // Without the line end.
      const reason = this.#socket?.send(piece.bytes.subarray(piece.start(i), piece.end(i) - 1)) ?? null;
      if (reason === 'EMSGSIZE') failed.push({ from: i, to: i + 1, action: 'reject', reason: 'it is too long' });
      else if (reason !== null) {
        if (i === 0) return this.#nothingTaken(reason);
        // The others are sent again, and what is wrong is found then.
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
   * @param {string} reason
   * @returns {import('sfprocessor').SendResult}
   */
  #nothingTaken(reason) {
    return reason === 'EAGAIN' ? { kind: 'back-off', milliseconds: WAIT, reason } : { kind: 'not-connected', reason };
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
