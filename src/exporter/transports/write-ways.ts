/** How a run of bytes is written: into the page cache, or past it. */
export type WriteWay = 'cached' | 'direct';

/** Smaller runs take what they take for other reasons. */
const LEAST_BYTES = 4 << 20;
/** Runs between two looks at the other way. */
const RUNS_BETWEEN = 12;
/** What a way took before counts for so much of what it takes now. */
const DECAY = 0.3;
/** The page cache has to be faster by so much, since it takes more of the processor. */
const ADVANTAGE = 1.25;

/** What a way took lately. */
interface Taken {
  bytes: number;
  milliseconds: number;
}

/**
 * Chooses the faster of two ways to write by what they took lately: which one that is depends on the disk, on how much memory
 * is free, and on what else the machine does, and changes.
 */
export class WriteWays {
  readonly #taken: Readonly<Record<WriteWay, Taken>> = {
    cached: { bytes: 0, milliseconds: 0 },
    direct: { bytes: 0, milliseconds: 0 },
  };
  #runs = 0;

  /** The way for the next run. */
  choose(): WriteWay {
    const { cached, direct } = this.#taken;
    if (cached.bytes === 0) return 'cached';
    if (direct.bytes === 0) return 'direct';
    const better = rate(direct) * ADVANTAGE > rate(cached) ? 'direct' : 'cached';
    const other = better === 'direct' ? 'cached' : 'direct';
    return this.#runs % RUNS_BETWEEN === 0 ? other : better;
  }

  /** Notes what a run took. */
  took(way: WriteWay, bytes: number, milliseconds: number): void {
    if (bytes < LEAST_BYTES) return;
    const taken = this.#taken[way];
    taken.bytes = taken.bytes * DECAY + bytes;
    taken.milliseconds = taken.milliseconds * DECAY + milliseconds;
    this.#runs++;
  }
}

function rate({ bytes, milliseconds }: Taken): number {
  // A clock of milliseconds may say that it took none.
  return bytes / (milliseconds + 1);
}
