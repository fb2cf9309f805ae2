import type { FlatRecord } from '../../records/flat-record.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import type { ByteBuffer } from '../byte-buffer.js';
import type { Encoder, RecordPlan } from '../encoder.js';
import { FragmentCache } from './fragment-cache.js';
import { compileSteps } from './plan-code.js';
import { Planner } from './record-plan.js';
import type { Token, Write } from './tokens.js';

/** Default maximum size of the cached fragments of actors, and of all others, in bytes. */
const MAX_CACHED_BYTES = 4 << 20;

/** Options of the encoder. */
export interface FragmentOptions {
  /** Maximum size of the cached fragments of actors, and of all others, in bytes. */
  readonly maxCachedBytes?: number;
}

/** An encoder defined by a list of tokens for each record kind. Kinds without a list produce no output. */
export class FragmentEncoder implements Encoder {
  readonly plan: RecordPlan;
  readonly #plans: (Write | null)[] = new Array<Write | null>(RECORD_KIND_COUNT).fill(null);

  /** @param plans the tokens of each record kind */
  constructor(plans: ReadonlyMap<number, readonly Token[]>, options: FragmentOptions = {}) {
    const { maxCachedBytes = MAX_CACHED_BYTES } = options;
    const cache = new FragmentCache(maxCachedBytes);
    const planner = new Planner(cache);
    const steps = new Map([...plans].map(([kind, tokens]) => [kind, planner.steps(tokens)]));
    for (const [kind, own] of steps) this.#plans[kind] = compileSteps(own, cache);
    this.plan = { steps, mostPieces: cache.maxPerEntity, keptBytes: 2 * maxCachedBytes };
  }

  encode(record: FlatRecord, out: ByteBuffer): void {
    this.#plans[record.kind]?.(record, out);
  }
}
