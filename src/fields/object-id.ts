import xxhash from 'xxhash-wasm';
import { formatInt64 } from '../sysflow/int64.js';

const { h64ToString } = await xxhash();

/**
 * A process's object id as outputs show it: XXH64 over the decimal digits of its host pid followed by those of its
 * creation time, in hex, 16 digits.
 */
export function objectId(pidLo: number, pidHi: number, createTsLo: number, createTsHi: number): string {
  return h64ToString(formatInt64(pidLo, pidHi) + formatInt64(createTsLo, createTsHi));
}
