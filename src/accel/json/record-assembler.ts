import { appendWhole, ByteBuffer } from '../../exporter/byte-buffer.js';
import type { RecordPlan } from '../../exporter/encoder.js';
import type { CacheSource } from '../../exporter/encoders/fragment-cache.js';
import type { Piece, Step } from '../../exporter/encoders/plan-code.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import { FlatRecord } from '../../records/flat-record.js';
import type { JoinedEntities } from '../../records/joined-entities.js';
import type { RecordContext } from '../../records/record-context.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import { assemble } from '../wasm/assembler.js';
import type { StreamMemory } from '../wasm/memory.js';
import {
  type AssemblyTables,
  assemblyFunctions,
  canAssemble,
  ENTITIES,
  KEPT,
  makeAssemblyTables,
  type RunAssembly,
  SIGNATURES,
  signaturePlace,
} from './assembly-code.js';

/** Pieces longer than this part of the store are not kept, so that a few of them do not drive out all others. */
const LARGEST_PART = 1 / 16;
/** Bytes of lines that are put together before they are copied, which stay in the second-level cache, and of a line at most. */
const LINES_BYTES = 256 << 10;
const LONGEST_LINE = 64 << 10;
/** Things for which something is kept, at least. */
const FEWEST_KEPT = 64;
/** Ways to open one file for which pieces are kept. */
const MOST_OPEN_FLAGS = 4;
/** No open flags yet. */
const UNUSED = -1;

const SIGNATURE_WORDS = RECORD_KIND_COUNT * SIGNATURES * 2;

/** What learning needs of a kind's plan. */
interface KindPlan {
  /** The pieces of each source. */
  readonly pieces: readonly (readonly [CacheSource, readonly Piece[]])[];
  /** Whether what a file has depends on the open flags. */
  readonly byOpenFlags: boolean;
}

/** Where it is kept what belongs to an entity, as long as the store has this generation. */
interface Kept {
  readonly generation: object;
  readonly address: number;
}

/**
 * Puts records together by WebAssembly, from pieces that are kept in a memory for the things they depend on. Where one is
 * missing it stops; {@link learn} has it rendered and keeps it.
 *
 * The store is bounded: when it is full it starts anew, a new generation. That costs the pieces still in use one more rendering
 * each, and needs no bookkeeping per use or for entities that are gone.
 */
export class RecordAssembler {
  readonly #plans: ReadonlyMap<number, KindPlan>;
  /** What is kept for one thing takes so many bytes. */
  readonly #keptBytes: number;
  readonly #tables: AssemblyTables;
  readonly #run: RunAssembly;
  /** Where lines are put together before they are copied to the output. */
  readonly #linesAt: number;
  readonly #storeAt: number;
  readonly #storeEnd: number;
  #storeUsed: number;
  /** Replaced when all that was kept is forgotten; no other store has the same. */
  #generation = {};
  /** All of the memory's words up to the end of what lies here, and bytes. */
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #memo: number;
  readonly #contexts = new WeakMap<RecordContext, Kept>();
  readonly #scratch = new ByteBuffer(4096);
  readonly #record = new FlatRecord();
  /** Whose numbers are noted, and up to which. */
  #entities: JoinedEntities | null = null;
  #notedActors = 0;
  #notedFiles = 0;
  /** What is kept for a context that is not known: nothing. */
  readonly #nothingAt: number;
  /** Whether something was learned. */
  #learned = false;
  /** Whether the batch's contexts are to be looked up anew. */
  #contextsMoved = false;

  private constructor(
    memory: StreamMemory,
    plans: ReadonlyMap<number, readonly Step[]>,
    plan: RecordPlan,
    memo: number,
  ) {
    this.#memo = memo;
    this.#plans = new Map([...plans].map(([kind, steps]) => [kind, planOf(steps)]));
    this.#keptBytes = KEPT.pieces + plan.mostPieces * KEPT.pieceBytes;
    this.#tables = makeAssemblyTables(memory);
    this.#nothingAt = memory.allocateZeros(this.#keptBytes);
    this.#linesAt = memory.allocate(LINES_BYTES + LONGEST_LINE);
    const storeBytes = Math.max(plan.keptBytes, FEWEST_KEPT * this.#keptBytes);
    this.#storeAt = memory.allocate(storeBytes + 8);
    this.#storeEnd = this.#storeAt + storeBytes;
    this.#storeUsed = this.#storeAt;
    this.#words = memory.wordsAt(0, this.#storeEnd >> 2);
    this.#bytes = memory.bytesAt(0, this.#storeEnd);
    this.#run = memory.instantiate(assemble(assemblyFunctions(plans, this.#tables, memory))).run as RunAssembly;
  }

  /**
   * @param memory where the batches lie
   * @param memo the slot in which entities have what is kept for them
   * @returns null where no kind of record is put together so, and where there is no room
   */
  static create(memory: StreamMemory, plan: RecordPlan, memo: number): RecordAssembler | null {
    const own = new Map([...plan.steps].filter(([, steps]) => canAssemble(steps)));
    try {
      return own.size === 0 ? null : new RecordAssembler(memory, own, plan, memo);
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  /** Takes a batch; what follows is about this one. */
  begin(batch: FlatBatch): void {
    const { rows, count, entities } = batch;
    if (entities !== this.#entities) {
      this.#forgetEntities();
      this.#entities = entities;
    }
    this.#words.set(rows.subarray(0, count), this.#tables.rowsAt >> 2);
    this.#contextsMoved = true;
  }

  /**
   * Appends records of the batch, each with a line end, to a buffer.
   *
   * @param index the first of the batch's rows, up to `end`
   * @param full bytes in the buffer from which on no record is begun
   * @returns the first index that was not done: the buffer is full, or it is not a record for this, or something is missing
   */
  run(batch: FlatBatch, index: number, end: number, out: ByteBuffer, full: number): number {
    const { records, actorIds, fileIds, newFileIds, contexts } = batch;
    if (contexts !== null && this.#contextsMoved) this.#takeContexts(batch, contexts);
    const { outAt, contextsAt } = this.#tables;
    const start = this.#linesAt;
    for (let next = index; ; ) {
      const room = Math.min(LINES_BYTES, full - out.length);
      next = this.#run(
        next,
        end,
        records.slots.byteOffset,
        records.kinds.byteOffset,
        actorIds.byteOffset,
        fileIds.byteOffset,
        newFileIds.byteOffset,
        contexts === null ? 0 : contextsAt,
        start,
        start + room,
        start + LINES_BYTES + LONGEST_LINE,
      );
      const size = this.#words[outAt >> 2]! - start;
      out.append(this.#bytes.subarray(start, start + size));
      if (next === end || size < room || out.length >= full) return next;
    }
  }

  /** Keeps all pieces of a row that are missing; whether there were any, so that it is worth another try. */
  learn(batch: FlatBatch, row: number, mayRepeat = true): boolean {
    const plan = this.#plans.get(batch.records.kinds[row]!);
    if (plan === undefined) return false;
    const record = this.#record.moveTo(batch, row);
    const generation = this.#generation;
    this.#learned = false;
    for (const [source, pieces] of plan.pieces) {
      if (source === 'context' && record.context === null) continue;
      const address = this.#keptFor(source, record, plan.byOpenFlags);
      for (const piece of address === 0 ? [] : pieces) {
        if (this.#generation === generation) this.#learnPiece(piece, record, address);
      }
      // Begun anew in the middle, the pieces before are gone. A record larger than the store is not done here.
      if (this.#generation !== generation) return mayRepeat && this.learn(batch, row, false);
    }
    return this.#learned;
  }

  /** Makes a piece kept at an address, if it is not. */
  #learnPiece(piece: Piece, record: FlatRecord, address: number): void {
    const words = this.#words;
    const at = (address + KEPT.pieces + piece.number * KEPT.pieceBytes) >> 2;
    if (words[at] !== 0) return;
    const scratch = this.#scratch;
    // One that is too large for a buffer is far too large to be kept.
    if (appendWhole(scratch, (out) => piece.write(record, out))) this.#keepPiece(scratch.written, at);
    scratch.clear();
  }

  /** Keeps the bytes of a piece, which a word and the next one tell of, unless they are too many. */
  #keepPiece(bytes: Uint8Array, at: number): void {
    const words = this.#words;
    const size = bytes.length;
    if (size > (this.#storeEnd - this.#storeAt) * LARGEST_PART) return;
    const generation = this.#generation;
    const start = this.#allocate(size);
    if (this.#generation !== generation) return;
    this.#bytes.set(bytes, start);
    words[at] = start;
    words[at + 1] = size;
    this.#learned = true;
  }

  /** Notes an address in a table. */
  #note(tableAt: number, index: number, address: number): number {
    const at = (tableAt >> 2) + index;
    if (this.#words[at] !== address) this.#learned = true;
    this.#words[at] = address;
    return address;
  }

  /** Where it is kept what belongs to a source of a record, which is noted for its number. */
  #keptFor(source: CacheSource, record: FlatRecord, byOpenFlags: boolean): number {
    const { batch, row } = record;
    switch (source) {
      case 'actor': {
        const id = batch.actorIds[row]!;
        if (id >= ENTITIES) return 0;
        const address = this.#keptForEntity(record.actor);
        this.#notedActors = Math.max(this.#notedActors, id + 1);
        return this.#note(this.#tables.actorsAt, id, address);
      }
      case 'file': {
        const address = this.#keptForFile(batch.fileIds[row]!, record.file);
        return address === 0 || !byOpenFlags ? address : this.#ofOpenFlags(address, record.openFlags);
      }
      case 'newfile':
        return this.#keptForFile(batch.newFileIds[row]!, record.newFile);
      case 'signature':
        return this.#keptForSignature(record.kind, record.opFlags);
      case 'context':
        return this.#keptForContext(record.context!, row);
    }
  }

  #keptForFile(id: number, file: { readonly memo: unknown[] } | null): number {
    if (id >= ENTITIES) return 0;
    const { filesAt } = this.#tables;
    const known = this.#words[(filesAt >> 2) + id]!;
    if (known !== 0) return known;
    const address = file === null ? this.#newKept() : this.#keptForEntity(file);
    this.#notedFiles = Math.max(this.#notedFiles, id + 1);
    return this.#note(filesAt, id, address);
  }

  #keptForEntity(entity: { readonly memo: unknown[] }): number {
    const known = entity.memo[this.#memo] as Kept | undefined;
    if (known?.generation === this.#generation) return known.address;
    const address = this.#newKept();
    entity.memo[this.#memo] = { generation: this.#generation, address } satisfies Kept;
    return address;
  }

  /** What is kept for the same file opened in some way; the last of too many ways is given up. */
  #ofOpenFlags(address: number, openFlags: number): number {
    const words = this.#words;
    let kept = address;
    for (let ways = 1; words[(kept + KEPT.openFlags) >> 2] !== openFlags; ways++) {
      const isUnused = words[(kept + KEPT.openFlags) >> 2] === UNUSED;
      if (isUnused || ways === MOST_OPEN_FLAGS) {
        words.fill(0, (kept + KEPT.pieces) >> 2, (kept + this.#keptBytes) >> 2);
        words[(kept + KEPT.openFlags) >> 2] = openFlags;
      } else {
        let next = words[(kept + KEPT.next) >> 2]!;
        if (next === 0) {
          const generation = this.#generation;
          next = this.#newKept();
          if (this.#generation !== generation) return 0;
          words[(kept + KEPT.next) >> 2] = next;
        }
        kept = next;
      }
    }
    return kept;
  }

  #keptForSignature(kind: number, opFlags: number): number {
    const at = (this.#tables.signaturesAt >> 2) + (kind * SIGNATURES + signaturePlace(opFlags)) * 2;
    if (this.#words[at] === opFlags && this.#words[at + 1] !== 0) return this.#words[at + 1]!;
    const address = this.#newKept();
    this.#words[at] = opFlags;
    this.#words[at + 1] = address;
    return address;
  }

  #keptForContext(context: RecordContext, row: number): number {
    let known = this.#contexts.get(context);
    if (known?.generation !== this.#generation) {
      const address = this.#newKept();
      known = { generation: this.#generation, address };
      this.#contexts.set(context, known);
      // Other rows may have it as well.
      this.#contextsMoved = true;
    }
    return this.#note(this.#tables.contextsAt, row, known.address);
  }

  /** Room for what is kept for one thing, with nothing in it. */
  #newKept(): number {
    const address = this.#allocate(this.#keptBytes);
    this.#words.fill(0, address >> 2, (address + this.#keptBytes) >> 2);
    this.#words[(address + KEPT.openFlags) >> 2] = UNUSED;
    return address;
  }

  /** Room in the store; where there is none, all is forgotten and the generation another. */
  #allocate(bytes: number): number {
    if (this.#storeUsed + bytes > this.#storeEnd) {
      this.#forgetEntities();
      this.#words.fill(0, this.#tables.signaturesAt >> 2, (this.#tables.signaturesAt >> 2) + SIGNATURE_WORDS);
      this.#storeUsed = this.#storeAt;
      this.#generation = {};
      this.#contextsMoved = true;
    }
    const address = this.#storeUsed;
    this.#storeUsed = (address + bytes + 3) & ~3;
    return address;
  }

  #forgetEntities(): void {
    const { actorsAt, filesAt } = this.#tables;
    this.#words.fill(0, actorsAt >> 2, (actorsAt >> 2) + this.#notedActors);
    this.#words.fill(0, filesAt >> 2, (filesAt >> 2) + this.#notedFiles);
    this.#notedActors = 0;
    this.#notedFiles = 0;
  }

  /** Notes by row what is kept for the contexts of a batch. */
  #takeContexts({ rows, count }: FlatBatch, contexts: readonly (RecordContext | null)[]): void {
    const at = this.#tables.contextsAt >> 2;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const context = contexts[row]!;
      this.#words[at + row] = context === null ? 0 : this.#knownContext(context);
    }
    this.#contextsMoved = false;
  }

  #knownContext(context: RecordContext): number {
    const known = this.#contexts.get(context);
    return known?.generation === this.#generation ? known.address : this.#nothingAt;
  }
}

function planOf(steps: readonly Step[]): KindPlan {
  const pieces = steps.flatMap((step) => (step.kind === 'piece' ? step.piece : []));
  const sources = [...new Set(pieces.map(({ source }) => source))];
  return {
    pieces: sources.map((source) => [source, pieces.filter((piece) => piece.source === source)]),
    byOpenFlags: pieces.some(({ dependsOnOpenFlags }) => dependsOnOpenFlags),
  };
}
