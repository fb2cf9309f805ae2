/**
 * Does work in turns of two ways. `fast` does as much as it can and tells whether all is done; where it is not, `plain` does
 * what comes next and tells whether to go on.
 */
export function takeTurns(fast: () => boolean, plain: () => boolean): void {
  while (!fast() && plain());
}
