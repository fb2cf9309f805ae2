/** What became of the records of a batch: all of them were delivered or dropped by a rule, or some were lost. */
export type Outcome = 'delivered' | 'lost';

/**
 * Says once what became of a batch. Each who has something of it under way takes a hold and gives it back when that is done;
 * the batch itself has the first one and gives it back with its last reference.
 */
export class Acknowledgement {
  readonly #onSettled: (outcome: Outcome) => void;
  #holds = 1;
  #outcome: Outcome = 'delivered';

  /** @param onSettled called once, when the last hold is given back */
  constructor(onSettled: (outcome: Outcome) => void) {
    this.#onSettled = onSettled;
  }

  /** Takes a hold; only while there is another one. */
  hold(): void {
    this.#holds++;
  }

  /** Gives a hold back: what it was for is delivered, or was dropped by a rule. */
  settle(): void {
    if (--this.#holds === 0) this.#onSettled(this.#outcome);
  }

  /** Gives a hold back: what it was for is lost. */
  fail(): void {
    this.#outcome = 'lost';
    this.settle();
  }
}
