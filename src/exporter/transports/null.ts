import { OK, type Ok, type Transport } from '../transport.js';

/** The `null` transport: accepts everything and writes nothing. */
export class NullTransport implements Transport {
  readonly target = 'nowhere';
  readonly needs = 'bytes';

  async connect(): Promise<Ok> {
    return OK;
  }

  send(): Ok {
    return OK;
  }

  async close(): Promise<Ok> {
    return OK;
  }
}
