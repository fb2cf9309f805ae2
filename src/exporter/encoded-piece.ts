import { toBigInt } from '../sysflow/int64.js';

const NEWLINE = 10;

/** Approximate memory of a piece in addition to its bytes. */
const PIECE_OVERHEAD = 512;

/** Approximate memory of the details of a record. */
const RECORD_OVERHEAD = 128;

/** Details of the records of a piece; each list has one value for each record. */
export interface RecordDetails {
  /** Two numbers for each record, low half first. */
  readonly times: number[];
  /** 0 if no rule matched. */
  readonly severities: number[];
  readonly nodes: string[];
  readonly identities: string[];
}

/** Encoded records that are delivered together. Each record is a line that ends with a newline. */
export class EncodedPiece {
  readonly bytes: Uint8Array;
  /** Number of records. */
  readonly count: number;
  readonly #details: RecordDetails | null;
  readonly #first: number;
  readonly #onSettled: ((isDelivered: boolean) => void) | null;
  /** The end of each record; computed at first use. */
  #ends: number[] | null = null;

  /**
   * @param bytes one line for each record, or no bytes if the output is discarded
   * @param details details of each record; null for a transport that only needs the bytes
   * @param onSettled called once the bytes are no longer needed, with whether all records were delivered
   * @param first the index of the first record in `details`
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

  /** Approximate memory of the piece in bytes. */
  get size(): number {
    return this.bytes.length + PIECE_OVERHEAD + (this.#details === null ? 0 : this.count * RECORD_OVERHEAD);
  }

  /** The offset after the newline of a record. */
  end(index: number): number {
    this.#ends ??= lineEnds(this.bytes, this.count);
    return this.#ends[index]!;
  }

  /** The offset of a record. */
  start(index: number): number {
    return index === 0 ? 0 : this.end(index - 1);
  }

  /** The start of a record in nanoseconds since the epoch. */
  time(index: number): bigint {
    const { times } = this.#knownDetails;
    const at = (this.#first + index) * 2;
    return toBigInt(times[at]!, times[at + 1]!);
  }

  /** The highest priority of the rules that a record matched, 1 low to 3 high; null if none matched. */
  severity(index: number): number | null {
    return this.#knownDetails.severities[this.#first + index]! || null;
  }

  /** The exporter id in the header of the record's trace. */
  node(index: number): string {
    return this.#knownDetails.nodes[this.#first + index]!;
  }

  /** A hash of what identifies a record; see `recordIdentity`. */
  identity(index: number): string {
    return this.#knownDetails.identities[this.#first + index]!;
  }

  /** Returns the records from `from` up to `to`, exclusive, as a piece that shares the memory. */
  slice(from: number, to: number): EncodedPiece {
    const bytes = this.bytes.subarray(this.start(from), to === from ? this.start(from) : this.end(to - 1));
    return new EncodedPiece(bytes, to - from, this.#details, null, this.#first + from);
  }

  /** Reports that the piece is no longer needed. Call it once. */
  settle(isDelivered: boolean): void {
    this.#onSettled?.(isDelivered);
  }

  get #knownDetails(): RecordDetails {
    if (this.#details === null) throw new TypeError("a transport that needs 'bytes' gets no details of the records");
    return this.#details;
  }
}

/** The ends of the lines. A piece without bytes still has records. */
function lineEnds(bytes: Uint8Array, count: number): number[] {
  const ends: number[] = [];
  for (let at = 0; ends.length < count; ) {
    const next = bytes.indexOf(NEWLINE, at);
    at = next === -1 ? bytes.length : next + 1;
    ends.push(at);
  }
  return ends;
}
