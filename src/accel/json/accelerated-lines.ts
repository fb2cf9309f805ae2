import type { ByteBuffer } from '../../exporter/byte-buffer.js';
import type { EncodedLines } from '../../exporter/encoded-lines.js';
import type { LineWriter, RecordPlan } from '../../exporter/encoder.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import { allocateMemoSlot } from '../../records/memo.js';
import { takeTurns } from '../take-turns.js';
import { StreamMemory } from '../wasm/memory.js';
import { RecordAssembler } from './record-assembler.js';

/** Writes lines by WebAssembly, with pieces kept for each stream; what it cannot write the encoder does. */
export class AcceleratedLines implements LineWriter {
  readonly #plan: RecordPlan;
  readonly #plain: EncodedLines;
  readonly #memo: number = allocateMemoSlot();
  /** By the memory of a stream; null where it has no room, or no record is put together so. */
  readonly #assemblers = new WeakMap<StreamMemory, RecordAssembler | null>();

  /** @param plan that of the encoder by which `plain` writes */
  constructor(plan: RecordPlan, plain: EncodedLines) {
    this.#plan = plan;
    this.#plain = plain;
  }

  write(batch: FlatBatch, index: number, end: number, out: ByteBuffer, full: number): number {
    const assembler = this.#assemblerOf(batch);
    if (assembler === null) return this.#plain.write(batch, index, end, out, full);
    let next = index;
    assembler.begin(batch);
    takeTurns(
      () => {
        for (let learned = -1; ; learned = next) {
          next = assembler.run(batch, next, end, out, full);
          if (next === end || out.length >= full) return true;
          if (next === learned || !assembler.learn(batch, batch.rows[next]!)) return false;
        }
      },
      () => {
        this.#plain.writeRow(batch, batch.rows[next++]!, out);
        return next < end && out.length < full;
      },
    );
    return next;
  }

  /** The assembler for a batch; null where it does not lie in the memory of a stream. */
  #assemblerOf({ records: { memory }, actorIds }: FlatBatch): RecordAssembler | null {
    if (!(memory instanceof StreamMemory) || actorIds.buffer !== memory.buffer) return null;
    let assembler = this.#assemblers.get(memory);
    if (assembler === undefined) {
      assembler = RecordAssembler.create(memory, this.#plan, this.#memo);
      this.#assemblers.set(memory, assembler);
    }
    return assembler;
  }
}
