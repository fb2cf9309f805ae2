import type { ByteBuffer } from '../../exporter/byte-buffer.js';
import type { EncodedLines } from '../../exporter/encoded-lines.js';
import type { LineWriter, RecordPlan } from '../../exporter/encoder.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import { allocateMemoSlot } from '../../records/memo.js';
import { takeTurns } from '../take-turns.js';
import { StreamMemory } from '../wasm/memory.js';
import { RecordAssembler } from './record-assembler.js';

/**
 * Writes lines with WebAssembly from pieces cached for each stream. The encoder writes the lines that WebAssembly does
 * not support.
 */
export class AcceleratedLines implements LineWriter {
  readonly #plan: RecordPlan;
  readonly #plain: EncodedLines;
  readonly #memo: number = allocateMemoSlot();
  /** By the memory of a stream; null if it has no space, or if no record kind is supported. */
  readonly #assemblers = new WeakMap<StreamMemory, RecordAssembler | null>();

  /** @param plan the plan of the encoder that `plain` uses */
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
          if (next === learned || !assembler.cachePieces(batch, batch.rows[next]!)) return false;
        }
      },
      () => {
        this.#plain.writeRow(batch, batch.rows[next++]!, out);
        return next < end && out.length < full;
      },
    );
    return next;
  }

  /** Returns the assembler for a batch; null if the batch is not in the memory of a stream. */
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
