import { Buffer } from 'node:buffer';
import { formatInt64 } from '../sysflow/int64.js';
import { xxh64 } from './xxh64.js';

/**
 * Returns a process's object id as outputs show it: XXH64 over the decimal digits of its host pid followed by those of
 * its creation time, in hexadecimal, 16 digits.
 */
export function objectId(pidLo: number, pidHi: number, createTsLo: number, createTsHi: number): string {
  return xxh64(Buffer.from(formatInt64(pidLo, pidHi) + formatInt64(createTsLo, createTsHi), 'latin1'));
}
