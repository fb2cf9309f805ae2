import type { EncodedPiece } from './encoded-piece.js';

/** Success: everything was accepted. */
export interface Ok {
  readonly kind: 'ok';
}

/** Nothing was accepted: the target cannot be reached. */
export interface NotConnected {
  readonly kind: 'not-connected';
  /** Why, without the name of the target. */
  readonly reason: string;
  /**
   * Absent if a retry may succeed. `failed`: no retry will. `closed`: the reader of the output has gone, which is not a failure
   * of the output.
   */
  readonly permanent?: 'failed' | 'closed';
}

/** Nothing was accepted: the target asks to wait. */
export interface BackOff {
  readonly kind: 'back-off';
  readonly milliseconds: number;
  readonly reason: string;
}

/** Records that were not accepted: those from `from` up to `to`, counted over all pieces of the call. */
export interface FailedRecords {
  readonly from: number;
  readonly to: number;
  /** `retry`: a retry may succeed. `reject`: the target will never accept them. */
  readonly action: 'retry' | 'reject';
  readonly reason: string;
}

/** All records but some were accepted. */
export interface PartialResult {
  readonly kind: 'partial';
  /** In the order of the records. */
  readonly failed: readonly FailedRecords[];
}

/** How an attempt to connect went. */
export type ConnectResult = Ok | NotConnected | BackOff;

/** How an attempt to send went. */
export type SendResult = ConnectResult | PartialResult;

export const OK: Ok = { kind: 'ok' };

/**
 * Where encoded records go. A transport tries once and says how that went: it never tries again, queues, drops or counts by
 * itself, which is the job of `Delivery`. Calls do not overlap, but {@link Transport.close} may come while a call takes too long.
 */
export interface Transport {
  /** The target as messages name it: a path, an address. */
  readonly target: string;
  /** The parts of a piece that it uses: the bytes alone, or the details of each record too, which cost time to collect. */
  readonly needs: 'bytes' | 'records';
  /** How many pieces one call of {@link send} may take; left out: one. */
  readonly mostPieces?: number;
  /** Gets ready to send: before the first piece, and again after `not-connected`. */
  connect(): Promise<ConnectResult>;
  /** Sends whole records. The bytes stay as they are until the result is there. */
  send(pieces: readonly EncodedPiece[]): SendResult | Promise<SendResult>;
  /** Reopens the file after another program has moved it; absent if that does not apply. */
  reopen?(): Promise<ConnectResult>;
  /** Flushes and closes. */
  close(): Promise<ConnectResult>;
}
