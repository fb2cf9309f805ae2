/**
 * What fits into a limited address space (`ulimit -v`). V8 ends the process if it cannot reserve addresses,
 * so the limit has to be checked before.
 */
import { readText } from './read-text.js';

const GB = 1e9;
/** What Node and the program need: measured 1.3 GB, of which Node alone takes 0.8. */
const LEAST = 1.5 * GB;
/** What the main thread and the inflater thread need. */
const WITH_THREADS = 2.2 * GB;
/** What V8 reserves for each memory of WebAssembly. */
const WASM_MEMORY = 10.8 * GB;
/**
 * Streams that are accelerated at once, however much room there is. Each memory of 64 MiB counts as external memory, of which
 * much makes V8 collect garbage all the time: 64 busy streams took 31 s of CPU with 64 memories and 13 s without any.
 */
const MOST_ACCELERATED = 8;

/** How the program may run. */
export interface AddressSpace {
  /** A sentence where it cannot run. */
  readonly problem: string | null;
  /** For how many streams there is room for the memory that WebAssembly works on; without, one thread works. */
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
