import { constants } from 'node:os';

const NUMBERS: Readonly<Record<string, number>> = constants.errno;
const SIGNALS: Readonly<Record<string, number>> = constants.signals;

/** Returns the number of an error by its name; 1 (`EPERM`) for a name that this platform does not define. */
export function errorNumber(name: string): number {
  return NUMBERS[name] ?? 1;
}

/** Returns the number of a signal by its name; 0 for a name that this platform does not define. */
export function signalNumber(name: string): number {
  const realtime = /^SIGRT(?:_(\d{1,2})|MIN)$/.exec(name);
  if (realtime !== null) return 32 + Number(realtime[1] ?? 0);
  return SIGNALS[name] ?? 0;
}
