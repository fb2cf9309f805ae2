/**
 * Decodes most records with WebAssembly that is generated from the writer's schema, like the functions of
 * `decode-function.ts`: records that consist of numbers (flows, file events), files, and entities whose bytes are
 * cached. V8 compiles WebAssembly immediately, but optimizes hot JavaScript only after some tenths of a second, which
 * is as long as decoding fifty files takes.
 *
 * It reads complete and valid records only. At any other it stops and the JavaScript decoder reads that record, so
 * invalid records are handled in one place.
 */

import { BATCH_ROWS, type RecordBatch, ROW_SLOTS, SLOT_STORED } from '../../sysflow/record-batch.js';
import type { KnownBranch } from '../../sysflow/record-decoder.js';
import { isEntity, RecordKind } from '../../sysflow/record-types.js';
import {
  assemble,
  block,
  branch,
  branchIf,
  type Code,
  call,
  I32,
  i32,
  i64,
  local,
  repeat,
  type WasmFunction,
  when,
} from '../wasm/assembler.js';
import type { DecoderMemory } from './decoder-memory.js';
import { addFunction, findFunction, hashFunction } from './entity-cache-code.js';
import { keepFileFunction } from './file-store-code.js';
import { FUNCTION } from './functions.js';
import {
  intFunction,
  longFunction,
  putIntFunction,
  putLongFunction,
  putOidFunction,
  putTimeFunction,
  skipLongFunction,
  skipSizedFunction,
} from './numbers.js';
import { generateReader, READER_LOCALS } from './record-code.js';

/** Takes addresses of bytes, rows and kinds; returns the address of the first record that it did not read. */
type RunDecoder = (position: number, stop: number, end: number, row: number, rowsEnd: number, kinds: number) => number;

/** Finds or adds the entity between two addresses and returns its cache number, from 1 on; 0 if it is not cached. */
type FindSlot = (start: number, end: number) => number;

const ROW_BYTES = ROW_SLOTS * 4;

/** Decodes records of one schema. */
export class WasmBatchDecoder {
  /** Where the last run stopped, in the block. */
  position = 0;
  readonly #run: RunDecoder;
  readonly #find: FindSlot;
  readonly #add: FindSlot;
  readonly #memory: DecoderMemory;
  /** Results of `run`: the end of the rows, and of {@link #found}. */
  readonly #ends: Int32Array;
  /** Cached entities, each as the address of its kind and its cache number. */
  readonly #found: Int32Array;

  private constructor(exports: Readonly<Record<string, unknown>>, memory: DecoderMemory) {
    this.#run = exports.run as RunDecoder;
    this.#find = exports.find as FindSlot;
    this.#add = exports.add as FindSlot;
    this.#memory = memory;
    this.#ends = memory.memory.wordsAt(memory.rowsEndAt, 2);
    this.#found = memory.memory.wordsAt(memory.foundAt, 2 * BATCH_ROWS);
  }

  /**
   * Compiles the decoder of a schema.
   *
   * @param branches the branches of the schema's union; undefined for unknown ones
   * @param schema a unique number, since equal bytes can have another meaning in another schema
   * @returns null if no record of the schema is supported
   */
  static compile(
    branches: readonly (KnownBranch | undefined)[],
    memory: DecoderMemory,
    schema: number,
  ): WasmBatchDecoder | null {
    const readers: RecordReader[] = [];
    // Tags of one byte, zigzag-encoded.
    branches.slice(0, 64).forEach((one, tag) => {
      const body = one === undefined ? null : generateReader(one.type, one.layout, memory);
      if (body !== null) readers.push({ tag: tag * 2, kind: one!.layout.kind, body });
    });
    if (readers.length === 0) return null;
    return new WasmBatchDecoder(memory.memory.instantiate(assemble(functionsOf(readers, memory, schema))), memory);
  }

  /**
   * Reads supported records into a batch, up to the first one that is not supported, or the end of the batch or the
   * bytes.
   *
   * @param bytes result of `DecoderMemory.hold`, if it is in that memory
   * @param batch a batch in the same memory
   * @param stop no record is started at or after this position
   * @param rows maximum number of records
   * @returns the number of records read
   */
  run(
    bytes: Uint8Array,
    position: number,
    stop: number,
    end: number,
    batch: RecordBatch,
    row: number,
    rows: number,
  ): number {
    const { byteOffset } = bytes;
    const first = batch.slots.byteOffset + row * ROW_BYTES;
    const last = first + Math.min(rows, BATCH_ROWS - row) * ROW_BYTES;
    const kinds = batch.kinds.byteOffset + row;
    const next = this.#run(byteOffset + position, byteOffset + stop, byteOffset + end, first, last, kinds);
    this.position = next - byteOffset;
    const { entities, foundAt } = this.#memory;
    const found = (this.#ends[1]! - foundAt) / 4;
    for (let i = 0; i < found; i += 2) {
      batch.payloads[this.#found[i]! - batch.kinds.byteOffset] = entities[this.#found[i + 1]!]!;
    }
    return (this.#ends[0]! - first) / ROW_BYTES;
  }

  /**
   * Caches a decoded entity (other than a file), evicting whatever occupied its hash slot. If an entity with the same
   * bytes is cached already, the row gets that object.
   */
  cacheEntity({ byteOffset }: Uint8Array, start: number, end: number, batch: RecordBatch, row: number): void {
    const { entities } = this.#memory;
    const from = byteOffset + start;
    const to = byteOffset + end;
    const cached = this.#find(from, to);
    const slot = cached === 0 ? this.#add(from, to) : cached;
    if (slot === 0) return;
    if (cached === 0) entities[slot] = batch.payloads[row]!;
    else batch.payloads[row] = entities[slot]!;
  }
}

/** The reader of a record kind. */
interface RecordReader {
  /** Its tag, as encoded. */
  readonly tag: number;
  readonly kind: number;
  readonly body: Code;
}

function functionsOf(readers: readonly RecordReader[], memory: DecoderMemory, schema: number): WasmFunction[] {
  const { fault } = memory;
  const helpers = [
    ...[longFunction(fault), intFunction(fault)],
    ...[putLongFunction(), putIntFunction(), putTimeFunction(), putOidFunction()],
    ...[skipLongFunction(), skipSizedFunction(fault)],
    ...[hashFunction(), findFunction(memory, schema), addFunction(memory, schema), keepFileFunction(memory.files)],
  ];
  const kinds = readers.map(
    ({ body }): WasmFunction => ({
      parameters: [I32, I32],
      results: [I32],
      locals: READER_LOCALS,
      body,
      exported: null,
    }),
  );
  return [...helpers, ...kinds, runFunction(readers, memory)];
}

/** Clears the row whose address is in a local. */
function clearedRow(row: number): Code {
  const code: Code[] = [];
  for (let offset = 0; offset < ROW_BYTES; offset += 8) {
    code.push(local.get(row), i64.const(0n), i64.store(offset));
  }
  return code;
}

/** Reads supported records; see {@link RunDecoder}. */
function runFunction(readers: readonly RecordReader[], memory: DecoderMemory): WasmFunction {
  const [position, stop, end, row, rowsEnd, kinds, tag, slot, found, next] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  // The readers are nested in one `when` for each reader before, inside the loop and its block.
  const dispatch = readers.reduceRight<Code>(
    (others, { kind, tag: its }, index) => {
      const leaveIf = branchIf(index + 2);
      const cachedOnly = [
        [local.get(next), local.get(end), i32.gtU, leaveIf],
        [local.get(position), local.get(next), call(FUNCTION.find)],
        [local.tee(slot), i32.eqz, leaveIf],
        [local.get(found), local.get(kinds), i32.store()],
        [local.get(found), local.get(slot), i32.store(4)],
        [local.get(found), i32.const(8), i32.add, local.set(found)],
      ];
      const kept = [
        [local.get(next), local.get(end), i32.gtU, leaveIf],
        [call(FUNCTION.keepFile), local.tee(slot), i32.eqz, leaveIf],
        [local.get(row), local.get(slot), i32.store(SLOT_STORED * 4)],
      ];
      const read = [
        [local.get(row), local.get(position), i32.const(1), i32.add],
        [call(FUNCTION.firstReader + index), local.set(next)],
        ...(kind === RecordKind.file ? kept : isEntity(kind) ? cachedOnly : []),
        [local.get(kinds), i32.const(kind), i32.store8()],
      ];
      return [local.get(tag), i32.const(its), i32.eq, when(read, others)];
    },
    branch(readers.length + 1),
  );
  const body = [
    [i32.const(memory.foundAt), local.set(found)],
    block(
      repeat([
        [local.get(position), local.get(stop), i32.geU, branchIf(1)],
        [local.get(row), local.get(rowsEnd), i32.geU, branchIf(1)],
        clearedRow(row),
        [local.get(position), i32.load8(), local.set(tag)],
        dispatch,
        [local.get(next), local.get(end), i32.gtU, branchIf(1)],
        [local.get(next), local.set(position)],
        [local.get(row), i32.const(ROW_BYTES), i32.add, local.set(row)],
        [local.get(kinds), i32.const(1), i32.add, local.set(kinds)],
        branch(0),
      ]),
    ),
    [i32.const(memory.rowsEndAt), local.get(row), i32.store()],
    [i32.const(memory.foundEndAt), local.get(found), i32.store()],
    local.get(position),
  ];
  const parameters = [I32, I32, I32, I32, I32, I32] as const;
  return { parameters, results: [I32], locals: [I32, I32, I32, I32], body, exported: 'run' };
}
