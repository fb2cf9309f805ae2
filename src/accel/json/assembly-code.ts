/**
 * Generates the code that writes records: for each kind the steps of its plan, from the pieces cached in a stream's
 * memory.
 */

import type { CacheSource } from '../../exporter/encoders/fragment-cache.js';
import type { Piece, Step } from '../../exporter/encoders/plan-code.js';
import { BATCH_ROWS, ROW_SLOTS, SLOT_OP_FLAGS, SLOT_OPEN_FLAGS } from '../../sysflow/record-batch.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import {
  block,
  branch,
  branchIf,
  bulk,
  type Code,
  call,
  I32,
  I64,
  i32,
  i64,
  leave,
  local,
  repeat,
  type ValueType,
  type WasmFunction,
  when,
} from '../wasm/assembler.js';
import {
  add,
  advance,
  equal,
  get,
  less,
  load,
  load64,
  loadByte,
  multiply,
  not,
  notLess,
  set,
  shiftLeft,
  shiftRight,
  store,
  store64,
  storeByte,
  unequal,
} from '../wasm/expressions.js';
import type { StreamMemory } from '../wasm/memory.js';
import { DECIMAL, DECIMAL_FUNCTIONS, decimalFunctions, makeDecimalTables } from './decimal-code.js';

/**
 * Layout of a cache entry, as byte offsets. For a file it starts with the open flags of this entry, and the address of
 * the entry for other open flags. Then follow, for each piece, its address (0 if it is not cached) and its length.
 */
export const ENTRY = { openFlags: 0, next: 4, pieces: 8, pieceBytes: 8 } as const;

/** Maximum number of entities in a table. Records of entities with higher numbers are left to JavaScript. */
export const ENTITIES: number = 1 << 17;

/** Size of the hash table of recent operations, for each kind. */
const SIGNATURE_BITS = 8;
export const SIGNATURES: number = 1 << SIGNATURE_BITS;
const GOLDEN = 0x9e3779b1;

/** Returns the hash slot of operation flags, among the {@link SIGNATURES} of a kind. */
export function signatureSlot(opFlags: number): number {
  return Math.imul(opFlags, GOLDEN) >>> (32 - SIGNATURE_BITS);
}

/** Addresses of the tables. */
export interface AssemblyTables {
  /** By the number of an entity: the address of its cache entry, or 0. */
  readonly actorsAt: number;
  readonly filesAt: number;
  /** By kind and {@link signatureSlot}: the operation flags, and the address of their cache entry. */
  readonly signaturesAt: number;
  /** The rows to write, and by row the cache entry of its context. */
  readonly rowsAt: number;
  readonly contextsAt: number;
  /** Address at which `run` stores the end of the last record. */
  readonly outAt: number;
}

export function makeAssemblyTables(memory: StreamMemory): AssemblyTables {
  return {
    actorsAt: memory.allocateZeros(ENTITIES * 4),
    filesAt: memory.allocateZeros(ENTITIES * 4),
    signaturesAt: memory.allocateZeros(RECORD_KIND_COUNT * SIGNATURES * 8),
    rowsAt: memory.allocate(BATCH_ROWS * 4),
    contextsAt: memory.allocate(BATCH_ROWS * 4),
    outAt: memory.allocate(4),
  };
}

/**
 * Writes the records of some rows, each with a line end, until a piece is not cached.
 *
 * @param index index of the first row in {@link AssemblyTables.rowsAt}, up to `count`
 * @param slots the addresses of the batch's arrays
 * @param contexts the address of the contexts' table; 0 if no record has a context
 * @param out address for the first record
 * @param full no record is started at or after this address, and none ends after `end`
 * @returns the index of the first row that was not written
 */
export type RunAssembly = (
  index: number,
  count: number,
  slots: number,
  kinds: number,
  actors: number,
  files: number,
  newFiles: number,
  contexts: number,
  out: number,
  full: number,
  end: number,
) => number;

/** Whether WebAssembly supports all steps. */
export function canAssemble(steps: readonly Step[]): boolean {
  return steps.every((step) => step.kind !== 'event' && (step.kind !== 'piece' || step.piece.cacheable === null));
}

/** Returns the module that exports `run`; see {@link RunAssembly}. */
export function assemblyFunctions(
  plans: ReadonlyMap<number, readonly Step[]>,
  tables: AssemblyTables,
  memory: StreamMemory,
): WasmFunction[] {
  const kinds = [...plans.keys()];
  return [
    ...decimalFunctions(makeDecimalTables(memory)),
    ...kinds.map((kind) => new RecordCode(kind, tables).compile(plans.get(kind)!)),
    runFunction(kinds, tables),
  ];
}

const ROW_BYTES = ROW_SLOTS * 4;
/** Maximum number of bytes that writers overwrite after the end. */
const BEYOND = 8;
/** Space for a number, and for an address. */
const NUMBER_BYTES = 20;
const IPV4_BYTES = 15;
/** Up to this length a loop over words is faster than a call to copy. */
const SHORT = 128;

// The parameters of a record's function: the address of its row, the output address, an end that it must not reach, the
// row times four, and the tables of its batch. It returns the address after the record, or 0 if a piece is not cached.
const [ROW, OUT, END, OFFSET, ACTORS, FILES, NEW_FILES, CONTEXTS] = [0, 1, 2, 3, 4, 5, 6, 7];
const PARAMETERS = [I32, I32, I32, I32, I32, I32, I32, I32] as const;
// Its locals: the cache entry of each source, a piece with its length, the number of copied bytes, and a number.
const ENTRY_LOCALS: Readonly<Record<CacheSource, number>> = {
  actor: 8,
  file: 9,
  newfile: 10,
  signature: 11,
  context: 12,
};
const [FROM, SIZE, COPIED, WIDE] = [13, 14, 15, 16];
const LOCALS = [I32, I32, I32, I32, I32, I32, I32, I32, I64] as const;

const MISSING: Code = [i32.const(0), leave];

/** Generates the function that writes the records of one kind. */
class RecordCode {
  readonly #kind: number;
  readonly #tables: AssemblyTables;
  readonly #code: Code[] = [];
  readonly #found = new Set<CacheSource>();
  /** Length of the constant text since the address in `OUT`. */
  #ahead = 0;

  constructor(kind: number, tables: AssemblyTables) {
    this.#kind = kind;
    this.#tables = tables;
  }

  compile(steps: readonly Step[]): WasmFunction {
    const room = steps.reduce((sum, step) => sum + roomOf(step), BEYOND);
    this.#code.push([notLess(add(get(OUT), room), get(END)), when(MISSING)]);
    // In a plan, either all pieces of a file depend on the open flags or none does.
    const byOpenFlags = steps.some((step) => step.kind === 'piece' && step.piece.dependsOnOpenFlags);
    for (const step of steps) this.#code.push(this.#step(step, byOpenFlags, room));
    const body = [this.#code, add(get(OUT), this.#ahead)];
    return { parameters: PARAMETERS, results: [I32], locals: LOCALS, body, exported: null };
  }

  #step(step: Step, byOpenFlags: boolean, room: number): Code {
    switch (step.kind) {
      case 'text':
        return this.#text(new TextEncoder().encode(step.text));
      case 'int':
        return [this.#catchUp(), step.wide ? this.#long(step.slot) : this.#int(step.slot)];
      case 'ipv4':
        return [this.#catchUp(), set(OUT, [get(OUT), load(get(ROW), step.slot * 4), call(DECIMAL.ipv4)])];
      case 'piece':
        return [this.#catchUp(), this.#find(step.piece.source, byOpenFlags), this.#piece(step.piece, room)];
      case 'event':
        throw new TypeError('the text of an event is made by JavaScript');
    }
  }

  #text(bytes: Uint8Array): Code {
    const code: Code[] = [];
    for (let i = 0; i < bytes.length; i += 8) {
      const word = bytes.subarray(i, i + 8).reduceRight((packed, byte) => (packed << 8n) | BigInt(byte), 0n);
      code.push(store64(get(OUT), this.#ahead + i, i64.const(word)));
    }
    this.#ahead += bytes.length;
    return code;
  }

  /** Advances the address past the constant text. */
  #catchUp(): Code {
    const ahead = this.#ahead;
    this.#ahead = 0;
    return ahead === 0 ? [] : advance(OUT, ahead);
  }

  #int(slot: number): Code {
    const value = load(get(ROW), slot * 4);
    return [
      less(value, 10),
      when([storeByte(get(OUT), 0, add(value, 48)), advance(OUT, 1)], set(OUT, [get(OUT), value, call(DECIMAL.int)])),
    ];
  }

  #long(slot: number): Code {
    return [
      [load64(get(ROW), slot * 4), local.tee(WIDE), i64.const(10n), i64.ltU],
      when(
        [storeByte(get(OUT), 0, add([get(WIDE), i32.wrap], 48)), advance(OUT, 1)],
        set(OUT, [get(OUT), get(WIDE), call(DECIMAL.long)]),
      ),
    ];
  }

  /** Finds the cache entry of a source, unless it was found before. */
  #find(source: CacheSource, byOpenFlags: boolean): Code {
    if (this.#found.has(source)) return [];
    this.#found.add(source);
    const found = ENTRY_LOCALS[source];
    const { actorsAt, filesAt, signaturesAt } = this.#tables;
    switch (source) {
      case 'actor':
        return this.#entity(ACTORS, actorsAt, found);
      case 'newfile':
        return this.#entity(NEW_FILES, filesAt, found);
      case 'file':
        return [
          this.#entity(FILES, filesAt, found),
          byOpenFlags
            ? repeat([
                unequal(load(get(found), ENTRY.openFlags), load(get(ROW), SLOT_OPEN_FLAGS * 4)),
                when([[set(found, load(get(found), ENTRY.next)), not(get(found)), when(MISSING)], branch(1)]),
              ])
            : [],
        ];
      case 'signature': {
        const opFlags = load(get(ROW), SLOT_OP_FLAGS * 4);
        const slot = shiftRight(multiply(opFlags, GOLDEN), 32 - SIGNATURE_BITS);
        return [
          set(found, add(shiftLeft(slot, 3), signaturesAt + this.#kind * SIGNATURES * 8)),
          [unequal(load(get(found)), opFlags), when(MISSING)],
          [set(found, load(get(found), 4)), not(get(found)), when(MISSING)],
        ];
      }
      case 'context':
        return set(found, 0);
    }
  }

  #entity(numbers: number, tableAt: number, found: number): Code {
    return [
      set(found, load(add(get(numbers), get(OFFSET)))),
      [notLess(get(found), ENTITIES), when(MISSING)],
      set(found, load(multiply(get(found), 4), tableAt)),
      [not(get(found)), when(MISSING)],
    ];
  }

  #piece({ source, number }: Piece, room: number): Code {
    const kept = ENTRY_LOCALS[source];
    const at = ENTRY.pieces + number * ENTRY.pieceBytes;
    const copy = [
      [set(FROM, load(get(kept), at)), not(get(FROM)), when(MISSING)],
      set(SIZE, load(get(kept), at + 4)),
      [notLess(add(add(get(OUT), get(SIZE)), room), get(END)), when(MISSING)],
      copyPiece(),
      set(OUT, add(get(OUT), get(SIZE))),
    ];
    if (source !== 'context') return copy;
    return [get(CONTEXTS), when([set(kept, load(add(get(CONTEXTS), get(OFFSET)))), [get(kept), when(copy)]])];
  }
}

/** Maximum length of a step's output, excluding pieces. */
function roomOf(step: Step): number {
  if (step.kind === 'int') return NUMBER_BYTES;
  if (step.kind === 'ipv4') return IPV4_BYTES;
  return step.kind === 'text' ? new TextEncoder().encode(step.text).length : 0;
}

/** Copies a piece, and up to seven bytes after it. */
function copyPiece(): Code {
  return [
    less(get(SIZE), SHORT),
    when(
      [
        set(COPIED, 0),
        block(
          repeat([
            [notLess(get(COPIED), get(SIZE)), branchIf(1)],
            store64(add(get(OUT), get(COPIED)), 0, load64(add(get(FROM), get(COPIED)))),
            [advance(COPIED, 8), branch(0)],
          ]),
        ),
      ],
      [get(OUT), get(FROM), get(SIZE), bulk.copy],
    ),
  ];
}

/** See {@link RunAssembly}. */
function runFunction(kinds: readonly number[], { rowsAt, outAt }: AssemblyTables): WasmFunction {
  const [index, count, slots, kindsOf, actors, files, newFiles, contexts, out, full, end] = Array.from(
    { length: 11 },
    (_, i) => i,
  ) as [number, number, number, number, number, number, number, number, number, number, number];
  const [row, kind, next] = [11, 12, 13];
  // To leave the loop and its block, a branch has to leave one `when` for each kind before.
  const dispatch = kinds.reduceRight<Code>(
    (others, its, i) => [
      equal(get(kind), its),
      when(
        [
          [add(get(slots), multiply(get(row), ROW_BYTES)), get(out), get(end), shiftLeft(get(row), 2)],
          [get(actors), get(files), get(newFiles), get(contexts)],
          [call(DECIMAL_FUNCTIONS + i), local.tee(next), i32.eqz, branchIf(i + 2)],
        ],
        others,
      ),
    ],
    branch(kinds.length + 1),
  );
  const body = [
    block(
      repeat([
        [notLess(get(index), get(count)), branchIf(1)],
        [notLess(get(out), get(full)), branchIf(1)],
        set(row, load(shiftLeft(get(index), 2), rowsAt)),
        set(kind, loadByte(add(get(kindsOf), get(row)))),
        dispatch,
        storeByte(get(next), 0, 10),
        set(out, add(get(next), 1)),
        [advance(index, 1), branch(0)],
      ]),
    ),
    store(outAt, 0, get(out)),
    get(index),
  ];
  const parameters = Array.from({ length: 11 }, (): ValueType => I32);
  return { parameters, results: [I32], locals: [I32, I32, I32], body, exported: 'run' };
}
