/**
 * Decodes most records by WebAssembly, which is generated from the writer's schema as the functions of `decode-function.ts`
 * are: those that are all numbers (flows, file events), and entities that came before, byte for byte. V8 compiles it at
 * once; JavaScript so hot is compiled well only after tenths of a second, which is all that some fifty files take.
 *
 * It reads whole, faultless records. At any other it stops, and the decoder in JavaScript reads that one: so what is wrong
 * with a record is told in one place.
 */
import type { AvroType, RecordType } from './avro-schema.js';
import { resolves } from './decode-function.js';
import {
  type FlowMemory,
  KNOWN_BYTES,
  KNOWN_PLACES,
  PAGE_BYTES,
  PLACE_BYTES,
  SLACK_BYTES,
  WASM,
} from './flow-memory.js';
import { BATCH_ROWS, DEFERRED, type RecordBatch, ROW_SLOTS, SLOT_DEFERRED_PLACE } from './record-batch.js';
import type { Fields, NumberSink, RecordLayout, Sink } from './record-layouts.js';
import { isEntity } from './record-types.js';
import {
  assemble,
  block,
  branch,
  branchIf,
  bulk,
  type Code,
  call,
  drop,
  global,
  I32,
  I64,
  i32,
  i64,
  leave,
  local,
  repeat,
  type WasmFunction,
  when,
} from './wasm-assembler.js';

/** Addresses of bytes, rows and kinds; gives the address of the first record that it did not read. */
type RunFlows = (position: number, stop: number, end: number, row: number, rowsEnd: number, kinds: number) => number;

/** Gives the place of a record between two addresses, from 1 on: one that is known, or is from now on. 0: none. */
type FindPlace = (start: number, end: number) => number;

/** Longest record that is read so, texts not counted: it keeps within what follows a block. */
const REACH = SLACK_BYTES / 2;
const ROW_BYTES = ROW_SLOTS * 4;

/** Decodes the flows of one schema. */
export class FlowDecoder {
  /** Where the last run stopped, in the block. */
  position = 0;
  readonly #run: RunFlows;
  readonly #find: FindPlace;
  readonly #add: FindPlace;
  readonly #rowsEnd: Int32Array;

  private constructor(exports: Readonly<Record<string, unknown>>, memory: FlowMemory) {
    this.#run = exports.run as RunFlows;
    this.#find = exports.find as FindPlace;
    this.#add = exports.add as FindPlace;
    this.#rowsEnd = new Int32Array(memory.memory.buffer, memory.rowsEndAt, 1);
  }

  /**
   * Compiles the decoder of a schema.
   *
   * @param branches what each branch of the schema's union is; undefined for what is not known
   * @param schema a number of its own: the same bytes mean something else in another
   * @returns null where no record is read so
   */
  static compile(
    branches: readonly ({ readonly type: RecordType; readonly layout: RecordLayout } | undefined)[],
    memory: FlowMemory,
    schema: number,
  ): FlowDecoder | null {
    const readers: FlowReader[] = [];
    // A tag of one byte, with the sign in its lowest bit.
    branches.slice(0, 64).forEach((one, tag) => {
      const body = one === undefined ? null : new Generation(one.layout, memory.fault).reader(one.type);
      if (body !== null) readers.push({ tag: tag * 2, kind: one!.layout.kind, body });
    });
    if (readers.length === 0) return null;
    const { memory: shared } = memory;
    const module = new WASM.Module(
      assemble(functionsOf(readers, memory, schema), shared.buffer.byteLength / PAGE_BYTES),
    );
    const { exports } = new WASM.Instance(module, { host: { memory: shared } });
    return new FlowDecoder(exports, memory);
  }

  /**
   * Reads flows and known entities into a batch, up to another record, the end of the batch's room or of the bytes.
   *
   * @param bytes of `FlowMemory`, as is the memory of the batch
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
    return (this.#rowsEnd[0]! - first) / ROW_BYTES;
  }

  /** The place of an entity, from 1 on, if it is known: one that was learned before with the same bytes; else 0. */
  find({ byteOffset }: Uint8Array, start: number, end: number): number {
    return this.#find(byteOffset + start, byteOffset + end);
  }

  /** Makes a faultless entity known, in place of another that has the same place; 0 where it cannot be. */
  learn({ byteOffset }: Uint8Array, start: number, end: number): number {
    return this.#add(byteOffset + start, byteOffset + end);
  }
}

/** How a kind of record is read. */
interface FlowReader {
  /** Its tag in the bytes. */
  readonly tag: number;
  readonly kind: number;
  readonly body: Code;
}

// The functions of a module by index. The readers of the kinds follow.
const LONG = 0;
const TIME = 1;
const INT = 2;
const OID = 3;
const SIZED = 4;
const HASH = 5;
const FIND = 6;
const FIRST_READER = 8;

/** All of them read at the global, the position, and move it on. */
function functionsOf(readers: readonly FlowReader[], memory: FlowMemory, schema: number): WasmFunction[] {
  const { fault } = memory;
  const numbers = [longFunction(fault), timeFunction(), intFunction(fault), oidFunction(), sizedFunction(fault)];
  const helpers = [...numbers, hashFunction(), findFunction(memory, schema), addFunction(memory, schema)];
  const kinds = readers.map(
    ({ body }): WasmFunction => ({ parameters: [I32], results: [], locals: [I32], body, exported: null }),
  );
  return [...helpers, ...kinds, runFunction(readers, memory)];
}

/** `i32` on the stack added to the position. */
const ADVANCE: Code = [...global.get, ...i32.add, ...global.set];

/** The value of a zigzag in a local. */
function unzigzag(value: number): Code {
  const sign = [...i64.const(0n), ...local.get(value), ...i64.const(1n), ...i64.and, ...i64.sub];
  return [...local.get(value), ...i64.const(1n), ...i64.shrU, ...sign, ...i64.xor];
}

/** An integer of any length as 64 bits. */
function longFunction(fault: number): WasmFunction {
  const [at, byte, value, shift] = [0, 1, 2, 3];
  const fail = [...i32.const(fault), ...global.set, ...i64.const(0n), ...leave];
  const groups = repeat([
    ...[...local.get(value), ...local.get(at), ...i64.load8(), ...i64.const(127n), ...i64.and],
    ...[...local.get(shift), ...i64.shl, ...i64.or, ...local.set(value)],
    ...[...local.get(at), ...i32.load8(), ...local.set(byte)],
    ...[...local.get(at), ...i32.const(1), ...i32.add, ...local.set(at)],
    ...[...local.get(byte), ...i32.const(128), ...i32.ltU, ...branchIf(1)],
    ...[...local.get(shift), ...i64.const(7n), ...i64.add, ...local.tee(shift)],
    ...[...i64.const(70n), ...i64.ltU, ...branchIf(0), ...fail],
  ]);
  // Nine groups of 7 bits leave one bit for the tenth.
  const tooLong = [
    ...[...local.get(shift), ...i64.const(63n), ...i64.eq],
    ...[...local.get(byte), ...i32.const(1), ...i32.gtU, ...i32.and],
  ];
  const body = [
    ...[...global.get, ...local.set(at)],
    ...block(groups),
    ...[...tooLong, ...when(fail)],
    ...[...local.get(at), ...global.set],
    ...unzigzag(value),
  ];
  return { parameters: [], results: [I64], locals: [I32, I32, I64, I64], body, exported: null };
}

/** The same, fast for 9 bytes, as in `varint.ts`: the groups of eight bytes are moved together two, four and eight at once. */
function timeFunction(): WasmFunction {
  const value = 0;
  const mask = (bits: bigint): Code => [...local.get(value), ...i64.const(bits), ...i64.and];
  const fold = (low: bigint, high: bigint, by: bigint): Code => [
    ...mask(low),
    ...[...mask(high), ...i64.const(by), ...i64.shrU, ...i64.or, ...local.set(value)],
  ];
  const CONTINUED = 0x8080808080808080n;
  const body = [
    ...[...global.get, ...i64.load(), ...local.set(value)],
    ...[...mask(CONTINUED), ...i64.const(CONTINUED), ...i64.ne],
    ...[...global.get, ...i32.load8(8), ...i32.const(127), ...i32.gtU, ...i32.or],
    ...when([...call(LONG), ...leave]),
    ...fold(0x007f007f007f007fn, 0x7f007f007f007f00n, 1n),
    ...fold(0x00003fff00003fffn, 0x3fff00003fff0000n, 2n),
    ...fold(0x000000000fffffffn, 0x0fffffff00000000n, 4n),
    ...[...local.get(value), ...global.get, ...i64.load8(8), ...i64.const(56n), ...i64.shl, ...i64.or],
    ...local.set(value),
    ...[...i32.const(9), ...ADVANCE],
    ...unzigzag(value),
  ];
  return { parameters: [], results: [I64], locals: [I64], body, exported: null };
}

/** An integer of 32 bits. */
function intFunction(fault: number): WasmFunction {
  const value = 0;
  const low = [...local.get(value), ...i32.wrap];
  const body = [
    ...[...call(LONG), ...local.set(value)],
    ...[...low, ...i64.extendS, ...local.get(value), ...i64.ne],
    ...when([...i32.const(fault), ...global.set]),
    ...low,
  ];
  return { parameters: [], results: [I32], locals: [I64], body, exported: null };
}

/** A file's id into five slots, the first byte of each highest. */
function oidFunction(): WasmFunction {
  const [slot, word] = [0, 1];
  const swapped = [
    ...[...local.get(word), ...i32.const(8), ...i32.rotl, ...i32.const(0x00ff00ff), ...i32.and],
    ...[...local.get(word), ...i32.const(8), ...i32.rotr, ...i32.const(0xff00ff00), ...i32.and, ...i32.or],
  ];
  const words = [0, 4, 8, 12, 16].flatMap((offset) => [
    ...[...global.get, ...i32.load(offset), ...local.set(word)],
    ...[...local.get(slot), ...swapped, ...i32.store(offset)],
  ]);
  const body = [...words, ...i32.const(20), ...ADVANCE];
  return { parameters: [I32], results: [], locals: [I32], body, exported: null };
}

/** Passes over a text: its length in bytes, and the bytes. */
function sizedFunction(fault: number): WasmFunction {
  const [length, position] = [0, 1];
  const room = [...i32.const(fault), ...local.get(position), ...i32.sub, ...i64.extendU];
  const body = [
    ...[...call(LONG), ...local.set(length)],
    ...[...global.get, ...local.set(position)],
    // A length that leads out of the block's room is wrong, and so is a negative one, which is larger than any.
    ...[...local.get(length), ...room, ...i64.ltU],
    ...when(
      [...local.get(length), ...i32.wrap, ...local.get(position), ...i32.add, ...global.set],
      [...i32.const(fault), ...global.set],
    ),
  ];
  return { parameters: [], results: [], locals: [I64, I32], body, exported: null };
}

/** Records of other lengths are not made known: their hash takes eight bytes, and long ones seldom come twice. */
const KNOWN_LENGTHS = { least: 8, most: 1 << 10 };

// The words of a place.
const [PLACE_HASH, PLACE_LENGTH, PLACE_SCHEMA, PLACE_AT] = [0, 4, 8, 12];

/** The hash of the bytes between two addresses, eight at a time. */
function hashFunction(): WasmFunction {
  const [start, end, hash, last] = [0, 1, 2, 3];
  const mix = (at: Code): Code => [
    ...[...local.get(hash), ...at, ...i64.load(), ...i64.xor, ...i64.const(0x9e3779b97f4a7c15n), ...i64.mul],
    ...local.tee(hash),
    ...[...local.get(hash), ...i64.const(32n), ...i64.shrU, ...i64.xor, ...local.set(hash)],
  ];
  const body = [
    ...[...local.get(end), ...i32.const(8), ...i32.sub, ...local.set(last)],
    ...block(
      repeat([
        ...[...local.get(start), ...local.get(last), ...i32.geU, ...branchIf(1)],
        ...mix(local.get(start)),
        ...[...local.get(start), ...i32.const(8), ...i32.add, ...local.set(start), ...branch(0)],
      ]),
    ),
    // Some of the last eight were taken before.
    ...mix(local.get(last)),
    ...[...local.get(hash), ...i32.wrap],
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I64, I32], body, exported: null };
}

/** What finding and adding begin with: the length, the hash, and the address of the place; 0 is given for other lengths. */
function placeOfHash({ placesAt }: FlowMemory, local0: { length: number; hash: number; place: number }): Code {
  const { length, hash, place } = local0;
  const index = [...local.get(hash), ...i32.const(KNOWN_PLACES - 1), ...i32.and];
  return [
    ...[...local.get(1), ...local.get(0), ...i32.sub, ...local.tee(length)],
    ...[...i32.const(KNOWN_LENGTHS.least), ...i32.ltU],
    ...[...local.get(length), ...i32.const(KNOWN_LENGTHS.most), ...i32.gtU, ...i32.or],
    ...when([...i32.const(0), ...leave]),
    ...[...local.get(0), ...local.get(1), ...call(HASH), ...local.set(hash)],
    ...[...index, ...i32.const(PLACE_BYTES), ...i32.mul, ...i32.const(placesAt), ...i32.add, ...local.set(place)],
  ];
}

/** The number of a place by its address. */
function placeNumber({ placesAt }: FlowMemory, place: number): Code {
  return [
    ...local.get(place),
    ...i32.const(placesAt - PLACE_BYTES),
    ...i32.sub,
    ...i32.const(PLACE_BYTES),
    ...i32.divU,
  ];
}

/** See {@link FlowDecoder.find}. */
function findFunction(memory: FlowMemory, schema: number): WasmFunction {
  const [start, end, length, hash, place, known] = [0, 1, 2, 3, 4, 5];
  const unlessEqual = (offset: number, value: Code): Code => [
    ...[...local.get(place), ...i32.load(offset), ...value, ...i32.ne],
    ...when([...i32.const(0), ...leave]),
  ];
  const differ = (a: Code, b: Code): Code => [
    ...[...a, ...i64.load(), ...b, ...i64.load(), ...i64.ne],
    ...when([...i32.const(0), ...leave]),
  ];
  const last = (from: number): Code => [
    ...local.get(from),
    ...local.get(length),
    ...i32.add,
    ...i32.const(8),
    ...i32.sub,
  ];
  const next = (from: number): Code => [...local.get(from), ...i32.const(8), ...i32.add, ...local.set(from)];
  const body = [
    ...placeOfHash(memory, { length, hash, place }),
    ...unlessEqual(PLACE_HASH, local.get(hash)),
    ...unlessEqual(PLACE_LENGTH, local.get(length)),
    ...unlessEqual(PLACE_SCHEMA, i32.const(schema)),
    ...[...local.get(place), ...i32.load(PLACE_AT), ...local.set(known)],
    ...differ(last(start), last(known)),
    ...[...local.get(end), ...i32.const(8), ...i32.sub, ...local.set(end)],
    ...block(
      repeat([
        ...[...local.get(start), ...local.get(end), ...i32.geU, ...branchIf(1)],
        ...differ(local.get(start), local.get(known)),
        ...[...next(start), ...next(known), ...branch(0)],
      ]),
    ),
    ...placeNumber(memory, place),
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I32, I32, I32, I32], body, exported: 'find' };
}

/** See {@link FlowDecoder.learn}. */
function addFunction(memory: FlowMemory, schema: number): WasmFunction {
  const { knownEndAt, knownBytesAt, placesAt } = memory;
  const [start, length, hash, place, at] = [0, 2, 3, 4, 5];
  const store = (offset: number, value: Code): Code => [...local.get(place), ...value, ...i32.store(offset)];
  const forgetAll = [
    ...[...i32.const(placesAt), ...i32.const(0), ...i32.const(KNOWN_PLACES * PLACE_BYTES), ...bulk.fill],
    ...[...i32.const(knownBytesAt), ...local.set(at)],
  ];
  const body = [
    ...placeOfHash(memory, { length, hash, place }),
    ...[...i32.const(knownEndAt), ...i32.load(), ...local.tee(at), ...i32.eqz],
    ...when([...i32.const(knownBytesAt), ...local.set(at)]),
    ...[...local.get(at), ...local.get(length), ...i32.add, ...i32.const(knownBytesAt + KNOWN_BYTES), ...i32.gtU],
    ...when(forgetAll),
    ...[...local.get(at), ...local.get(start), ...local.get(length), ...bulk.copy],
    ...store(PLACE_HASH, local.get(hash)),
    ...store(PLACE_LENGTH, local.get(length)),
    ...store(PLACE_SCHEMA, i32.const(schema)),
    ...store(PLACE_AT, local.get(at)),
    ...[...i32.const(knownEndAt), ...local.get(at), ...local.get(length), ...i32.add, ...i32.store()],
    ...placeNumber(memory, place),
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I32, I32, I32, I32], body, exported: 'add' };
}

/** Clears the row at the address in a local. */
function clearedRow(row: number): Code {
  const code: number[] = [];
  for (let offset = 0; offset < ROW_BYTES; offset += 8) {
    code.push(...local.get(row), ...i64.const(0n), ...i64.store(offset));
  }
  return code;
}

/** Reads records while it can; see {@link RunFlows}. */
function runFunction(readers: readonly FlowReader[], { rowsEndAt }: FlowMemory): WasmFunction {
  const [position, stop, end, row, rowsEnd, kinds, tag, place] = [0, 1, 2, 3, 4, 5, 6, 7];
  // Each reader stands in as many `when` as were passed over, all within the loop within the block.
  const dispatch = readers.reduceRight<Code>(
    (others, { kind, tag: its }, index) => {
      const leaveIf = branchIf(index + 2);
      const knownOnly = [
        ...[...global.get, ...local.get(end), ...i32.gtU, ...leaveIf],
        ...[...local.get(position), ...global.get, ...call(FIND), ...local.tee(place), ...i32.eqz, ...leaveIf],
        ...[...local.get(row), ...local.get(place), ...i32.store(SLOT_DEFERRED_PLACE * 4)],
      ];
      const read = [
        ...[...local.get(row), ...call(FIRST_READER + index)],
        ...(isEntity(kind) ? knownOnly : []),
        ...[...local.get(kinds), ...i32.const(isEntity(kind) ? kind | DEFERRED : kind), ...i32.store8()],
      ];
      return [...local.get(tag), ...i32.const(its), ...i32.eq, ...when(read, others)];
    },
    branch(readers.length + 1),
  );
  const body = [
    ...block(
      repeat([
        ...[...local.get(position), ...local.get(stop), ...i32.geU, ...branchIf(1)],
        ...[...local.get(row), ...local.get(rowsEnd), ...i32.geU, ...branchIf(1)],
        ...clearedRow(row),
        ...[...local.get(position), ...i32.load8(), ...local.set(tag)],
        ...[...local.get(position), ...i32.const(1), ...i32.add, ...global.set],
        ...dispatch,
        ...[...global.get, ...local.get(end), ...i32.gtU, ...branchIf(1)],
        ...[...global.get, ...local.set(position)],
        ...[...local.get(row), ...i32.const(ROW_BYTES), ...i32.add, ...local.set(row)],
        ...[...local.get(kinds), ...i32.const(1), ...i32.add, ...local.set(kinds)],
        ...branch(0),
      ]),
    ),
    ...[...i32.const(rowsEndAt), ...local.get(row), ...i32.store()],
    ...local.get(position),
  ];
  const parameters = [I32, I32, I32, I32, I32, I32] as const;
  return { parameters, results: [I32], locals: [I32, I32], body, exported: 'run' };
}

// The locals of a reader: the address of its row, and the branch of a union.
const ROW = 0;
const UNION = 1;

/** Records within records that are followed. */
const MAX_DEPTH = 8;

/** The generation of the reader of a kind. */
class Generation {
  readonly #layout: RecordLayout;
  readonly #fault: number;
  /** Whether the row gets all that the record has; else it is read for its end, and for the numbers of the row. */
  readonly #isWhole: boolean;
  /** Bytes that the record takes at most, texts not counted. */
  #reach = 0;

  constructor(layout: RecordLayout, fault: number) {
    this.#layout = layout;
    this.#fault = fault;
    this.#isWhole = !isEntity(layout.kind);
  }

  /** Reads a record; null where its kind or type is not read so. */
  reader(type: RecordType): Code | null {
    if (this.#isWhole && this.#layout.payload !== '') return null;
    const code = this.#record(type, this.#layout.fields);
    return this.#reach > REACH ? null : code;
  }

  #record(type: AvroType, fields: Fields): Code | null {
    if (type.kind !== 'record') return null;
    const code: number[] = [];
    for (const field of type.fields) {
      const sink = fields.get(field.name);
      const one = sink === undefined ? this.#pass(field.type, 0) : this.#read(field.type, sink);
      if (one === null) return null;
      code.push(...one);
    }
    return code;
  }

  #read(type: AvroType, sink: Sink): Code | null {
    if (type.kind === 'null') return [];
    if (type.kind === 'union') return this.#union(type.branches, (branch) => this.#read(branch, sink));
    if (typeof sink !== 'function') {
      if (sink.kind === 'record' && sink.after === '') return this.#record(type, sink.members);
      if (sink.kind === 'number' && sink.array === 'slots') return resolves(type, sink) ? this.#number(sink) : null;
    }
    return this.#isWhole ? null : this.#pass(type, 0);
  }

  #union(branches: readonly AvroType[], read: (branch: AvroType) => Code | null): Code | null {
    this.#reach += 10;
    let code: Code = this.#fail();
    for (const [index, type] of [...branches.entries()].reverse()) {
      const one = type.kind === 'union' ? null : read(type);
      if (one === null) return null;
      code = [...local.get(UNION), ...i32.const(index), ...i32.eq, ...when(one, code)];
    }
    return [...call(INT), ...local.set(UNION), ...code];
  }

  #fail(): Code {
    return [...i32.const(this.#fault), ...global.set];
  }

  #number({ form, index, flag }: NumberSink): Code {
    this.#reach += 20;
    const offset = index * 4;
    const flagged = flag === null ? [] : [...local.get(ROW), ...i32.const(1), ...i32.store(flag * 4)];
    switch (form) {
      case 'long':
        return [...local.get(ROW), ...call(LONG), ...i64.store(offset), ...flagged];
      case 'time':
        return [...local.get(ROW), ...call(TIME), ...i64.store(offset), ...flagged];
      case 'int':
        return [...local.get(ROW), ...call(INT), ...i32.store(offset), ...flagged];
      case 'oid':
        return [...local.get(ROW), ...i32.const(offset), ...i32.add, ...call(OID), ...flagged];
      case 'earlyFlags': {
        const low = [...local.get(UNION), ...i32.const(7), ...i32.and];
        const high = [...local.get(UNION), ...i32.const(-8), ...i32.and, ...i32.const(2), ...i32.shl];
        return [
          ...[...call(INT), ...local.set(UNION)],
          ...[...local.get(ROW), ...low, ...high, ...i32.or, ...i32.store(offset), ...flagged],
        ];
      }
    }
  }

  /** Passes over a value; null for a type that nests too deep. */
  #pass(type: AvroType, depth: number): Code | null {
    if (depth > MAX_DEPTH) return null;
    switch (type.kind) {
      case 'null':
        return [];
      case 'boolean':
        return this.#advance(1);
      case 'float':
        return this.#advance(4);
      case 'double':
        return this.#advance(8);
      case 'fixed':
        return this.#advance(type.size);
      case 'int':
      case 'long':
      case 'enum':
        this.#reach += 10;
        return [...call(LONG), ...drop];
      case 'bytes':
      case 'string':
        this.#reach += 10;
        return call(SIZED);
      case 'array':
      case 'map':
        // Those that are not empty are left to JavaScript.
        this.#reach += 10;
        return [...call(LONG), ...i64.eqz, ...i32.eqz, ...when(this.#fail())];
      case 'union':
        return this.#union(type.branches, (branch) => this.#pass(branch, depth + 1));
      case 'record': {
        const members = type.fields.map((field) => this.#pass(field.type, depth + 1));
        return members.every((member) => member !== null) ? members.flat() : null;
      }
    }
  }

  #advance(bytes: number): Code {
    this.#reach += bytes;
    return bytes > REACH ? this.#fail() : [...i32.const(bytes), ...ADVANCE];
  }
}
