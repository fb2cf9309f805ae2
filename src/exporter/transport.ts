import type { EncodedPiece } from './encoded-piece.js';

/** Success: everything was accepted. */
export interface Ok {
  readonly kind: 'ok';
}

/** Nothing was accepted, because the target cannot be reached. */
export interface NotConnected {
  readonly kind: 'not-connected';
  /** The reason, without the name of the target. */
  readonly reason: string;
  /**
   * Undefined if a retry may succeed. `failed`: no retry will succeed. `closed`: the reader has closed the output, which is not a
   * failure.
   */
  readonly permanent?: 'failed' | 'closed';
}

/** Nothing was accepted, because the target asks the sender to wait. */
export interface BackOff {
  readonly kind: 'back-off';
  readonly milliseconds: number;
  readonly reason: string;
}

/** Records that were not accepted, from `from` up to `to`, exclusive, counted over all pieces of the call. */
export interface FailedRecords {
  readonly from: number;
  readonly to: number;
  /** `retry`: a retry may succeed. `reject`: the target will never accept the records. */
  readonly action: 'retry' | 'reject';
  readonly reason: string;
}

/** All records were accepted except those in `failed`. */
export interface PartialResult {
  readonly kind: 'partial';
  /** In the order of the records. */
  readonly failed: readonly FailedRecords[];
}

/** The result of an attempt to connect. */
export type ConnectResult = Ok | NotConnected | BackOff;

/** The result of an attempt to send. */
export type SendResult = ConnectResult | PartialResult;

export const OK: Ok = { kind: 'ok' };

/**
 * Sends encoded records to a target. A transport tries once and returns the result. It never retries, queues, drops or counts:
 * `Delivery` does that. Calls do not overlap, except that {@link Transport.close} may be called while a call takes too long.
 */
export interface Transport {
  /** The name of the target in messages: a path or an address. */
  readonly target: string;
  /** The parts of a piece that it uses: only the bytes, or also the details of each record, which take time to collect. */
  readonly needs: 'bytes' | 'records';
  /** Most pieces in one call of {@link send}; 1 if undefined. */
  readonly mostPieces?: number;
  /** Prepares to send. Called before the first piece, and again after `not-connected`. */
  connect(): Promise<ConnectResult>;
  /** Sends whole records. The bytes do not change until the result is known. */
  send(pieces: readonly EncodedPiece[]): SendResult | Promise<SendResult>;
  /** Opens the file again after the old one was moved away; undefined for targets that are not files. */
  reopen?(): Promise<ConnectResult>;
  /** Writes buffered data and closes the target. */
  close(): Promise<ConnectResult>;
}
