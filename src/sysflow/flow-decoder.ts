/**
 * Decodes records that are all numbers (flows, file events) by WebAssembly, which is generated from the writer's schema as
 * the functions of `decode-function.ts` are. V8 compiles it at once, while JavaScript as hot as this runs for a fifth of a
 * second until it is compiled well, and long as a third of all that some ten files take.
 *
 * It reads whole, faultless records only. At any other it stops, and the decoder in JavaScript reads that one: so what is
 * wrong with a record is told in one place.
 */
import type { AvroType, RecordType } from './avro-schema.js';
import { resolves } from './decode-function.js';
import { type FlowMemory, PAGE_BYTES, SLACK_BYTES, WASM } from './flow-memory.js';
import { BATCH_ROWS, type RecordBatch, ROW_SLOTS } from './record-batch.js';
import type { Fields, NumberSink, RecordLayout, Sink } from './record-layouts.js';
import type { SkipPlanner } from './skip.js';
import {
  assemble,
  block,
  branch,
  branchIf,
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

/** Longest record that is read so: it keeps within what follows a block. */
const REACH = SLACK_BYTES / 2;
const ROW_BYTES = ROW_SLOTS * 4;

/** Decodes the flows of one schema. */
export class FlowDecoder {
  /** Where the last run stopped, in the block. */
  position = 0;
  readonly #run: RunFlows;
  readonly #rowsEnd: Int32Array;

  private constructor(run: RunFlows, memory: FlowMemory) {
    this.#run = run;
    this.#rowsEnd = new Int32Array(memory.memory.buffer, memory.rowsEndAt, 1);
  }

  /**
   * Compiles the decoder of a schema.
   *
   * @param branches what each branch of the schema's union is; undefined for what is not known
   * @returns null where none of them is all numbers
   */
  static compile(
    branches: readonly ({ readonly type: RecordType; readonly layout: RecordLayout } | undefined)[],
    planner: SkipPlanner,
    memory: FlowMemory,
  ): FlowDecoder | null {
    const readers: FlowReader[] = [];
    // A tag of one byte, with the sign in its lowest bit.
    branches.slice(0, 64).forEach((one, tag) => {
      const body = one === undefined ? null : new Generation(planner, memory.fault).flow(one.type, one.layout);
      if (body !== null) readers.push({ tag: tag * 2, kind: one!.layout.kind, body });
    });
    if (readers.length === 0 || WASM === null) return null;
    const { memory: shared } = memory;
    const module = new WASM.Module(assemble(functionsOf(readers, memory), shared.buffer.byteLength / PAGE_BYTES));
    const { exports } = new WASM.Instance(module, { host: { memory: shared } });
    return new FlowDecoder(exports.run as RunFlows, memory);
  }

  /**
   * Reads flows into a batch, up to a record that is none, the end of the batch's room or of the bytes.
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
}

/** How a kind of flow is read. */
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
const FIRST_READER = 4;

/** All of them read at the global, the position, and move it on. */
function functionsOf(readers: readonly FlowReader[], memory: FlowMemory): WasmFunction[] {
  const helpers = [longFunction(memory.fault), timeFunction(), intFunction(memory.fault), oidFunction()];
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

/** Reads records while they are flows; see {@link RunFlows}. */
function runFunction(readers: readonly FlowReader[], { rowsEndAt }: FlowMemory): WasmFunction {
  const [position, stop, end, row, rowsEnd, kinds, tag] = [0, 1, 2, 3, 4, 5, 6];
  // The reader is the innermost of as many `when` as were passed over, all within the loop within the block.
  const dispatch = readers.reduceRight<Code>(
    (others, reader, index) => [
      ...[...local.get(tag), ...i32.const(reader.tag), ...i32.eq],
      ...when(
        [
          ...[...local.get(row), ...call(FIRST_READER + index)],
          ...[...local.get(kinds), ...i32.const(reader.kind), ...i32.store8()],
        ],
        others,
      ),
    ],
    branch(readers.length + 1),
  );
  const body = [
    ...block(
      repeat([
        ...[...local.get(position), ...local.get(stop), ...i32.geU, ...branchIf(1)],
        ...[...local.get(row), ...local.get(rowsEnd), ...i32.geU, ...branchIf(1)],
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
  return { parameters, results: [I32], locals: [I32], body, exported: 'run' };
}

// The locals of a reader: the address of its row, and the branch of a union.
const ROW = 0;
const UNION = 1;

/** The generation of one reader. */
class Generation {
  readonly #planner: SkipPlanner;
  readonly #fault: number;
  /** Bytes that the record takes at most. */
  #reach = 0;

  constructor(planner: SkipPlanner, fault: number) {
    this.#planner = planner;
    this.#fault = fault;
  }

  /** Reads a record; null where it is not all numbers at their places. */
  flow(type: RecordType, { fields, payload }: RecordLayout): Code | null {
    const code = payload === '' ? this.#record(type, fields) : null;
    return this.#reach > REACH ? null : code;
  }

  #record(type: AvroType, fields: Fields): Code | null {
    if (type.kind !== 'record') return null;
    const code: number[] = [];
    for (const field of type.fields) {
      const sink = fields.get(field.name);
      const one = sink === undefined ? this.#skip(field.type) : this.#read(field.type, sink);
      if (one === null) return null;
      code.push(...one);
    }
    return code;
  }

  #read(type: AvroType, sink: Sink): Code | null {
    if (type.kind === 'null') return [];
    if (type.kind === 'union') return this.#union(type.branches, sink);
    if (typeof sink === 'function') return null;
    if (sink.kind === 'record') return sink.after === '' ? this.#record(type, sink.members) : null;
    return resolves(type, sink) && sink.array === 'slots' ? this.#number(sink) : null;
  }

  #union(branches: readonly AvroType[], sink: Sink): Code | null {
    this.#reach += 10;
    let code: Code = [...i32.const(this.#fault), ...global.set];
    for (const [index, type] of [...branches.entries()].reverse()) {
      const one = type.kind === 'union' ? null : this.#read(type, sink);
      if (one === null) return null;
      code = [...local.get(UNION), ...i32.const(index), ...i32.eq, ...when(one, code)];
    }
    return [...call(INT), ...local.set(UNION), ...code];
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

  /** What the reader does not know; only what has a bound. */
  #skip(type: AvroType): Code | null {
    const plan = this.#planner.plan(type);
    if (plan === null) return [];
    if (plan.kind === 'varint') {
      this.#reach += 10;
      return [...call(LONG), ...drop];
    }
    if (plan.kind !== 'bytes') return null;
    this.#reach += plan.count;
    return [...i32.const(plan.count), ...ADVANCE];
  }
}
