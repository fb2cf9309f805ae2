import type { TransportEvents } from '../../../../src/exporter/transport.js';

/** What a transport told. */
export class KeptEvents implements TransportEvents {
  readonly told: string[] = [];

  failed(message: string): void {
    this.told.push(`failed: ${message}`);
  }
  recovered(message: string): void {
    this.told.push(`recovered: ${message}`);
  }
  warned(message: string): void {
    this.told.push(`warned: ${message}`);
  }
  closed(): void {
    this.told.push('closed');
  }
}

/** So many records as one piece, each a line that starts with `first` and a number. */
export function piece(first: string, records: number, length = 20): Uint8Array {
  const lines = Array.from({ length: records }, (_, i) => `${`${first}-${i}`.padEnd(length - 1, '.')}\n`);
  return Buffer.from(lines.join(''));
}
