import { FlatBatch } from '../../records/flat-batch.js';
import type { Receiver, Shared } from '../../streams/receiver.js';
import { RecordBatch } from '../../sysflow/record-batch.js';
import type { Guard } from './guard.js';

/** Maximum number of pending pushes of a plugin. A plugin that awaits its pushes has at most one for each stream. */
const MOST_PENDING = 1024;

/** Returns the number of records in an item of a channel. */
export function recordsIn(item: unknown): number {
  if (item instanceof FlatBatch) return item.count;
  return item instanceof RecordBatch ? item.length : 1;
}

/** Returns why an item does not match the type of a channel, or null if it does. Types that plugins declare accept any object. */
export function misfit(item: unknown, type: string | null): string | null {
  if (typeof item !== 'object' || item === null)
    return `emits ${item === null ? 'null' : `a ${typeof item}`}, which is no item`;
  const isBatch = type === 'flattenerchan' || type === 'eventchan';
  if (isBatch && !(item instanceof FlatBatch))
    return `emits what is no batch of records to a channel of type '${type}'`;
  return null;
}

/** The receiver to which a plugin pushes. It forwards items of the channel's type while the channel is open. */
export class Gate implements Receiver<Shared> {
  /** Pushes that the following stages have not accepted yet. */
  #pending = 0;
  /** Whether the following stages are ending. */
  #isEnding = false;
  readonly #next: Receiver<Shared>;
  readonly #type: string | null;
  readonly #guard: Guard;
  #ended: Promise<void> | null = null;

  /** @param type type of its channel; null at the end of a branch */
  constructor(next: Receiver<Shared>, type: string | null, guard: Guard) {
    this.#next = next;
    this.#type = type;
    this.#guard = guard;
  }

  /** Whether the following stages apply back-pressure. */
  get isBusy(): boolean {
    return this.#pending > 0 || this.#isEnding;
  }

  push(item: Shared): Promise<void> | undefined {
    const problem = this.#ended === null ? misfit(item, this.#type) : 'emits after its end';
    if (problem !== null) return this.#drop(item, problem);
    if (this.#pending >= MOST_PENDING) return this.#drop(item, 'emits without waiting until its items are taken');
    const busy = this.#next.push(item);
    if (busy === undefined) return undefined;
    this.#pending++;
    return busy.finally(() => this.#pending--);
  }

  end(): Promise<void> {
    if (this.#ended === null) {
      this.#isEnding = true;
      this.#ended = this.#next.end().finally(() => {
        this.#isEnding = false;
      });
    }
    return this.#ended;
  }

  #drop(item: Shared, problem: string): undefined {
    this.#guard.failed(problem, recordsIn(item));
    item?.release?.();
  }
}
