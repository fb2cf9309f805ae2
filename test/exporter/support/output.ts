import { Delivery, type DeliveryEnvironment } from '../../../src/exporter/delivery/delivery.js';
import type { DeliveryPolicy } from '../../../src/exporter/delivery/policy.js';
import type { DeliveryStatistics } from '../../../src/exporter/delivery/statistics.js';
import { EncodedPiece } from '../../../src/exporter/encoded-piece.js';
import type { Transport } from '../../../src/exporter/transport.js';
import { RecordedEvents } from './events.js';

/** That of files and terminals, which try nothing again. */
export const NO_RETRIES: DeliveryPolicy = {
  queueSize: 20 << 20,
  overflow: 'block',
  retries: 0,
  delay: 1000,
  maxDelay: 30_000,
  drain: 30_000,
};

/** A clock that only a test moves. */
export class ManualClock {
  time = 1_000_000;
  readonly #timers = new Set<{ readonly at: number; readonly done: () => void }>();

  readonly now = (): number => this.time;

  readonly wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const timer = {
        at: this.time + milliseconds,
        done: (): void => {
          this.#timers.delete(timer);
          resolve();
        },
      };
      this.#timers.add(timer);
      signal.addEventListener('abort', timer.done);
      if (signal.aborted) timer.done();
    });

  /** Milliseconds until the timers that run, the next one first. */
  get pauses(): number[] {
    return [...this.#timers].map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  /** Moves on to the next timer, if one runs; whether one did. */
  next(): boolean {
    const [pause] = this.pauses;
    if (pause !== undefined) this.advance(pause);
    return pause !== undefined;
  }

  advance(milliseconds: number): void {
    this.time += milliseconds;
    for (const timer of [...this.#timers]) if (timer.at <= this.time) timer.done();
  }
}

/** A transport behind its delivery, to which tests write bytes. */
export class Output {
  readonly delivery: Delivery;
  readonly events: RecordedEvents;

  constructor(
    transport: Transport,
    policy: Partial<DeliveryPolicy> = {},
    environment: Partial<DeliveryEnvironment> & { readonly events?: RecordedEvents } = {},
  ) {
    const clock = new ManualClock();
    this.events = environment.events ?? new RecordedEvents();
    this.delivery = new Delivery(
      'test',
      transport,
      { ...NO_RETRIES, ...policy },
      { now: clock.now, wait: clock.wait, random: () => 0, ...environment, events: this.events },
    );
  }

  get statistics(): DeliveryStatistics {
    return this.delivery.statistics;
  }
  /** What was written and lost, without what is zero most times. */
  get counts(): { records: number; bytes: number; lost: number } {
    const { records, bytes, lost } = this.statistics;
    return { records, bytes, lost };
  }

  open(): Promise<string | null> {
    return this.delivery.open();
  }
  /** Whether all records were delivered, once that is known. */
  write(bytes: Uint8Array, records: number): Promise<boolean> {
    return new Promise((resolve) => {
      void this.delivery.offer(new EncodedPiece(bytes, records, null, resolve));
    });
  }
  reopen(): Promise<void> {
    return this.delivery.reopen();
  }
  close(): Promise<void> {
    return this.delivery.close();
  }
}
