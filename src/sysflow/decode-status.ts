/**
 * How decoding a record ended.
 *
 * Generated code and its helpers signal an error by the position they return: a *fault position* lies beyond any buffer,
 * in a range of its own per status, so that whatever is still read for the broken record (bytes beyond the buffer read
 * as zeros) leaves it there. The decoder looks once per record, and the helpers need no other check.
 */
export const DecodeStatus = {
  ok: 0,
  /** The record runs past the end of the bytes. */
  truncated: 1,
  /** A variable-length integer of more than 64 bits. */
  varint: 2,
  /** A 32-bit integer that exceeds 32 bits. */
  intRange: 3,
  /** A length that is negative, beyond the bytes, or over the bound. */
  length: 4,
  /** A union branch that does not exist or does not fit the field. */
  branch: 5,
  /** An enum symbol that does not exist. */
  symbol: 6,
  /** A number of items that is beyond the bytes or over the bound. */
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
  'record is cut short',
  'integer of more than 64 bits',
  'integer of more than 32 bits',
  'length out of range',
  'union branch out of range',
  'enum symbol out of range',
  'item count out of range',
  'nested too deep',
  'bytes left over',
];

/** First fault position; no buffer is as long (`Limits.blockBytes` is held below it). */
export const FAULT_BASE = 0x1000_0000;
const FAULT_SHIFT = 24;

/** The fault position of a status. */
export function fault(status: DecodeStatus): number {
  return FAULT_BASE + (status << FAULT_SHIFT);
}

/** The status of a position that is beyond the end of the bytes. */
export function statusOf(position: number): DecodeStatus {
  if (position < FAULT_BASE) return DecodeStatus.truncated;
  return ((position - FAULT_BASE) >> FAULT_SHIFT) as DecodeStatus;
}
