/** The outcome of a batch: every record was delivered or dropped by a rule, or at least one was lost. */
export type Outcome = 'delivered' | 'lost';

/**
 * Reports the outcome of a batch once, by counting holds. Every stage that still works on records of the batch takes a hold and
 * releases it when it is done. The batch itself has the first hold and releases it with its last reference.
 */
export class Acknowledgement {
  readonly #onSettled: (outcome: Outcome) => void;
  #holds = 1;
  #outcome: Outcome = 'delivered';

  /** @param onSettled called once, when the last hold is released */
  constructor(onSettled: (outcome: Outcome) => void) {
    this.#onSettled = onSettled;
  }

  /** Takes a hold. Call it only while another hold exists. */
  hold(): void {
    this.#holds++;
  }

  /** Releases a hold after its records were delivered, or dropped by a rule. */
  settle(): void {
    if (--this.#holds === 0) this.#onSettled(this.#outcome);
  }

  /** Releases a hold after its records were lost. */
  fail(): void {
    this.#outcome = 'lost';
    this.settle();
  }
}
