/** What a delivery did with the records that it was offered. */
export interface DeliveryStatistics {
  /** Records and bytes that were delivered. */
  records: number;
  bytes: number;
  /** Records that were sent again, each time they were. */
  retried: number;
  /** Records that could not be delivered. */
  lost: number;
  /** Records that the other end refused for good. */
  rejected: number;
  /** Records that were dropped since the queue was full. */
  dropped: number;
  /** Records that were dropped since the reader had gone. */
  unread: number;
}

/** The counters of what was not delivered, of which each has its reason. */
export type LossKind = 'lost' | 'rejected' | 'dropped';

/** Texts of other ends may differ for each record; what goes beyond is counted together. */
const MOST_REASONS = 20;
const OTHERS = 'other reasons';

/** Records that were not delivered, by reason. */
export class LossReasons {
  readonly #counts = new Map<string, number>();

  add(reason: string, records: number): void {
    const key = this.#isKnown(reason) || this.#counts.size < MOST_REASONS ? reason : OTHERS;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + records);
  }

  /** Whether nothing was lost for a reason so far, and it will be counted by itself. */
  isNew(reason: string): boolean {
    return !this.#isKnown(reason) && this.#counts.size < MOST_REASONS;
  }

  #isKnown(reason: string): boolean {
    return this.#counts.has(reason);
  }

  /** How many records each reason has cost, in the order in which they came. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
