/**
 * Alternates between two ways to do work. `fast` does as much as it can and returns whether all is done. If not,
 * `plain` does the next part and returns whether to continue.
 */
export function takeTurns(fast: () => boolean, plain: () => boolean): void {
  while (!fast() && plain());
}
