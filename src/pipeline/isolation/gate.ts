import { FlatBatch } from '../../records/flat-batch.js';
import type { Receiver, Shared } from '../../streams/receiver.js';
import { RecordBatch } from '../../sysflow/record-batch.js';
import type { Guard } from './guard.js';

/** Pushes of a plugin that may be unsettled at once; a plugin that waits for its pushes has one for each stream at most. */
const MOST_PENDING = 1024;

/** How many records an item of a channel stands for. */
export function recordsIn(item: unknown): number {
  if (item instanceof FlatBatch) return item.count;
  return item instanceof RecordBatch ? item.length : 1;
}

/** Why an item does not belong to a channel of a type; null where it may. The items of types that plugins declare are objects. */
export function misfit(item: unknown, type: string | null): string | null {
  if (typeof item !== 'object' || item === null)
    return `emits ${item === null ? 'null' : `a ${typeof item}`}, which is no item`;
  const isBatch = type === 'flattenerchan' || type === 'eventchan';
  if (isBatch && !(item instanceof FlatBatch))
    return `emits what is no batch of records to a channel of type '${type}'`;
  return null;
}

/** What a plugin pushes to: passes on what belongs to its channel, as long as that is open. */
export class Gate implements Receiver<Shared> {
  /** Pushes that the stages after it have not taken. */
  #pending = 0;
  /** Whether the end of the stages after it is under way. */
  #isEnding = false;
  readonly #next: Receiver<Shared>;
  readonly #type: string | null;
  readonly #guard: Guard;
  #ended: Promise<void> | null = null;

  /** @param type that of its channel; null for the end of a branch */
  constructor(next: Receiver<Shared>, type: string | null, guard: Guard) {
    this.#next = next;
    this.#type = type;
    this.#guard = guard;
  }

  /** Whether the stages after it hold it up. */
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
