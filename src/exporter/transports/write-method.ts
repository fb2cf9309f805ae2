/** How bytes are written: through the page cache, or directly to the disk (`O_DIRECT`). */
export type WriteMethod = 'cached' | 'direct';

/** Number of writes after which the slower method is tried again. */
const RETRY_EVERY = 12;

/** How much each earlier write counts compared with the one after it. */
const DECAY = 0.3;

/** The page cache must be this many times as fast to be chosen, since it takes more processor time. */
const MIN_ADVANTAGE = 1.25;

/** Bytes and milliseconds of recent writes, older ones counting less. */
interface RecentWrites {
  bytes: number;
  milliseconds: number;
}

/**
 * Chooses the faster method by how long recent writes took. Which one that is depends on the disk, the free memory and the load
 * of the machine, so it can change at any time.
 */
export class WriteMethodChooser {
  readonly #recent: Readonly<Record<WriteMethod, RecentWrites>> = {
    cached: { bytes: 0, milliseconds: 0 },
    direct: { bytes: 0, milliseconds: 0 },
  };
  #writes = 0;

  /** The method for the next write: each one once at first, then the faster one. */
  choose(): WriteMethod {
    const { cached, direct } = this.#recent;
    if (cached.bytes === 0) return 'cached';
    if (direct.bytes === 0) return 'direct';
    const faster = speed(direct) * MIN_ADVANTAGE > speed(cached) ? 'direct' : 'cached';
    const slower = faster === 'direct' ? 'cached' : 'direct';
    return this.#writes % RETRY_EVERY === 0 ? slower : faster;
  }

  /** Records how long a write took. */
  record(method: WriteMethod, bytes: number, milliseconds: number): void {
    const recent = this.#recent[method];
    recent.bytes = recent.bytes * DECAY + bytes;
    recent.milliseconds = recent.milliseconds * DECAY + milliseconds;
    this.#writes++;
  }
}

/** Bytes per millisecond. A clock that counts milliseconds may measure 0 of them. */
function speed({ bytes, milliseconds }: RecentWrites): number {
  return bytes / (milliseconds + 1);
}
