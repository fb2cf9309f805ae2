import type { FlatBatch } from '../records/flat-batch.js';
import { FlatRecord } from '../records/flat-record.js';
import { SLOT_TS } from '../sysflow/record-batch.js';
import type { ByteBuffer } from './byte-buffer.js';
import type { RecordDetails } from './encoded-piece.js';
import { recordIdentity } from './record-identity.js';

const NEWLINE = 10;

/** Collects details of records while they are encoded, for transports that need them. */
export class DetailsGatherer {
  readonly #record = new FlatRecord();
  #details: RecordDetails = noDetails();
  /** The offset of the next record in the buffer. */
  #at = 0;
  /** The offsets at which records were omitted. */
  #skipped: number[] = [];

  /** Notes that a record was omitted at the end of the buffer. */
  skip(end: number): void {
    this.#skipped.push(end);
  }

  /** Collects the details of rows of a batch whose lines were just appended to the buffer. */
  gather(batch: FlatBatch, from: number, to: number, out: ByteBuffer): void {
    const { times, severities, nodes, identities } = this.#details;
    const bytes = out.written;
    for (let i = from; i < to; i++) {
      if (this.#skipped[0] === this.#at) {
        this.#skipped.shift();
        continue;
      }
      const record = this.#record.moveTo(batch, batch.rows[i]!);
      times.push(record.slots[record.base + SLOT_TS]!, record.slots[record.base + SLOT_TS + 1]!);
      severities.push(Math.max(0, ...(record.context?.rules ?? []).map(({ priority }) => priority)));
      nodes.push(record.header.exporter);
      identities.push(recordIdentity(record));
      this.#at = bytes.indexOf(NEWLINE, this.#at) + 1;
    }
    this.#at = bytes.length;
  }

  /** Returns the details collected since the last call, for a full buffer. */
  take(): RecordDetails {
    const details = this.#details;
    this.#details = noDetails();
    this.#at = 0;
    return details;
  }
}

function noDetails(): RecordDetails {
  return { times: [], severities: [], nodes: [], identities: [] };
}
