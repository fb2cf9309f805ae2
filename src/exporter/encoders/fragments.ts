import type { FlatRecord } from '../../records/flat-record.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import type { ByteBuffer } from '../byte-buffer.js';
import type { Encoder } from '../encoder.js';
import { KeptSources } from './kept-sources.js';
import { PlanCompiler } from './record-plan.js';
import type { Token, Write } from './tokens.js';

/** Bytes of fragments kept at once: of subjects, and of all others. */
const MAX_KEPT = 4 << 20;

/** An encoder made of token lists, one per record kind; kinds without a list give no bytes. */
export class FragmentEncoder implements Encoder {
  readonly #plans: (Write | null)[] = new Array<Write | null>(RECORD_KIND_COUNT).fill(null);

  /**
   * @param plans the tokens of each record kind
   * @param maxKept bytes of fragments kept at once: of subjects, and of all others
   */
  constructor(plans: ReadonlyMap<number, readonly Token[]>, maxKept: number = MAX_KEPT) {
    const compiler = new PlanCompiler(new KeptSources(maxKept));
    for (const [kind, tokens] of plans) this.#plans[kind] = compiler.compile(tokens);
  }

  encode(record: FlatRecord, out: ByteBuffer): void {
    this.#plans[record.kind]?.(record, out);
  }
}
