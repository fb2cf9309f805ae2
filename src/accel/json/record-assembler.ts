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
  ENTRY,
  makeAssemblyTables,
  type RunAssembly,
  SIGNATURES,
  signatureSlot,
} from './assembly-code.js';

/** Pieces larger than this part of the store are not cached, so that a few of them do not evict all others. */
const MAX_PART = 1 / 16;
/** Size of the buffer for lines, chosen to fit the second-level cache, and maximum length of a line. */
const LINES_BYTES = 256 << 10;
const MAX_LINE_BYTES = 64 << 10;
/** Minimum number of cache entries. */
const MIN_ENTRIES = 64;
/** Maximum number of open flags values per file with cached pieces. */
const MAX_OPEN_FLAGS = 4;
/** No open flags assigned. */
const UNUSED = -1;

const SIGNATURE_WORDS = RECORD_KIND_COUNT * SIGNATURES * 2;

/** The parts of a kind's plan that are needed to cache pieces. */
interface KindPlan {
  /** The pieces of each source. */
  readonly pieces: readonly (readonly [CacheSource, readonly Piece[]])[];
  /** Whether the pieces of a file depend on the open flags. */
  readonly byOpenFlags: boolean;
}

/** The cache entry of an entity, valid as long as the store has this generation. */
interface CacheEntry {
  readonly generation: object;
  readonly address: number;
}

/**
 * Writes records with WebAssembly, from pieces that are cached in a stream's memory for the entities they depend on. It
 * stops at a piece that is not cached; {@link cachePieces} then encodes and caches it.
 *
 * The store has a limited size. When it is full it is emptied and a new generation starts. Pieces that are still in use
 * then have to be encoded once more; in return, no bookkeeping is needed for uses and for entities that no longer
 * exist.
 */
export class RecordAssembler {
  readonly #plans: ReadonlyMap<number, KindPlan>;
  /** Size of a cache entry. */
  readonly #entryBytes: number;
  readonly #tables: AssemblyTables;
  readonly #run: RunAssembly;
  /** Address of the buffer for lines, which are then copied to the output. */
  readonly #linesAt: number;
  readonly #storeAt: number;
  readonly #storeEnd: number;
  #storeUsed: number;
  /** Replaced when the store is emptied. The object is unique among all stores. */
  #generation = {};
  /** Views of the memory, up to the end of the part that is used here. */
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #memo: number;
  readonly #contexts = new WeakMap<RecordContext, CacheEntry>();
  readonly #scratch = new ByteBuffer(4096);
  readonly #record = new FlatRecord();
  /** The entities whose addresses are in the tables, and how many of them. */
  #entities: JoinedEntities | null = null;
  #notedActors = 0;
  #notedFiles = 0;
  /** Address of an empty cache entry, for a context that is not cached. */
  readonly #emptyEntryAt: number;
  /** Whether a piece was cached. */
  #hasNewPieces = false;
  /** Whether the contexts of the batch have to be looked up again. */
  #contextsMoved = false;

  private constructor(
    memory: StreamMemory,
    plans: ReadonlyMap<number, readonly Step[]>,
    plan: RecordPlan,
    memo: number,
  ) {
    this.#memo = memo;
    this.#plans = new Map([...plans].map(([kind, steps]) => [kind, planOf(steps)]));
    this.#entryBytes = ENTRY.pieces + plan.mostPieces * ENTRY.pieceBytes;
    this.#tables = makeAssemblyTables(memory);
    this.#emptyEntryAt = memory.allocateZeros(this.#entryBytes);
    this.#linesAt = memory.allocate(LINES_BYTES + MAX_LINE_BYTES);
    const storeBytes = Math.max(plan.keptBytes, MIN_ENTRIES * this.#entryBytes);
    this.#storeAt = memory.allocate(storeBytes + 8);
    this.#storeEnd = this.#storeAt + storeBytes;
    this.#storeUsed = this.#storeAt;
    this.#words = memory.wordsAt(0, this.#storeEnd >> 2);
    this.#bytes = memory.bytesAt(0, this.#storeEnd);
    this.#run = memory.instantiate(assemble(assemblyFunctions(plans, this.#tables, memory))).run as RunAssembly;
  }

  /**
   * @param memory the memory of the batches
   * @param memo the memo slot for the cache entries of entities
   * @returns null if no kind of record is supported, or if there is no space
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

  /** Sets the current batch. */
  begin(batch: FlatBatch): void {
    const { rows, count, entities } = batch;
    if (entities !== this.#entities) {
      this.#clearEntities();
      this.#entities = entities;
    }
    this.#words.set(rows.subarray(0, count), this.#tables.rowsAt >> 2);
    this.#contextsMoved = true;
  }

  /**
   * Appends records of the batch, each with a line end, to a buffer.
   *
   * @param index index of the first of the batch's rows to write, up to `end`
   * @param full no record is started if the buffer has this length
   * @returns the index of the first row that was not written: the buffer is full, the record is not supported, or a
   * piece is not cached
   */
  run(batch: FlatBatch, index: number, end: number, out: ByteBuffer, full: number): number {
    const { records, actorIds, fileIds, newFileIds, contexts } = batch;
    if (contexts !== null && this.#contextsMoved) this.#setContexts(batch, contexts);
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
        start + LINES_BYTES + MAX_LINE_BYTES,
      );
      const size = this.#words[outAt >> 2]! - start;
      out.append(this.#bytes.subarray(start, start + size));
      if (next === end || size < room || out.length >= full) return next;
    }
  }

  /** Caches all missing pieces of a row. Returns whether there were any, so that it makes sense to try again. */
  cachePieces(batch: FlatBatch, row: number, mayRepeat = true): boolean {
    const plan = this.#plans.get(batch.records.kinds[row]!);
    if (plan === undefined) return false;
    const record = this.#record.moveTo(batch, row);
    const generation = this.#generation;
    this.#hasNewPieces = false;
    for (const [source, pieces] of plan.pieces) {
      if (source === 'context' && record.context === null) continue;
      const address = this.#entryFor(source, record, plan.byOpenFlags);
      for (const piece of address === 0 ? [] : pieces) {
        if (this.#generation === generation) this.#cachePiece(piece, record, address);
      }
      // If the store was emptied in between, the earlier pieces are gone. A record larger than the store is not
      // supported.
      if (this.#generation !== generation) return mayRepeat && this.cachePieces(batch, row, false);
    }
    return this.#hasNewPieces;
  }

  /** Caches a piece in an entry, unless it is cached already. */
  #cachePiece(piece: Piece, record: FlatRecord, address: number): void {
    const words = this.#words;
    const at = (address + ENTRY.pieces + piece.number * ENTRY.pieceBytes) >> 2;
    if (words[at] !== 0) return;
    const scratch = this.#scratch;
    // A piece that is too large for a buffer is too large for the store as well.
    if (appendWhole(scratch, (out) => piece.write(record, out))) this.#storePiece(scratch.written, at);
    scratch.clear();
  }

  /** Stores the bytes of a piece, and their address and length in two words, unless the piece is too large. */
  #storePiece(bytes: Uint8Array, at: number): void {
    const words = this.#words;
    const size = bytes.length;
    if (size > (this.#storeEnd - this.#storeAt) * MAX_PART) return;
    const generation = this.#generation;
    const start = this.#allocate(size);
    if (this.#generation !== generation) return;
    this.#bytes.set(bytes, start);
    words[at] = start;
    words[at + 1] = size;
    this.#hasNewPieces = true;
  }

  /** Sets an address in a table. */
  #setAddress(tableAt: number, index: number, address: number): number {
    const at = (tableAt >> 2) + index;
    if (this.#words[at] !== address) this.#hasNewPieces = true;
    this.#words[at] = address;
    return address;
  }

  /** Returns the cache entry of a record's source and sets it in the table. */
  #entryFor(source: CacheSource, record: FlatRecord, byOpenFlags: boolean): number {
    const { batch, row } = record;
    switch (source) {
      case 'actor': {
        const id = batch.actorIds[row]!;
        if (id >= ENTITIES) return 0;
        const address = this.#entryForEntity(record.actor);
        this.#notedActors = Math.max(this.#notedActors, id + 1);
        return this.#setAddress(this.#tables.actorsAt, id, address);
      }
      case 'file': {
        const address = this.#entryForFile(batch.fileIds[row]!, record.file);
        return address === 0 || !byOpenFlags ? address : this.#ofOpenFlags(address, record.openFlags);
      }
      case 'newfile':
        return this.#entryForFile(batch.newFileIds[row]!, record.newFile);
      case 'signature':
        return this.#entryForSignature(record.kind, record.opFlags);
      case 'context':
        return this.#entryForContext(record.context!, row);
    }
  }

  #entryForFile(id: number, file: { readonly memo: unknown[] } | null): number {
    if (id >= ENTITIES) return 0;
    const { filesAt } = this.#tables;
    const known = this.#words[(filesAt >> 2) + id]!;
    if (known !== 0) return known;
    const address = file === null ? this.#newEntry() : this.#entryForEntity(file);
    this.#notedFiles = Math.max(this.#notedFiles, id + 1);
    return this.#setAddress(filesAt, id, address);
  }

  #entryForEntity(entity: { readonly memo: unknown[] }): number {
    const known = entity.memo[this.#memo] as CacheEntry | undefined;
    if (known?.generation === this.#generation) return known.address;
    const address = this.#newEntry();
    entity.memo[this.#memo] = { generation: this.#generation, address } satisfies CacheEntry;
    return address;
  }

  /** Returns the entry of a file for some open flags. If there are too many, the last one is replaced. */
  #ofOpenFlags(address: number, openFlags: number): number {
    const words = this.#words;
    let kept = address;
    for (let ways = 1; words[(kept + ENTRY.openFlags) >> 2] !== openFlags; ways++) {
      const isUnused = words[(kept + ENTRY.openFlags) >> 2] === UNUSED;
      if (isUnused || ways === MAX_OPEN_FLAGS) {
        words.fill(0, (kept + ENTRY.pieces) >> 2, (kept + this.#entryBytes) >> 2);
        words[(kept + ENTRY.openFlags) >> 2] = openFlags;
      } else {
        let next = words[(kept + ENTRY.next) >> 2]!;
        if (next === 0) {
          const generation = this.#generation;
          next = this.#newEntry();
          if (this.#generation !== generation) return 0;
          words[(kept + ENTRY.next) >> 2] = next;
        }
        kept = next;
      }
    }
    return kept;
  }

  #entryForSignature(kind: number, opFlags: number): number {
    const at = (this.#tables.signaturesAt >> 2) + (kind * SIGNATURES + signatureSlot(opFlags)) * 2;
    if (this.#words[at] === opFlags && this.#words[at + 1] !== 0) return this.#words[at + 1]!;
    const address = this.#newEntry();
    this.#words[at] = opFlags;
    this.#words[at + 1] = address;
    return address;
  }

  #entryForContext(context: RecordContext, row: number): number {
    let known = this.#contexts.get(context);
    if (known?.generation !== this.#generation) {
      const address = this.#newEntry();
      known = { generation: this.#generation, address };
      this.#contexts.set(context, known);
      // Other rows may have the same context.
      this.#contextsMoved = true;
    }
    return this.#setAddress(this.#tables.contextsAt, row, known.address);
  }

  /** Allocates an empty cache entry. */
  #newEntry(): number {
    const address = this.#allocate(this.#entryBytes);
    this.#words.fill(0, address >> 2, (address + this.#entryBytes) >> 2);
    this.#words[(address + ENTRY.openFlags) >> 2] = UNUSED;
    return address;
  }

  /** Allocates bytes of the store. If it is full, empties it and starts a new generation. */
  #allocate(bytes: number): number {
    if (this.#storeUsed + bytes > this.#storeEnd) {
      this.#clearEntities();
      this.#words.fill(0, this.#tables.signaturesAt >> 2, (this.#tables.signaturesAt >> 2) + SIGNATURE_WORDS);
      this.#storeUsed = this.#storeAt;
      this.#generation = {};
      this.#contextsMoved = true;
    }
    const address = this.#storeUsed;
    this.#storeUsed = (address + bytes + 3) & ~3;
    return address;
  }

  #clearEntities(): void {
    const { actorsAt, filesAt } = this.#tables;
    this.#words.fill(0, actorsAt >> 2, (actorsAt >> 2) + this.#notedActors);
    this.#words.fill(0, filesAt >> 2, (filesAt >> 2) + this.#notedFiles);
    this.#notedActors = 0;
    this.#notedFiles = 0;
  }

  /** Sets the cache entries of a batch's contexts, by row. */
  #setContexts({ rows, count }: FlatBatch, contexts: readonly (RecordContext | null)[]): void {
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
    return known?.generation === this.#generation ? known.address : this.#emptyEntryAt;
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
