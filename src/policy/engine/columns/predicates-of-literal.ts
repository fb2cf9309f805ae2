/** The predicates of a literal: mostly one, and literals come by the thousand. */
export type Predicates = number | number[];

/** The predicates with another one. */
export function joinPredicates(predicates: Predicates | undefined, predicate: number): Predicates {
  if (predicates === undefined) return predicate;
  if (typeof predicates === 'number') return [predicates, predicate];
  predicates.push(predicate);
  return predicates;
}

/** Appends the predicates to those that were found. */
export function pushPredicates(found: number[], predicates: Predicates | undefined): void {
  if (typeof predicates === 'number') found.push(predicates);
  else if (predicates !== undefined) for (const predicate of predicates) found.push(predicate);
}
