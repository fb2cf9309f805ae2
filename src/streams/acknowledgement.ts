/** The outcome for the records of a batch: all were delivered or dropped by a rule, or some were lost. */
export type Outcome = 'delivered' | 'lost';

/**
 * Reports the outcome of a batch once. Each consumer of its records takes a hold and returns it when done;
 * the batch itself has the first hold and returns it with its last reference.
 */
export class Acknowledgement {
  readonly #onSettled: (outcome: Outcome) => void;
  #holds = 1;
  #outcome: Outcome = 'delivered';

  /** @param onSettled called once, when the last hold is returned */
  constructor(onSettled: (outcome: Outcome) => void) {
    this.#onSettled = onSettled;
  }

  /** Takes a hold. Allowed only while another hold exists. */
  hold(): void {
    this.#holds++;
  }

  /** Returns a hold whose records were delivered or dropped by a rule. */
  settle(): void {
    if (--this.#holds === 0) this.#onSettled(this.#outcome);
  }

  /** Returns a hold whose records were lost. */
  fail(): void {
    this.#outcome = 'lost';
    this.settle();
  }
}
