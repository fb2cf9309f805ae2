import type { OutputEvents } from '../../../src/exporter/delivery/create-delivery.js';

/** What an output told. */
export class RecordedEvents implements OutputEvents {
  readonly told: string[] = [];

  failed(message: string): void {
    this.told.push(`failed: ${message}`);
  }
  retrying(message: string): void {
    this.told.push(`retrying: ${message}`);
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

/** So many records as the bytes of a piece, each a line that starts with `first` and a number. */
export function piece(first: string, records: number, length = 20): Uint8Array {
  const lines = Array.from({ length: records }, (_, i) => `${`${first}-${i}`.padEnd(length - 1, '.')}\n`);
  return Buffer.from(lines.join(''));
}
