/**
 * What fits into a limited address space (`ulimit -v`). V8 ends the process if it cannot reserve addresses,
 * so the limit has to be checked before.
 */
import { readText } from './read-text.js';

const GB = 1e9;
/** Needs of Node and the program: measured 1.3 GB, of which Node alone uses 0.8 GB. */
const LEAST = 1.5 * GB;
/** Needs of the main thread and the inflater thread. */
const WITH_THREADS = 2.2 * GB;
/** Addresses that V8 reserves for each WebAssembly memory. */
const WASM_MEMORY = 10.8 * GB;
/**
 * Maximum number of accelerated streams, regardless of the address space. Each memory of 64 MiB counts as external
 * memory, and much external memory makes V8 collect garbage continuously: 64 busy streams used 31 s of CPU with 64
 * memories and 13 s without any.
 */
const MOST_ACCELERATED = 8;

/** What the address space permits. */
export interface AddressSpace {
  /** Why the program cannot run, as a sentence; null if it can. */
  readonly problem: string | null;
  /** Number of streams with room for a WebAssembly memory. With 0, the program uses one thread. */
  readonly accelerated: number;
}

/**
 * The capacity of the address space of this process; only Linux reports its limit.
 *
 * @param read returns the text of a file, null if it does not exist
 */
export function addressSpace(read: (path: string) => string | null = readText): AddressSpace {
  const [, limit] = /^Max address space +(\d+) /m.exec(read('/proc/self/limits') ?? '') ?? [];
  const bytes = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  const memories = Math.max(0, Math.floor((bytes - WITH_THREADS) / WASM_MEMORY));
  return { problem: bytes < LEAST ? tooLittle(bytes) : null, accelerated: Math.min(memories, MOST_ACCELERATED) };
}

function tooLittle(bytes: number): string {
  const limit = `the address space is limited to ${(bytes / GB).toFixed(1)} GB`;
  return `${limit} and ${LEAST / GB} GB are needed; raise the limit (ulimit -v 2000000)`;
}
