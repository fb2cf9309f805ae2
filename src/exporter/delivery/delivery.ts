import { counted } from '../../telemetry/counted.js';
import type { EncodedPiece } from '../encoded-piece.js';
import type { NotConnected, PartialResult, SendResult, Transport } from '../transport.js';
import { backoffDelay, type DeliveryPolicy } from './policy.js';
import { type DeliveryStatistics, type LossKind, LossReasons } from './statistics.js';

/** The events of a delivery. Each is reported once when a condition starts, not for every record. */
export interface DeliveryEvents {
  /** Records are being lost. The message has the target and the reason. */
  failed(message: string): void;
  /** Sending failed and will be retried; nothing is lost so far. */
  retrying(message: string): void;
  /** Sending works again. */
  recovered(message: string): void;
  /** The reader has closed the output (a closed pipe). */
  closed(): void;
}

export interface DeliveryEnvironment {
  /** Returns the current time in milliseconds. */
  readonly now: () => number;
  /** Returns a random number from 0 up to 1, exclusive. */
  readonly random: () => number;
  /** Resolves after the given time, or as soon as the signal is aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly events: DeliveryEvents;
}

/** A piece that was offered and is not yet settled. */
interface Pending {
  readonly piece: EncodedPiece;
  /** Records that are not yet delivered or lost. */
  left: number;
  isLost: boolean;
}

/** Records of a piece, from `from` up to `to`, exclusive. */
interface Span {
  readonly pending: Pending;
  readonly from: number;
  readonly to: number;
}

/** Longest pause in milliseconds, even if the target asks for a longer one. */
const LONGEST_PAUSE = 3_600_000;

/** The last event reported about a lasting failure. */
type Reported = 'nothing' | 'retrying' | 'failed';

/**
 * Sends pieces to a transport in order. For every transport, it retries, applies back-pressure or drops records when the queue is
 * full, and counts.
 *
 * One group of pieces is sent at a time; a bounded queue holds the following ones. After as many consecutive failures as the policy
 * allows, all of them are lost, and so is every new piece, until one that is offered after `retry.delay` is sent successfully.
 */
export class Delivery {
  readonly statistics: DeliveryStatistics = {
    records: 0,
    bytes: 0,
    retried: 0,
    lost: 0,
    rejected: 0,
    dropped: 0,
    unread: 0,
  };
  /** Number of records lost for each reason. */
  readonly reasons: LossReasons = new LossReasons();
  /** The name in messages and counts: the transport and its target. */
  readonly name: string;
  readonly #transport: Transport;
  readonly #policy: DeliveryPolicy;
  readonly #environment: DeliveryEnvironment;
  /** Records that are being sent, or sent next. */
  #sending: readonly Span[] = [];
  /** Records to retry after that: a piece may split into more ranges than the transport accepts in one call. */
  #rest: readonly Span[] = [];
  readonly #queue: Pending[] = [];
  /** Memory of all unsettled pieces in bytes. */
  #bytes = 0;
  #isConnected = false;
  /** Consecutive failed attempts. */
  #failures = 0;
  #reported: Reported = 'nothing';
  #isDropReported = false;
  /** Until this time nothing is sent and new pieces are lost; null unless the last attempt exhausted its retries. */
  #losingUntil: number | null = null;
  /** Why sending has ended for good; null while it has not. */
  #ended: NotConnected['permanent'] | null = null;
  #endReason = '';
  /** Why the last attempt failed. */
  #lastReason = '';
  /** The time from which nothing is retried; null before draining. */
  #deadline: number | null = null;
  /** Callbacks waiting for room in the queue. */
  #waiting: (() => void)[] = [];
  #reopening: (() => void)[] = [];
  /** Ends the pause before the next attempt. */
  #pausing: AbortController | null = null;
  /** Settles when the delivery becomes idle; null while it is idle. */
  #running: Promise<void> | null = null;
  #onIdle: () => void = () => {};
  /** Whether a call of the transport did not settle before the deadline. */
  #isAbandoned = false;

  constructor(name: string, transport: Transport, policy: DeliveryPolicy, environment: DeliveryEnvironment) {
    this.name = `${name} (${transport.target})`;
    this.#transport = transport;
    this.#policy = policy;
    this.#environment = environment;
  }

  /** The parts of a piece that the transport uses. */
  get needs(): Transport['needs'] {
    return this.#transport.needs;
  }

  /**
   * Connects for the first time.
   *
   * @returns the target and the reason of a failure; null if it succeeded, or will be retried with the first piece
   */
  async open(): Promise<string | null> {
    const result = await settled(() => this.#transport.connect());
    if (result.kind === 'ok') {
      this.#isConnected = true;
      return null;
    }
    const isFinal = (result.kind === 'not-connected' && result.permanent) || this.#policy.retries === 0;
    if (isFinal) return this.#withTarget(result.reason);
    this.#report('retrying', result.reason);
    return null;
  }

  /**
   * Accepts a piece, which is settled when it is delivered or lost.
   *
   * @returns a promise that settles when there is room for the next one; undefined if there is room
   */
  offer(piece: EncodedPiece): Promise<void> | undefined {
    const pending: Pending = { piece, left: piece.count, isLost: false };
    this.#bytes += piece.size;
    if (pending.left === 0) {
      this.#settle(pending);
      return undefined;
    }
    if (this.#isLosing()) {
      this.#lose([wholeOf(pending)], 'lost', this.#endReason);
      return undefined;
    }
    if (this.#running !== null) return this.#enqueue(pending);
    this.#sending = [wholeOf(pending)];
    const result = this.#isConnected ? this.#send() : this.#connectAndSend();
    if (!(result instanceof Promise) && result.kind === 'ok') {
      this.#processResult(result);
      return undefined;
    }
    this.#start(result);
    return this.#room();
  }

  /** Counts records that were lost before they were offered. */
  countLost(records: number, reason: string): void {
    this.statistics.lost += records;
    this.reasons.add(reason, records);
  }

  /** Opens the file of a file transport again, after the pieces that are being sent. */
  reopen(): Promise<void> {
    if (this.#transport.reopen === undefined || this.#ended !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#reopening.push(resolve);
      this.#pausing?.abort();
      if (this.#running === null) this.#start(null);
    });
  }

  /** Prepares for the end of the program: failed records are retried for at most `retry.drain`, then they are lost. */
  drain(): void {
    if (this.#deadline !== null) return;
    this.#deadline = this.#environment.now() + this.#policy.drain;
    this.#pausing?.abort();
    if (this.#running !== null) void this.#abandonLate(this.#running);
  }

  /** Waits until every offered piece is delivered or lost, and closes the transport. */
  async close(): Promise<void> {
    this.drain();
    while (this.#running !== null) await this.#running;
    const closing = settled(() => this.#transport.close());
    if (this.#isAbandoned) return;
    const result = await closing;
    if (result.kind !== 'ok') this.#environment.events.failed(this.#withTarget(result.reason));
  }

  /** Starts sending. @param first the result of an attempt already made, or null */
  #start(first: SendResult | Promise<SendResult> | null): void {
    this.#running = new Promise((resolve) => {
      this.#onIdle = resolve;
    });
    if (this.#deadline !== null) void this.#abandonLate(this.#running);
    void this.#run(first);
  }

  /** Sends until nothing is left, starting with the result of an attempt. */
  async #run(first: SendResult | Promise<SendResult> | null): Promise<void> {
    let pause = first === null ? 0 : this.#processResult(await settled(() => first));
    for (;;) {
      if (pause > 0) {
        await this.#pause(pause);
        this.statistics.retried += this.#sending.reduce((sum, { from, to }) => sum + to - from, 0);
      }
      while (this.#reopening.length > 0) await this.#reopenTransport();
      if (this.#sending.length === 0 && !this.#selectNext()) break;
      pause = this.#processResult(await this.#connectAndSend());
    }
    this.#stop();
  }

  #stop(): void {
    this.#running = null;
    this.#onIdle();
  }

  async #connectAndSend(): Promise<SendResult> {
    if (!this.#isConnected) {
      const result = await settled(() => this.#transport.connect());
      if (result.kind !== 'ok') return result;
      this.#isConnected = true;
    }
    return settled(() => this.#send());
  }

  #send(): SendResult | Promise<SendResult> {
    const pieces = this.#sending.map(({ pending: { piece }, from, to }) =>
      to - from === piece.count ? piece : piece.slice(from, to),
    );
    try {
      const result = this.#transport.send(pieces);
      return result instanceof Promise ? result : checked(result);
    } catch (error) {
      return thrown(error);
    }
  }

  /** Selects the next records to send. Returns whether there are any. */
  #selectNext(): boolean {
    if (this.#rest.length > 0) this.#sendNext(this.#rest);
    else this.#sending = this.#queue.splice(0, this.#mostPieces).map(wholeOf);
    return this.#sending.length > 0;
  }

  /** Selects the first spans for the next call, and keeps the others for the calls after it. */
  #sendNext(spans: readonly Span[]): void {
    this.#sending = spans.slice(0, this.#mostPieces);
    this.#rest = spans.slice(this.#mostPieces);
  }

  get #mostPieces(): number {
    return this.#transport.mostPieces ?? 1;
  }

  /**
   * Processes the result of an attempt.
   *
   * @returns milliseconds until the next attempt
   */
  #processResult(result: SendResult): number {
    switch (result.kind) {
      case 'ok':
        this.#deliver(this.#sending);
        this.#sending = [];
        this.#noteSuccess();
        return 0;
      case 'partial':
        return this.#processPartial(result);
      case 'not-connected':
        this.#isConnected = false;
        if (result.permanent === undefined) return this.#fail(result.reason, 0);
        this.#end(result.permanent, result.reason);
        return 0;
      case 'back-off':
        return this.#fail(result.reason, result.milliseconds);
    }
  }

  #processPartial({ failed }: PartialResult): number {
    const total = this.#sending.reduce((sum, { from, to }) => sum + to - from, 0);
    const retried: Span[] = [];
    let reason = '';
    let next = 0;
    for (const one of failed) {
      const from = Math.max(next, one.from);
      const to = Math.min(total, one.to);
      if (!(from < to)) continue;
      this.#deliver(part(this.#sending, next, from));
      const spans = part(this.#sending, from, to);
      if (one.action === 'reject') this.#reject(spans, one.reason);
      else {
        retried.push(...spans);
        reason = one.reason;
      }
      next = to;
    }
    this.#deliver(part(this.#sending, next, total));
    this.#sending = retried;
    if (retried.length === 0) {
      this.#noteSuccess();
      return 0;
    }
    if (++this.#failures > this.#policy.retries || this.#isLate()) {
      // The transport works: only these records are lost.
      this.#failures = 0;
      this.#report('failed', reason);
      this.#loseSending(reason);
      return 0;
    }
    this.#sendNext([...retried, ...this.#rest]);
    return this.#pauseBeforeRetry(reason, 0);
  }

  /** Processes an attempt that delivered nothing. @returns milliseconds until the next attempt */
  #fail(reason: string, least: number): number {
    if (this.#ended !== null) return 0;
    if (++this.#failures <= this.#policy.retries && !this.#isLate()) return this.#pauseBeforeRetry(reason, least);
    this.#endReason = reason;
    this.#losingUntil = this.#environment.now() + this.#policy.delay;
    this.#report('failed', reason);
    this.#loseAll(reason);
    return 0;
  }

  #pauseBeforeRetry(reason: string, least: number): number {
    this.#report('retrying', reason);
    const own = backoffDelay(this.#policy, this.#failures, this.#environment.random());
    const pause = Math.min(LONGEST_PAUSE, Number.isFinite(least) ? Math.max(least, own) : own);
    const left = this.#deadline === null ? pause : this.#deadline - this.#environment.now();
    return Math.max(1, Math.min(pause, left));
  }

  /** Ends sending for good: all current and future records are lost. */
  #end(how: 'failed' | 'closed', reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = how;
    this.#endReason = reason;
    if (how === 'closed') this.#environment.events.closed();
    else this.#report('failed', reason);
    this.#loseAll(reason);
  }

  /** Gives up unsent records at the deadline if sending fails, or if the policy does not block. */
  async #abandonLate(running: Promise<void>): Promise<void> {
    const done = new AbortController();
    void running.then(() => done.abort());
    await this.#environment.wait(Math.max(0, this.#deadline! - this.#environment.now()), done.signal);
    if (this.#running !== running) return;
    if (this.#policy.overflow === 'block' && this.#reported === 'nothing') return;
    this.#isAbandoned = true;
    const late = 'not everything was written within `retry.drain`';
    this.#end('failed', this.#reported === 'nothing' ? late : this.#lastReason);
    this.#stop();
  }

  #noteSuccess(): void {
    this.#failures = 0;
    this.#losingUntil = null;
    if (this.#reported === 'nothing' || this.#ended !== null) return;
    this.#reported = 'nothing';
    const lost = counted(this.statistics.lost, 'record was', 'records were');
    const what = this.statistics.lost === 0 ? 'nothing was' : lost;
    this.#environment.events.recovered(this.#withTarget(`writing again, ${what} lost`));
  }

  /** Whether new pieces are lost without an attempt. */
  #isLosing(): boolean {
    return this.#ended !== null || (this.#losingUntil !== null && this.#environment.now() < this.#losingUntil);
  }

  /** Whether it is too late to retry. */
  #isLate(): boolean {
    return this.#deadline !== null && this.#environment.now() >= this.#deadline;
  }

  #enqueue(pending: Pending): Promise<void> | undefined {
    const { queueSize, overflow } = this.#policy;
    const isFull = (): boolean => this.#bytes > queueSize;
    if (overflow === 'dropNewest' && isFull()) {
      this.#drop(pending);
      return undefined;
    }
    while (overflow === 'dropOldest' && isFull() && this.#queue.length > 0) this.#drop(this.#queue.shift()!);
    this.#queue.push(pending);
    return this.#room();
  }

  #drop(pending: Pending): void {
    const reason = 'the queue was full';
    if (!this.#isDropReported) {
      this.#environment.events.failed(`${this.name}: the queue is full; records are dropped`);
    }
    this.#isDropReported = true;
    this.#lose([wholeOf(pending)], 'dropped', reason);
  }

  get #hasRoom(): boolean {
    return this.#bytes === 0 || this.#bytes < this.#policy.queueSize;
  }

  #room(): Promise<void> | undefined {
    if (this.#policy.overflow !== 'block' || this.#hasRoom) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #deliver(spans: readonly Span[]): void {
    for (const { pending, from, to } of spans) {
      const { piece } = pending;
      this.statistics.records += to - from;
      this.statistics.bytes += to - from === piece.count ? piece.bytes.length : piece.end(to - 1) - piece.start(from);
      this.#count(pending, to - from);
    }
  }

  #reject(spans: readonly Span[], reason: string): void {
    const isNew = this.reasons.isNew(reason);
    this.#lose(spans, 'rejected', reason);
    if (isNew) this.#environment.events.failed(this.#withTarget(`records were rejected: ${reason}`));
  }

  #loseSending(reason: string): void {
    const spans = this.#sending;
    this.#sending = [];
    this.#lose(spans, 'lost', reason);
  }

  #loseAll(reason: string): void {
    const rest = this.#rest;
    this.#rest = [];
    this.#loseSending(reason);
    this.#lose(rest, 'lost', reason);
    this.#lose(this.#queue.splice(0).map(wholeOf), 'lost', reason);
  }

  #lose(spans: readonly Span[], kind: LossKind, reason: string): void {
    const counter = kind === 'lost' && this.#ended === 'closed' ? 'unread' : kind;
    for (const { pending, from, to } of spans) {
      this.statistics[counter] += to - from;
      if (counter !== 'unread') this.reasons.add(reason, to - from);
      pending.isLost = true;
      this.#count(pending, to - from);
    }
  }

  #count(pending: Pending, records: number): void {
    pending.left -= records;
    if (pending.left === 0) this.#settle(pending);
  }

  #settle({ piece, isLost }: Pending): void {
    this.#bytes -= piece.size;
    piece.settle(!isLost);
    if (this.#waiting.length === 0 || !this.#hasRoom) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async #pause(milliseconds: number): Promise<void> {
    this.#pausing = new AbortController();
    await this.#environment.wait(milliseconds, this.#pausing.signal);
    this.#pausing = null;
  }

  async #reopenTransport(): Promise<void> {
    const waiting = this.#reopening;
    this.#reopening = [];
    const result = await settled(() => this.#transport.reopen!());
    this.#isConnected = result.kind === 'ok';
    if (result.kind !== 'ok') this.#fail(result.reason, 0);
    for (const resolve of waiting) resolve();
  }

  #report(what: Exclude<Reported, 'nothing'>, reason: string): void {
    this.#lastReason = reason;
    if (this.#reported === what || this.#reported === 'failed') return;
    this.#reported = what;
    if (what === 'failed') this.#environment.events.failed(this.#withTarget(reason));
    else this.#environment.events.retrying(this.#withTarget(`${reason}; retrying`));
  }

  #withTarget(message: string): string {
    return `${this.#transport.target}: ${message}`;
  }
}

function wholeOf(pending: Pending): Span {
  return { pending, from: 0, to: pending.piece.count };
}

/** The records from `from` up to `to`, exclusive, counted over all spans. */
function part(spans: readonly Span[], from: number, to: number): Span[] {
  const parts: Span[] = [];
  let at = 0;
  for (const span of spans) {
    const start = span.from + Math.max(0, from - at);
    const end = Math.min(span.to, span.from + to - at);
    if (start < end) parts.push({ pending: span.pending, from: start, to: end });
    at += span.to - span.from;
  }
  return parts;
}

/** Returns the result of a call; an error, or a value that is not a result, counts as not connected. */
async function settled<Result extends SendResult>(
  work: () => Result | Promise<Result>,
): Promise<Result | NotConnected> {
  try {
    return checked(await work());
  } catch (error) {
    return thrown(error);
  }
}

/** Checks a result: a transport written in JavaScript may return any value. */
function checked<Result extends SendResult>(result: Result): Result | NotConnected {
  const { kind, failed } = (result ?? {}) as { readonly kind?: unknown; readonly failed?: unknown };
  const isKnown = kind === 'partial' ? Array.isArray(failed) : KINDS.has(kind);
  return isKnown ? result : { kind: 'not-connected', reason: 'the transport returned no valid result' };
}

const KINDS: ReadonlySet<unknown> = new Set<SendResult['kind']>(['ok', 'not-connected', 'back-off']);

function thrown(error: unknown): NotConnected {
  return { kind: 'not-connected', reason: error instanceof Error ? error.message : String(error) };
}
