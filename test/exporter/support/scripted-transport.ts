import type { EncodedPiece } from '../../../src/exporter/encoded-piece.js';
import { type ConnectResult, OK, type SendResult, type Transport } from '../../../src/exporter/transport.js';

/** What a script gives for a call: a result, or one that a test settles later, or an error to throw. */
export type Step<Result> = Result | Promise<Result> | Error;

/** Gives the results of a script, then `ok`, and keeps the records that were taken. */
export class ScriptedTransport implements Transport {
  readonly target = 'memory';
  readonly needs: Transport['needs'];
  readonly mostPieces: number;
  readonly sends: Step<SendResult>[];
  readonly connects: Step<ConnectResult>[];
  readonly reopens: Step<ConnectResult>[] = [];
  /** The lines that were taken, without their ends. */
  readonly taken: string[] = [];
  /** The calls, in order. */
  readonly calls: string[] = [];
  closed = 0;

  constructor(
    sends: readonly Step<SendResult>[] = [],
    connects: readonly Step<ConnectResult>[] = [],
    options: { readonly needs?: Transport['needs']; readonly mostPieces?: number } = {},
  ) {
    this.sends = [...sends];
    this.connects = [...connects];
    this.needs = options.needs ?? 'bytes';
    this.mostPieces = options.mostPieces ?? 1;
  }

  async connect(): Promise<ConnectResult> {
    this.calls.push('connect');
    return resolved(this.connects.shift() ?? OK);
  }

  send(pieces: readonly EncodedPiece[]): SendResult | Promise<SendResult> {
    this.calls.push(`send ${linesOf(pieces).join(' ')}`);
    const step = resolved(this.sends.shift() ?? OK);
    return step instanceof Promise ? step.then((result) => this.#take(pieces, result)) : this.#take(pieces, step);
  }

  async reopen(): Promise<ConnectResult> {
    this.calls.push('reopen');
    return resolved(this.reopens.shift() ?? OK);
  }

  async close(): Promise<ConnectResult> {
    this.closed++;
    return OK;
  }

  #take(pieces: readonly EncodedPiece[], result: SendResult): SendResult {
    const failed = result.kind === 'partial' ? result.failed : null;
    if (result.kind !== 'ok' && failed === null) return result;
    const lines = linesOf(pieces);
    this.taken.push(...lines.filter((_, i) => !failed?.some(({ from, to }) => from <= i && i < to)));
    return result;
  }
}

function resolved<Result>(step: Step<Result>): Result | Promise<Result> {
  if (step instanceof Error) throw step;
  return step;
}

function linesOf(pieces: readonly EncodedPiece[]): string[] {
  return pieces.flatMap(({ bytes }) => Buffer.from(bytes).toString().split('\n').slice(0, -1));
}
