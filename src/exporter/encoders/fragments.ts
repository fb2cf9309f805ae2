import type { FlatBatch } from '../../records/flat-batch.js';
import type { FlatRecord } from '../../records/flat-record.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import type { Arena } from '../../wasm/arena.js';
import { ByteBuffer } from '../byte-buffer.js';
import type { Encoder } from '../encoder.js';
import { KeptSources } from './kept-sources.js';
import { compileSteps } from './plan-code.js';
import { Planner } from './record-plan.js';
import type { Token, Write } from './tokens.js';
import { RecordAssembler } from './wasm/record-assembler.js';

/** Bytes of fragments kept at once: of subjects, and of all others. */
const MAX_KEPT = 4 << 20;

/** Room for most records; what a longer one takes is given back. */
const SCRATCH_BYTES = 1 << 16;

/** What an encoder may be told. */
export interface FragmentOptions {
  /** Where the batches lie whose records it writes, so that WebAssembly can put them together; null: JavaScript does. */
  readonly arena?: Arena | null;
  /** Bytes of fragments kept at once: of subjects, and of all others. */
  readonly maxKept?: number;
}

/** An encoder made of token lists, one per record kind; kinds without a list give no bytes. */
export class FragmentEncoder implements Encoder {
  readonly arena: Arena | null;
  readonly #plans: (Write | null)[] = new Array<Write | null>(RECORD_KIND_COUNT).fill(null);
  readonly #assembler: RecordAssembler | null;
  readonly #scratch = new ByteBuffer(SCRATCH_BYTES);

  /** @param plans the tokens of each record kind */
  constructor(plans: ReadonlyMap<number, readonly Token[]>, options: FragmentOptions = {}) {
    const { arena = null, maxKept = MAX_KEPT } = options;
    const sources = new KeptSources(maxKept);
    const planner = new Planner(sources);
    const steps = new Map([...plans].map(([kind, tokens]) => [kind, planner.steps(tokens)]));
    for (const [kind, own] of steps) this.#plans[kind] = compileSteps(own, sources);
    const assembler = arena === null ? null : RecordAssembler.create(arena, steps, sources.mostAllotted, 2 * maxKept);
    this.#assembler = assembler;
    this.arena = assembler === null ? null : arena;
  }

  encode(record: FlatRecord, out: ByteBuffer): void {
    const write = this.#plans[record.kind]!;
    if (write === null) return;
    if (out.arena === null) write(record, out);
    else {
      // JavaScript writes several times slower into shared memory than it copies into it.
      const scratch = this.#scratch;
      try {
        write(record, scratch);
        out.append(scratch.written);
      } finally {
        scratch.clear();
      }
    }
  }

  begin(batch: FlatBatch): void {
    this.#assembler?.begin(batch);
  }

  encodeRows(batch: FlatBatch, index: number, end: number, out: ByteBuffer, full: number): number {
    const assembler = this.#assembler;
    if (assembler === null) return index;
    let learned = -1;
    for (let next = index; ; learned = next) {
      next = assembler.run(batch, next, end, out, full);
      if (next === end || out.length >= full || next === learned) return next;
      if (!assembler.learn(batch, batch.rows[next]!)) return next;
    }
  }
}
