import { connect, type Socket } from 'node:net';
import type { ConnectResult, EncodedPiece, SendResult, Transport, TransportComponent } from 'sfprocessor';

interface Options {
  readonly host: string;
  readonly port: number;
}

/** A transport that writes records to a TCP connection, a line each. */
const transport: TransportComponent<Options> & { readonly apiVersion: 1 } = {
  apiVersion: 1,
  kind: 'transport',
  name: '{{name}}',
  summary: 'a TCP connection, a line for each record',
  options: {
    host: { type: 'text', default: 'localhost', description: 'The server.' },
    port: { type: 'integer', minimum: 1, maximum: 65535, default: 9000, description: 'The port of the server.' },
  },
  create: ({ host, port }) => new Connection(host, port),
};

export default transport;

/** Tries once and says how that went: sfprocessor tries again, waits and counts. */
class Connection implements Transport {
  readonly target: string;
  readonly needs = 'bytes';
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | null = null;

  constructor(host: string, port: number) {
    this.target = `${host}:${port}`;
    this.#host = host;
    this.#port = port;
  }

  connect(): Promise<ConnectResult> {
    this.#socket?.destroy();
    return new Promise((resolve) => {
      const socket = connect(this.#port, this.#host, () => resolve({ kind: 'ok' }));
      // Errors after the connection come with the write that fails.
      socket.on('error', ({ message }) => resolve({ kind: 'not-connected', reason: message }));
      this.#socket = socket;
    });
  }

  send(pieces: readonly EncodedPiece[]): Promise<SendResult> {
    return new Promise((resolve) => {
      const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
      this.#socket?.write(bytes, (error) =>
        resolve(error ? { kind: 'not-connected', reason: error.message } : { kind: 'ok' }),
      );
    });
  }

  close(): Promise<ConnectResult> {
    return new Promise((resolve) => {
      if (this.#socket === null || this.#socket.destroyed) resolve({ kind: 'ok' });
      else this.#socket.end(() => resolve({ kind: 'ok' }));
    });
  }
}
