import type { Transport, TransportStatistics } from '../transport.js';

/** The `null` transport: counts and drops. */
export class NullTransport implements Transport {
  readonly statistics: TransportStatistics = { records: 0, bytes: 0, lost: 0 };

  async open(): Promise<null> {
    return null;
  }

  write(piece: Uint8Array, records: number): undefined {
    this.statistics.records += records;
    this.statistics.bytes += piece.length;
  }

  async reopen(): Promise<void> {}

  async close(): Promise<void> {}
}
