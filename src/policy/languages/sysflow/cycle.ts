/** Number of names shown at each end of a cycle. */
const SHOWN = 6;

/**
 * Returns the message for a macro or list that refers to itself, with the cycle.
 *
 * @param open the names being resolved, outermost first; contains the name
 */
export function cycleMessage(kind: 'macro' | 'list', name: string, open: readonly string[]): string {
  const cycle = [...open.slice(open.indexOf(name)), name];
  const shown = cycle.length > 2 * SHOWN ? [...cycle.slice(0, SHOWN), '…', ...cycle.slice(-SHOWN)] : cycle;
  return `${kind} '${name}' refers to itself: ${shown.join(' → ')}`;
}
