import { toBigInt } from '../sysflow/int64.js';

const NEWLINE = 10;

/** Approximate memory of a piece besides its bytes. */
const PIECE_OVERHEAD = 512;

/** Approximate memory of the details of a record. */
const RECORD_OVERHEAD = 128;

/** Details of the records of a piece: each list has one value per record. */
export interface RecordDetails {
  /** Two numbers for each record, low half first. */
  readonly times: number[];
  /** 0 if no rule matched. */
  readonly severities: number[];
  readonly nodes: string[];
  readonly identities: string[];
}

/** Encoded records that are handed over together, each a line with its end. */
export class EncodedPiece {
  readonly bytes: Uint8Array;
  /** How many records it holds. */
  readonly count: number;
  readonly #details: RecordDetails | null;
  readonly #first: number;
  readonly #onSettled: ((isDelivered: boolean) => void) | null;
  /** Where each record ends, computed on first use. */
  #ends: number[] | null = null;

  /**
   * @param bytes as many lines as records, or empty if the transport discards them
   * @param details of each record; null for a transport that needs the bytes alone
   * @param onSettled called once the piece is settled, with whether all records were delivered
   * @param first the place of the first record in `details`
   */
  constructor(
    bytes: Uint8Array,
    count: number,
    details: RecordDetails | null = null,
    onSettled: ((isDelivered: boolean) => void) | null = null,
    first = 0,
  ) {
    this.bytes = bytes;
    this.count = count;
    this.#details = details;
    this.#onSettled = onSettled;
    this.#first = first;
  }

  /** Bytes of memory that it takes. */
  get size(): number {
    return this.bytes.length + PIECE_OVERHEAD + (this.#details === null ? 0 : this.count * RECORD_OVERHEAD);
  }

  /** Where a record ends in the bytes, behind its line end. */
  end(index: number): number {
    this.#ends ??= lineEnds(this.bytes, this.count);
    return this.#ends[index]!;
  }

  /** Where a record starts in the bytes. */
  start(index: number): number {
    return index === 0 ? 0 : this.end(index - 1);
  }

  /** When a record begins, nanoseconds since the epoch. */
  time(index: number): bigint {
    const { times } = this.#known;
    const at = (this.#first + index) * 2;
    return toBigInt(times[at]!, times[at + 1]!);
  }

  /** The priority of the gravest rule that a record matched, 1 low to 3 high; null if none did. */
  severity(index: number): number | null {
    return this.#known.severities[this.#first + index]! || null;
  }

  /** The exporter id in the header of the trace that a record comes from. */
  node(index: number): string {
    return this.#known.nodes[this.#first + index]!;
  }

  /** A hash of what identifies a record; see `recordIdentity`. */
  identity(index: number): string {
    return this.#known.identities[this.#first + index]!;
  }

  /** The records from one up to another as a piece of their own, in the same memory. */
  slice(from: number, to: number): EncodedPiece {
    const bytes = this.bytes.subarray(this.start(from), to === from ? this.start(from) : this.end(to - 1));
    return new EncodedPiece(bytes, to - from, this.#details, null, this.#first + from);
  }

  /** Settles the piece, whose bytes may then be reused; called once. */
  settle(isDelivered: boolean): void {
    this.#onSettled?.(isDelivered);
  }

  get #known(): RecordDetails {
    if (this.#details === null) throw new TypeError("a transport that needs 'bytes' knows nothing of the records");
    return this.#details;
  }
}

/** Where the lines of some bytes end; a piece without bytes has records all the same. */
function lineEnds(bytes: Uint8Array, count: number): number[] {
  const ends: number[] = [];
  for (let at = 0; ends.length < count; ) {
    const next = bytes.indexOf(NEWLINE, at);
    at = next === -1 ? bytes.length : next + 1;
    ends.push(at);
  }
  return ends;
}
