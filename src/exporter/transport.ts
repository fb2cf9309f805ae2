import type { EncodedPiece } from './encoded-piece.js';

/** All is well: everything that was handed over has been taken. */
export interface Ok {
  readonly kind: 'ok';
}

/** Nothing was taken, since the other end cannot be reached. */
export interface NotConnected {
  readonly kind: 'not-connected';
  /** Why, without the name of the target. */
  readonly reason: string;
  /**
   * Left out where another try may work. `failed`: none will. `closed`: nobody reads the output any more, which is no failure
   * of the output.
   */
  readonly permanent?: 'failed' | 'closed';
}

/** Nothing was taken, since the other end asks to wait. */
export interface BackOff {
  readonly kind: 'back-off';
  readonly milliseconds: number;
  readonly reason: string;
}

/** Records that were not taken: those from `from` up to `to`, counted over all pieces of the call. */
export interface FailedRecords {
  readonly from: number;
  readonly to: number;
  /** `retry`: another try may work. `reject`: the other end will never take them. */
  readonly action: 'retry' | 'reject';
  readonly reason: string;
}

/** All records were taken but some. */
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
  /** Where it writes, as messages call it: a path, an address. */
  readonly target: string;
  /** What it uses of a piece: the bytes alone, or what is known of each record as well, which costs time to gather. */
  readonly needs: 'bytes' | 'records';
  /** How many pieces one call of {@link send} may take; left out: one. */
  readonly mostPieces?: number;
  /** Gets ready to send: before the first piece, and again after `not-connected`. */
  connect(): Promise<ConnectResult>;
  /** Sends whole records. The bytes stay as they are until the result is there. */
  send(pieces: readonly EncodedPiece[]): SendResult | Promise<SendResult>;
  /** Starts a new file, since somebody moved the old one away; left out where that means nothing. */
  reopen?(): Promise<ConnectResult>;
  /** Writes out what it may still hold, and closes. */
  close(): Promise<ConnectResult>;
}
