/** How many names of a cycle are shown at each end. */
const SHOWN = 6;

/**
 * What is wrong with a macro or list that comes back to itself, with the way it does.
 *
 * @param open the names being resolved, outermost first; the name is among them
 */
export function cycleMessage(kind: 'macro' | 'list', name: string, open: readonly string[]): string {
  const cycle = [...open.slice(open.indexOf(name)), name];
  const shown = cycle.length > 2 * SHOWN ? [...cycle.slice(0, SHOWN), '…', ...cycle.slice(-SHOWN)] : cycle;
  return `${kind} '${name}' refers to itself: ${shown.join(' → ')}`;
}
