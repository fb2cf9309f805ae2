/** Counts of the records that a delivery was offered. */
export interface DeliveryStatistics {
  /** Records and bytes delivered. */
  records: number;
  bytes: number;
  /** Records retried, counted for every retry. */
  retried: number;
  /** Records that could not be delivered. */
  lost: number;
  /** Records that the target rejected for good. */
  rejected: number;
  /** Records dropped because the queue was full. */
  dropped: number;
  /** Records dropped because the reader had closed the output. */
  unread: number;
}

/** The counters of undelivered records that are also counted by reason. */
export type LossKind = 'lost' | 'rejected' | 'dropped';

/** Most reasons counted separately: messages of a target may differ for each record. The rest is counted together. */
const MOST_REASONS = 20;
const OTHERS = 'other reasons';

/** Records that were not delivered, by reason. */
export class LossReasons {
  readonly #counts = new Map<string, number>();

  add(reason: string, records: number): void {
    const key = this.#isKnown(reason) || this.#counts.size < MOST_REASONS ? reason : OTHERS;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + records);
  }

  /** Whether a reason is new and will be counted separately. */
  isNew(reason: string): boolean {
    return !this.#isKnown(reason) && this.#counts.size < MOST_REASONS;
  }

  #isKnown(reason: string): boolean {
    return this.#counts.has(reason);
  }

  /** Number of records lost for each reason, in order of first occurrence. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
