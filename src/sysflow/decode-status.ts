/**
 * The result of decoding a record.
 *
 * Generated code and its helper functions signal an error by the position that they return. A *fault position* is
 * beyond any buffer, and each status has its own range. Whatever is still read for the invalid record (bytes beyond the
 * buffer read as zeros) does not leave that range. The decoder therefore checks the position once per record, and the
 * helpers need no further checks.
 */
export const DecodeStatus = {
  ok: 0,
  /** The record extends beyond the end of the bytes. */
  truncated: 1,
  /** A variable-length integer of more than 64 bits. */
  varint: 2,
  /** A 32-bit integer that exceeds 32 bits. */
  intRange: 3,
  /** A length that is negative, beyond the bytes, or above the limit. */
  length: 4,
  /** A union branch that does not exist or does not match the field. */
  branch: 5,
  /** An enum symbol that does not exist. */
  symbol: 6,
  /** A number of items that is beyond the bytes or above the limit. */
  count: 7,
  /** Data under an unknown field that is nested too deep. */
  depth: 8,
  /** Bytes left over after the record of a packet. */
  trailing: 9,
} as const;

/** One value of {@link DecodeStatus}. */
export type DecodeStatus = (typeof DecodeStatus)[keyof typeof DecodeStatus];

/** What each status means, by status. */
export const DECODE_STATUS_TEXTS: readonly string[] = [
  'decoded',
  'record is truncated',
  'integer of more than 64 bits',
  'integer of more than 32 bits',
  'length out of range',
  'union branch out of range',
  'enum symbol out of range',
  'item count out of range',
  'nested too deep',
  'bytes left over',
];

/** First fault position; no buffer is this long (`Limits.blockBytes` is always below it). */
export const FAULT_BASE = 0x1000_0000;
const FAULT_SHIFT = 24;

/** Returns the fault position of a status. */
export function fault(status: DecodeStatus): number {
  return FAULT_BASE + (status << FAULT_SHIFT);
}

/** Returns the status of a position beyond the end of the bytes. */
export function statusOf(position: number): DecodeStatus {
  if (position < FAULT_BASE) return DecodeStatus.truncated;
  return ((position - FAULT_BASE) >> FAULT_SHIFT) as DecodeStatus;
}
