/**
 * Joins events with their entities by WebAssembly, as `Reader` and `EntityTables` do, where all that they need is in the tables
 * and stays as it is. At any other row it stops, and they do that one.
 */
import type { FlatBatch } from '../records/flat-batch.js';
import { ObjectState } from '../sysflow/entities.js';
import { OpFlag } from '../sysflow/op-flags.js';
import {
  BATCH_ROWS,
  type RecordBatch,
  ROW_SLOTS,
  SLOT_FILE_OID,
  SLOT_HAS_NEW_FILE,
  SLOT_KNOWN,
  SLOT_NEW_FILE_OID,
  SLOT_OP_FLAGS,
  SLOT_PROC_CREATE_TS,
  SLOT_PROC_PID,
  SLOT_TID,
} from '../sysflow/record-batch.js';
import { RecordKind } from '../sysflow/record-types.js';
import type { Arena } from '../wasm/arena.js';
import {
  assemble,
  block,
  branch,
  branchIf,
  type Code,
  call,
  I32,
  i32,
  leave,
  local,
  repeat,
  type WasmFunction,
  when,
} from '../wasm/assembler.js';
import {
  add,
  advance,
  and,
  equal,
  get,
  increase,
  load,
  loadByte,
  multiply,
  not,
  notLess,
  or,
  set,
  shiftRight,
  store,
  unequal,
} from '../wasm/expressions.js';
import type { EntityTables } from './entity-tables.js';
import { addFunction, findFunction } from './id-table-code.js';
import {
  FILE,
  FILE_ID_WORDS,
  FILE_NUMBERS,
  FILE_VALUES,
  PROCESS,
  PROCESS_ID_WORDS,
  PROCESS_STATES,
  PROCESS_VALUES,
  STATE,
} from './table-state.js';

/** Addresses of rows, kinds and of the arrays of a flat batch, and how many rows that has; gives where it stopped. */
type Run = (row: number, end: number, slots: number, kinds: number, flat: number, count: number) => number;

const ROW_BYTES = ROW_SLOTS * 4;
const ARRAY_BYTES = BATCH_ROWS * 4;

/** Joins the events of the batches that lie in an arena. */
export class EventJoiner {
  readonly #run: Run;
  readonly #state: Int32Array;

  /** @param tables those that it joins with, in the same arena */
  constructor(arena: Arena, { state, stateAt, addressesAt }: EntityTables) {
    this.#state = state;
    this.#run = arena.instantiate(assemble(functionsOf(stateAt, addressesAt))).run as Run;
  }

  /** Joins from a row on, and appends events to the flat batch; gives the first row that is to be joined otherwise. */
  run(batch: RecordBatch, row: number, flat: FlatBatch): number {
    const { slots, kinds } = batch;
    const at = slots.byteOffset + row * ROW_BYTES;
    const stopped = this.#run(row, batch.length, at, kinds.byteOffset + row, flat.rows.byteOffset, flat.count);
    flat.count = this.#state[STATE.count]!;
    return stopped;
  }
}

// The functions by index.
const [FIND_PROCESS, FIND_FILE, ADD_FILE, FILE_OF] = [0, 1, 2, 3];

function functionsOf(stateAt: number, addressesAt: number): WasmFunction[] {
  const at = (word: number): number => stateAt + word * 4;
  const processStride = PROCESS_ID_WORDS + 1 + PROCESS_VALUES;
  const fileStride = FILE_ID_WORDS + 1 + FILE_VALUES;
  return [
    findFunction(PROCESS_ID_WORDS, processStride, at(STATE.processesAt)),
    findFunction(FILE_ID_WORDS, fileStride, at(STATE.filesAt)),
    addFunction(FILE_ID_WORDS, fileStride, at(STATE.filesAt)),
    fileFunction(at),
    runFunction(at, addressesAt),
  ];
}

/** Where a number of a place stands from its address on. */
const processValue = (value: number): number => (PROCESS_ID_WORDS + 1 + value) * 4;
const fileValue = (value: number): number => (FILE_ID_WORDS + 1 + value) * 4;

/** As `EntityTables.file`: from the address of an id to the number of a file. */
function fileFunction(at: (word: number) => number): WasmFunction {
  const [id, place] = [0, 1];
  const body = [
    [get(id), call(FIND_FILE), local.tee(place)],
    when([
      equal(load(get(place), fileValue(FILE.stream)), load(at(STATE.stream))),
      when([
        store(get(place), fileValue(FILE.usedAt), load(at(STATE.now))),
        [load(get(place), fileValue(FILE.file)), leave],
      ]),
    ]),
    increase(at(STATE.unknownFile)),
    i32.const(0),
  ];
  return { parameters: [I32], results: [I32], locals: [I32], body, exported: null };
}

function runFunction(at: (word: number) => number, addressesAt: number): WasmFunction {
  const [row, end, slots, kinds, flat, count, kind, place, subject, file, newFile] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  /** The place of the process before, and a state of a process. */
  const [last, state] = [11, 12];
  const slot = (index: number): Code => load(get(slots), index * 4);
  const isKind = (...kindsOfRecord: readonly number[]): Code =>
    kindsOfRecord.map((one) => equal(get(kind), one)).reduce((a, b) => or(a, b));
  const process = SLOT_PROC_CREATE_TS;
  const sameAsLast = [0, 1, 2, 3]
    .map((i) => equal(slot(process + i), load(get(last), i * 4)))
    .reduce((a, b) => and(a, b));
  const fileAt = (oid: number): Code => [add(get(slots), oid * 4), call(FILE_OF)];
  const put = (array: number, value: Code): Code =>
    store(add(get(flat), multiply(get(row), 4)), array * ARRAY_BYTES, value);

  // Leaving the block before all else stops at this row; the blocks and conditions within are counted off.
  const takeFile = (stop: number): Code => [
    [not(slot(SLOT_KNOWN)), branchIf(stop)],
    set(place, [add(get(slots), SLOT_FILE_OID * 4), call(FIND_FILE)]),
    not(get(place)),
    when([
      [not(load(at(STATE.filesRoom))), branchIf(stop + 1)],
      [notLess(load(at(STATE.nextFile)), FILE_NUMBERS), branchIf(stop + 1)],
      set(place, [add(get(slots), SLOT_FILE_OID * 4), call(ADD_FILE)]),
      increase(at(STATE.filesRoom), -1),
      store(get(place), fileValue(FILE.stream), -1),
    ]),
    unequal(load(get(place), fileValue(FILE.known)), slot(SLOT_KNOWN)),
    when([
      // One that is there, and not known by where it is stored, may yet be the same.
      not(load(get(place), fileValue(FILE.known))),
      [unequal(load(get(place), fileValue(FILE.file)), 0), i32.and, branchIf(stop + 1)],
      [notLess(load(at(STATE.nextFile)), FILE_NUMBERS), branchIf(stop + 1)],
      store(get(place), fileValue(FILE.file), load(at(STATE.nextFile))),
      store(multiply(load(at(STATE.nextFile)), 4), addressesAt, slot(SLOT_KNOWN)),
      increase(at(STATE.nextFile)),
      store(get(place), fileValue(FILE.known), slot(SLOT_KNOWN)),
    ]),
    store(get(place), fileValue(FILE.usedAt), load(at(STATE.now))),
    unequal(load(get(place), fileValue(FILE.stream)), load(at(STATE.stream))),
    when([store(get(place), fileValue(FILE.stream), load(at(STATE.stream))), increase(at(STATE.knownFiles))]),
  ];
  const statesOf = load(get(place), processValue(PROCESS.states));
  const takeProcess = (stop: number): Code => [
    [not(slot(SLOT_KNOWN)), branchIf(stop)],
    [add(get(slots), process * 4), call(FIND_PROCESS), local.tee(place), i32.eqz, branchIf(stop)],
    // The state of which it is, as a bit.
    set(state, 0),
    Array.from({ length: PROCESS_STATES }, (_, i) => [
      equal(load(get(place), processValue(PROCESS.known + i)), slot(SLOT_KNOWN)),
      when(set(state, 1 << i)),
    ]),
    [not(get(state)), branchIf(stop)],
    store(get(place), processValue(PROCESS.usedAt), load(at(STATE.now))),
    unequal(load(get(place), processValue(PROCESS.stream)), load(at(STATE.stream))),
    when([
      store(get(place), processValue(PROCESS.stream), load(at(STATE.stream))),
      store(get(place), processValue(PROCESS.exited), 0),
      store(get(place), processValue(PROCESS.states), 0),
      increase(at(STATE.knownProcesses)),
    ]),
    // What may change the user id of a known process is for `EntityTables.setProcess`: another state, or a modification.
    and(unequal(statesOf, 0), or(not(and(statesOf, get(state))), equal(get(state), 1 << ObjectState.modified))),
    branchIf(stop),
    not(and(statesOf, get(state))),
    when([
      store(get(place), processValue(PROCESS.states), or(statesOf, get(state))),
      store(get(place), processValue(PROCESS.epoch), 0),
    ]),
  ];
  const findSubject = (stop: number): Code => [
    and(unequal(get(last), 0), sameAsLast),
    when(set(place, get(last)), [add(get(slots), process * 4), call(FIND_PROCESS), local.set(place)]),
    get(place),
    when(
      [
        [unequal(load(get(place), processValue(PROCESS.epoch)), load(at(STATE.epoch))), branchIf(stop + 1)],
        store(get(place), processValue(PROCESS.usedAt), load(at(STATE.now))),
        increase(at(STATE.unknownContainer), and(load(get(place), processValue(PROCESS.lacks)), 1)),
        increase(at(STATE.unknownPod), shiftRight(load(get(place), processValue(PROCESS.lacks)), 1)),
        set(subject, load(get(place), processValue(PROCESS.subject))),
      ],
      [increase(at(STATE.unknownProcess)), set(subject, load(at(STATE.noSubject)))],
    ),
    set(last, get(place)),
  ];
  const isExit = unequal(and(slot(SLOT_OP_FLAGS), OpFlag.exit), 0);
  const isMainThread = and(
    equal(slot(SLOT_TID), slot(SLOT_PROC_PID)),
    equal(slot(SLOT_TID + 1), slot(SLOT_PROC_PID + 1)),
  );
  const joinEvent = (stop: number): Code => [
    findSubject(stop),
    and(isKind(RecordKind.processEvent), and(isExit, isMainThread)),
    when([get(place), when(store(get(place), processValue(PROCESS.exited), 1))]),
    [set(file, 0), set(newFile, 0)],
    isKind(RecordKind.fileFlow, RecordKind.fileEvent),
    when(set(file, fileAt(SLOT_FILE_OID))),
    and(isKind(RecordKind.fileEvent), unequal(slot(SLOT_HAS_NEW_FILE), 0)),
    when(set(newFile, fileAt(SLOT_NEW_FILE_OID))),
    [put(1, get(subject)), put(2, get(file)), put(3, get(newFile))],
    store(add(get(flat), multiply(get(count), 4)), 0, get(row)),
    advance(count, 1),
  ];
  const EVENTS = [RecordKind.fileFlow, RecordKind.fileEvent, RecordKind.networkFlow, RecordKind.processEvent];
  const body = [
    block(
      repeat([
        [notLess(get(row), get(end)), branchIf(1)],
        set(kind, loadByte(get(kinds))),
        isKind(...EVENTS),
        when(joinEvent(2), [
          isKind(RecordKind.file),
          when(takeFile(3), [isKind(RecordKind.process), when(takeProcess(4), branch(4))]),
        ]),
        increase(add(at(STATE.records), multiply(get(kind), 4))),
        [advance(row, 1), advance(slots, ROW_BYTES), advance(kinds, 1)],
        branch(0),
      ]),
    ),
    store(at(STATE.count), 0, get(count)),
    get(row),
  ];
  const parameters = [I32, I32, I32, I32, I32, I32] as const;
  return { parameters, results: [I32], locals: [I32, I32, I32, I32, I32, I32, I32], body, exported: 'run' };
}
