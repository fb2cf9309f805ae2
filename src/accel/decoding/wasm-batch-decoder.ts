/**
 * Decodes most records by WebAssembly, which is generated from the writer's schema as the functions of `decode-function.ts`
 * are: those that are all numbers (flows, file events), files, and other entities that came before, byte for byte. V8 compiles it at
 * once; JavaScript so hot is compiled well only after tenths of a second, which is all that some fifty files take.
 *
 * It reads whole, faultless records. At any other it stops, and the decoder in JavaScript reads that one: so what is wrong
 * with a record is told in one place.
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
  passLongFunction,
  passSizedFunction,
  putIntFunction,
  putLongFunction,
  putOidFunction,
  putTimeFunction,
} from './numbers.js';
import { generateReader, READER_LOCALS } from './record-code.js';

/** Addresses of bytes, rows and kinds; gives the address of the first record that it did not read. */
type RunDecoder = (position: number, stop: number, end: number, row: number, rowsEnd: number, kinds: number) => number;

/** Gives the place of an entity between two addresses, from 1 on: of one that is known, or is from now on. 0: none. */
type FindPlace = (start: number, end: number) => number;

const ROW_BYTES = ROW_SLOTS * 4;

/** Decodes the flows of one schema. */
export class WasmBatchDecoder {
  /** Where the last run stopped, in the block. */
  position = 0;
  readonly #run: RunDecoder;
  readonly #find: FindPlace;
  readonly #add: FindPlace;
  readonly #memory: DecoderMemory;
  /** What `run` leaves: the end of the rows, and that of {@link #found}. */
  readonly #ends: Int32Array;
  /** Known entities, each the address of its kind and its place. */
  readonly #found: Int32Array;

  private constructor(exports: Readonly<Record<string, unknown>>, memory: DecoderMemory) {
    this.#run = exports.run as RunDecoder;
    this.#find = exports.find as FindPlace;
    this.#add = exports.add as FindPlace;
    this.#memory = memory;
    this.#ends = memory.memory.wordsAt(memory.rowsEndAt, 2);
    this.#found = memory.memory.wordsAt(memory.foundAt, 2 * BATCH_ROWS);
  }

  /**
   * Compiles the decoder of a schema.
   *
   * @param branches what each branch of the schema's union is; undefined for what is not known
   * @param schema a number of its own: the same bytes mean something else in another
   * @returns null where no record is read so
   */
  static compile(
    branches: readonly (KnownBranch | undefined)[],
    memory: DecoderMemory,
    schema: number,
  ): WasmBatchDecoder | null {
    const readers: RecordReader[] = [];
    // A tag of one byte, with the sign in its lowest bit.
    branches.slice(0, 64).forEach((one, tag) => {
      const body = one === undefined ? null : generateReader(one.type, one.layout, memory);
      if (body !== null) readers.push({ tag: tag * 2, kind: one!.layout.kind, body });
    });
    if (readers.length === 0) return null;
    return new WasmBatchDecoder(memory.memory.instantiate(assemble(functionsOf(readers, memory, schema))), memory);
  }

  /**
   * Reads flows and known entities into a batch, up to another record, the end of the batch's room or of the bytes.
   *
   * @param bytes what `DecoderMemory.hold` gave, if they lie there
   * @param batch one that lies in the same memory
   * @param stop where no further record is begun
   * @param rows read at most
   * @returns how many were read
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
   * Makes a faultless entity known that is no file, in place of another that has the same place. One that
   * is known already, which has the same bytes, takes the place of the one in the row.
   */
  learn({ byteOffset }: Uint8Array, start: number, end: number, batch: RecordBatch, row: number): void {
    const { entities } = this.#memory;
    const from = byteOffset + start;
    const to = byteOffset + end;
    const known = this.#find(from, to);
    const place = known === 0 ? this.#add(from, to) : known;
    if (place === 0) return;
    if (known === 0) entities[place] = batch.payloads[row]!;
    else batch.payloads[row] = entities[place]!;
  }
}

/** How a kind of record is read. */
interface RecordReader {
  /** Its tag in the bytes. */
  readonly tag: number;
  readonly kind: number;
  readonly body: Code;
}

function functionsOf(readers: readonly RecordReader[], memory: DecoderMemory, schema: number): WasmFunction[] {
  const { fault } = memory;
  const helpers = [
    ...[longFunction(fault), intFunction(fault)],
    ...[putLongFunction(), putIntFunction(), putTimeFunction(), putOidFunction()],
    ...[passLongFunction(), passSizedFunction(fault)],
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

/** Clears the row at the address in a local. */
function clearedRow(row: number): Code {
  const code: Code[] = [];
  for (let offset = 0; offset < ROW_BYTES; offset += 8) {
    code.push(local.get(row), i64.const(0n), i64.store(offset));
  }
  return code;
}

/** Reads records while it can; see {@link RunDecoder}. */
function runFunction(readers: readonly RecordReader[], memory: DecoderMemory): WasmFunction {
  const [position, stop, end, row, rowsEnd, kinds, tag, place, found, next] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  // Each reader stands in as many `when` as were passed over, all within the loop within the block.
  const dispatch = readers.reduceRight<Code>(
    (others, { kind, tag: its }, index) => {
      const leaveIf = branchIf(index + 2);
      const knownOnly = [
        [local.get(next), local.get(end), i32.gtU, leaveIf],
        [local.get(position), local.get(next), call(FUNCTION.find)],
        [local.tee(place), i32.eqz, leaveIf],
        [local.get(found), local.get(kinds), i32.store()],
        [local.get(found), local.get(place), i32.store(4)],
        [local.get(found), i32.const(8), i32.add, local.set(found)],
      ];
      const kept = [
        [local.get(next), local.get(end), i32.gtU, leaveIf],
        [call(FUNCTION.keepFile), local.tee(place), i32.eqz, leaveIf],
        [local.get(row), local.get(place), i32.store(SLOT_STORED * 4)],
      ];
      const read = [
        [local.get(row), local.get(position), i32.const(1), i32.add],
        [call(FUNCTION.firstReader + index), local.set(next)],
        ...(kind === RecordKind.file ? kept : isEntity(kind) ? knownOnly : []),
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
