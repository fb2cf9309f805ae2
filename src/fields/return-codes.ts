/** Formats return codes of events for people. */
import os from 'node:os';

/** Names of error numbers, `2` → `ENOENT`. */
const ERRNO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(os.constants.errno).map(([name, number]) => [number, name]),
);

/** Returns the error name of a negative return code, or the code itself. */
export function errorName(ret: number): string {
  return ERRNO_NAMES.get(-ret) ?? String(ret);
}

/**
 * Formats a wait status, which is the return code of EXIT: the exit code in the second byte, or a signal in the lowest
 * seven bits.
 */
export function exitText(ret: number): string {
  const signal = ret & 0x7f;
  return signal === 0 ? `code ${(ret >> 8) & 0xff}` : `signal ${signal}${(ret & 0x80) === 0 ? '' : ' (core dumped)'}`;
}

/** Returns the text after the operation of a call that failed; empty if it succeeded. */
export function failureText(ret: number): string {
  return ret < 0 ? ` failed: ${errorName(ret)}` : '';
}
