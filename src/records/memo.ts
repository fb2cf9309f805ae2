/**
 * Slots in the `memo` arrays of actors, processes and files, where consumers keep what depends on that object alone.
 *
 * A consumer allocates its slot once, when it is created, and reads `object.memo[slot]`, which is undefined at first.
 * Slots are dense small numbers, so a memo stays a short packed array.
 */
let slots = 0;

/** A slot that nobody else uses; valid for the life of the program. */
export function allocateMemoSlot(): number {
  return slots++;
}
