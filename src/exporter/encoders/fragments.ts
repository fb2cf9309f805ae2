import type { FlatRecord } from '../../records/flat-record.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import type { ByteBuffer } from '../byte-buffer.js';
import type { Encoder, RecordPlan } from '../encoder.js';
import { KeptSources } from './kept-sources.js';
import { compileSteps } from './plan-code.js';
import { Planner } from './record-plan.js';
import type { Token, Write } from './tokens.js';

/** Bytes of fragments kept at once: of actors, and of all others. */
const MAX_KEPT = 4 << 20;

/** What an encoder may be told. */
export interface FragmentOptions {
  /** Bytes of fragments kept at once: of actors, and of all others. */
  readonly maxKept?: number;
}

/** An encoder made of token lists, one per record kind; kinds without a list give no bytes. */
export class FragmentEncoder implements Encoder {
  readonly plan: RecordPlan;
  readonly #plans: (Write | null)[] = new Array<Write | null>(RECORD_KIND_COUNT).fill(null);

  /** @param plans the tokens of each record kind */
  constructor(plans: ReadonlyMap<number, readonly Token[]>, options: FragmentOptions = {}) {
    const { maxKept = MAX_KEPT } = options;
    const sources = new KeptSources(maxKept);
    const planner = new Planner(sources);
    const steps = new Map([...plans].map(([kind, tokens]) => [kind, planner.steps(tokens)]));
    for (const [kind, own] of steps) this.#plans[kind] = compileSteps(own, sources);
    this.plan = { steps, mostPieces: sources.mostAllotted, keptBytes: 2 * maxKept };
  }

  encode(record: FlatRecord, out: ByteBuffer): void {
    this.#plans[record.kind]?.(record, out);
  }
}
