/**
 * The predicates of one literal. Usually there is only one, stored as a number because there can be thousands of
 * literals.
 */
export type Predicates = number | number[];

/** Adds a predicate to those of a literal. */
export function joinPredicates(predicates: Predicates | undefined, predicate: number): Predicates {
  if (predicates === undefined) return predicate;
  if (typeof predicates === 'number') return [predicates, predicate];
  predicates.push(predicate);
  return predicates;
}

/** Appends the predicates of a literal to `found`. */
export function pushPredicates(found: number[], predicates: Predicates | undefined): void {
  if (typeof predicates === 'number') found.push(predicates);
  else if (predicates !== undefined) for (const predicate of predicates) found.push(predicate);
}
