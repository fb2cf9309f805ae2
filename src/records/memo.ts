/**
 * Slots in the `memo` arrays of actors, processes and files, in which consumers cache data that depends on that object
 * alone.
 *
 * A consumer allocates a slot once, when it is created, and reads `object.memo[slot]`, which is initially undefined.
 * Slots are small consecutive numbers, so a memo is a short packed array.
 */
let slots = 0;

/** Allocates a unique slot, valid for the lifetime of the program. */
export function allocateMemoSlot(): number {
  return slots++;
}
