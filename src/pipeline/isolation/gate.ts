import { FlatBatch } from '../../records/flat-batch.js';
import type { Receiver, Shared } from '../../streams/receiver.js';
import { RecordBatch } from '../../sysflow/record-batch.js';
import type { Guard } from './guard.js';

/** Most pending pushes of a plugin. A plugin that waits for its pushes has at most one for each stream. */
const MOST_PENDING = 1024;

/** Number of records in an item of a channel. */
export function recordsIn(item: unknown): number {
  if (item instanceof FlatBatch) return item.count;
  return item instanceof RecordBatch ? item.length : 1;
}

/** Why an item is not valid for a channel of a type; null if it is. Items of types that plugins declare must be objects. */
export function misfit(item: unknown, type: string | null): string | null {
  if (typeof item !== 'object' || item === null)
    return `emitted ${item === null ? 'null' : `a ${typeof item}`}, but items are objects`;
  const isBatch = type === 'flattenerchan' || type === 'eventchan';
  if (isBatch && !(item instanceof FlatBatch))
    return `emitted an item that is not a batch of records to a channel of type '${type}'`;
  return null;
}

/** The receiver that a plugin pushes to. It forwards valid items until the end of the channel, and drops and reports others. */
export class Gate implements Receiver<Shared> {
  /** Pushes that the following stages have not accepted yet. */
  #pending = 0;
  /** Whether the following stages are ending. */
  #isEnding = false;
  readonly #next: Receiver<Shared>;
  readonly #type: string | null;
  readonly #guard: Guard;
  #ended: Promise<void> | null = null;

  /** @param type the type of the channel; null at the end of a branch */
  constructor(next: Receiver<Shared>, type: string | null, guard: Guard) {
    this.#next = next;
    this.#type = type;
    this.#guard = guard;
  }

  /** Whether it waits for the following stages. */
  get isBusy(): boolean {
    return this.#pending > 0 || this.#isEnding;
  }

  push(item: Shared): Promise<void> | undefined {
    const problem = this.#ended === null ? misfit(item, this.#type) : 'emitted an item after its end';
    if (problem !== null) return this.#drop(item, problem);
    if (this.#pending >= MOST_PENDING) return this.#drop(item, 'emitted items without waiting for earlier ones');
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
