/**
 * Passes over the records that no rule matches, by WebAssembly: it goes the ways through a decision that records went before,
 * and stops where a way is new or leads to another outcome. Rules never become code here: it is the same for all policies.
 */
import type { FlatBatch } from '../../records/flat-batch.js';
import type { JoinedEntities } from '../../records/joined-entities.js';
import { BATCH_ROWS, ROW_SLOTS, SLOT_OP_FLAGS, SLOT_OPEN_FLAGS } from '../../sysflow/record-batch.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import type { Arena } from '../../wasm/arena.js';
import {
  assemble,
  block,
  branch,
  branchIf,
  type Code,
  I32,
  repeat,
  type WasmFunction,
  when,
} from '../../wasm/assembler.js';
import {
  add,
  advance,
  equal,
  get,
  load,
  loadByte,
  multiply,
  not,
  notLess,
  set,
  shiftLeft,
  shiftRight,
  store,
  subtract,
  unequal,
} from '../../wasm/expressions.js';
import type { Column } from './columns/column.js';
import type { State } from './decision.js';
import { NO_VARIABLE } from './formula.js';
import type { Outcome } from './outcome.js';
import { VARIABLE_OF } from './variables.js';

/** Places for operations used lately, of each kind; a power of two. */
const RECENT_BITS = 8;
const RECENT = 1 << RECENT_BITS;
/** The same for values of a slot, such as ports. */
const VALUES_BITS = 12;
const VALUES = 1 << VALUES_BITS;
const GOLDEN = 0x9e3779b1;
/** Entities whose class is noted, by their number; those beyond are left to others. */
const ENTITIES = 1 << 18;
/** Room for states and what follows them; more are left to others. */
const STATE_BYTES = 4 << 20;

/**
 * What a state of the decision is here: words. The last ones are for what depends on a slot: where that is in a row, in bytes,
 * and the table of its values, at their place a value and its class. An outcome has its number there.
 */
const STATE = { asks: 0, nextAt: 4, nextCount: 8, slot: 12, valuesAt: 16, outcome: 12, bytes: 20 } as const;
/** What a state asks for: nothing that is known here, a class, or nothing since no rule matched, or it is another outcome. */
const ASKS = { unknown: 0, nothing: 1, subject: 2, file: 3, newFile: 4, slot: 5, outcome: 6 } as const;
const FIRST_NEXT = 4;

/** Variables whose classes are noted by the number of an entity. */
const ENTITY_VARIABLES = [VARIABLE_OF.subject, VARIABLE_OF.file, VARIABLE_OF.newfile];

/** Where operations, or a value, are noted among those of their kind or slot. */
function placeOf(value: number, bits: number): number {
  return Math.imul(value, GOLDEN) >>> (32 - bits);
}

/** Addresses of rows, kinds and a flat batch; gives the first index, from one on, that it does not pass over. */
type Skip = (index: number, count: number, slots: number, kinds: number, flat: number) => number;

/**
 * What is known of a decision, and code that uses it. Its memory is allocated for good: one is to be used by all matchers of
 * an engine, one after the other.
 */
export class RowSkipper {
  readonly #arena: Arena;
  readonly #skip: Skip;
  /** The outcome of records that are passed over. */
  #none: Outcome | null = null;
  /** Other outcomes by number, from 1 on. */
  readonly #outcomes: (Outcome | null)[] = [null];
  /** All of the arena's words up to the end of what lies here. */
  readonly #words: Int32Array;
  readonly #layout: Layout;
  #statesEnd: number;
  /** Where the values of slots are, by variable. */
  readonly #valuesAt = new Map<number, number>();
  /** The entities whose classes are noted, and up to which number, by variable. */
  #entities: JoinedEntities | null = null;
  readonly #noted: number[] = [0, 0, 0];

  /** @param arena where the batches lie */
  constructor(arena: Arena) {
    this.#arena = arena;
    this.#layout = {
      recentAt: arena.allocate(RECORD_KIND_COUNT * RECENT * 8),
      outcomeAt: arena.allocate(4),
      classesAt: ENTITY_VARIABLES.map(() => arena.allocate(ENTITIES * 4)),
      statesAt: arena.allocate(STATE_BYTES),
    };
    this.#statesEnd = this.#layout.statesAt;
    this.#words = arena.words(0, (this.#layout.statesAt + STATE_BYTES) / 4);
    this.#skip = arena.instantiate(assemble([skipFunction(this.#layout)])).skip as Skip;
  }

  /**
   * Forgets the decision, for another one.
   *
   * @param none the outcome of records that are to be passed over
   */
  reset(none: Outcome): void {
    this.#none = none;
    this.#outcomes.length = 1;
    this.#fill(this.#layout.recentAt, RECORD_KIND_COUNT * RECENT * 2);
    this.#fill(this.#layout.statesAt, (this.#statesEnd - this.#layout.statesAt) / 4);
    this.#statesEnd = this.#layout.statesAt;
    this.#valuesAt.clear();
    this.#forgetClasses();
  }

  /** The first of a batch's rows, by its index from `index` on, that is to be looked at; their number where there is none. */
  skip(batch: FlatBatch, index: number): number {
    const { records, rows, count, entities } = batch;
    if (!batch.isWhole || records.arena !== this.#arena) {
      this.#words[this.#layout.outcomeAt / 4] = 0;
      return index;
    }
    if (entities !== this.#entities) {
      this.#forgetClasses();
      this.#entities = entities;
    }
    return this.#skip(index, count, records.slots.byteOffset, records.kinds.byteOffset, rows.byteOffset);
  }

  /** The outcome of the row at which {@link skip} stopped last; null where it is not known. */
  get outcome(): Outcome | null {
    return this.#outcomes[this.#words[this.#layout.outcomeAt / 4]!]!;
  }

  /** Notes the state in which records of a kind and operations enter. */
  enter(kind: number, opFlags: number, state: State): void {
    const at = this.#layout.recentAt / 4 + (kind * RECENT + placeOf(opFlags, RECENT_BITS)) * 2;
    this.#words[at] = opFlags;
    this.#words[at + 1] = this.#addressOf(state);
  }

  /** Notes what follows a state for a class of its variable, and the class of the row. */
  note(state: State, valueClass: number, next: State, batch: FlatBatch, row: number): void {
    const from = this.#addressOf(state);
    if (from === 0 || batch.entities !== this.#entities) return;
    const asks = this.#words[from / 4]!;
    if (asks === ASKS.unknown) return;
    if (asks === ASKS.slot) this.#noteValue(from / 4, valueClass, batch, row);
    else this.#noteEntity(asks - ASKS.subject, valueClass, batch, row);
    const next4 = this.#roomFor(from / 4, valueClass);
    if (next4 !== 0) this.#words[next4] = this.#addressOf(next);
  }

  #noteValue(state: number, valueClass: number, batch: FlatBatch, row: number): void {
    const words = this.#words;
    const value = batch.records.slots[row * ROW_SLOTS + words[state + STATE.slot / 4]! / 4]!;
    const at = words[state + STATE.valuesAt / 4]! / 4 + placeOf(value, VALUES_BITS) * 2;
    words[at] = value;
    words[at + 1] = valueClass + 1;
  }

  /** @param which of {@link ENTITY_VARIABLES} */
  #noteEntity(which: number, valueClass: number, batch: FlatBatch, row: number): void {
    const ids = which === 0 ? batch.subjectIds : which === 1 ? batch.fileIds : batch.newFileIds;
    const id = ids[row]!;
    if (id >= ENTITIES) return;
    this.#words[this.#layout.classesAt[which]! / 4 + id] = valueClass + 1;
    this.#noted[which] = Math.max(this.#noted[which]!, id + 1);
  }

  /** The index of the word for what follows a state for a class; 0 where there is no room. */
  #roomFor(state: number, valueClass: number): number {
    const words = this.#words;
    const count = words[state + STATE.nextCount / 4]!;
    if (valueClass >= count) {
      let wanted = Math.max(FIRST_NEXT, count);
      while (wanted <= valueClass) wanted *= 2;
      const at = this.#allocate(wanted * 4);
      if (at === 0) return 0;
      const before = words[state + STATE.nextAt / 4]! / 4;
      words.copyWithin(at / 4, before, before + count);
      words[state + STATE.nextAt / 4] = at;
      words[state + STATE.nextCount / 4] = wanted;
    }
    return words[state + STATE.nextAt / 4]! / 4 + valueClass;
  }

  #addressOf(state: State): number {
    if (state.address !== 0) return state.address;
    const address = this.#allocate(STATE.bytes);
    if (address === 0) return 0;
    state.address = address;
    const asks = this.#asks(state);
    this.#words[address / 4] = asks;
    if (asks === ASKS.slot) this.#useSlot(address / 4, state);
    if (asks === ASKS.outcome) this.#words[(address + STATE.outcome) / 4] = this.#outcomes.push(state.outcome) - 1;
    return address;
  }

  #asks({ variable, column, outcome }: State): number {
    switch (variable) {
      case NO_VARIABLE:
        return outcome === this.#none ? ASKS.nothing : ASKS.outcome;
      case VARIABLE_OF.subject:
        return ASKS.subject;
      case VARIABLE_OF.file:
        return ASKS.file;
      case VARIABLE_OF.newfile:
        return ASKS.newFile;
      default:
        return slotOf(variable, column) === null ? ASKS.unknown : ASKS.slot;
    }
  }

  /** Notes where the values of a state's slot are; without room for them it asks for the unknown. */
  #useSlot(address: number, { variable, column }: State): void {
    let valuesAt = this.#valuesAt.get(variable);
    if (valuesAt === undefined) {
      valuesAt = this.#allocate(VALUES * 8);
      if (valuesAt === 0) {
        this.#words[address] = ASKS.unknown;
        return;
      }
      this.#valuesAt.set(variable, valuesAt);
    }
    this.#words[address + STATE.slot / 4] = slotOf(variable, column)! * 4;
    this.#words[address + STATE.valuesAt / 4] = valuesAt;
  }

  /** Room among the states; 0 where there is none. */
  #allocate(bytes: number): number {
    const at = this.#statesEnd;
    if (at + bytes > this.#layout.statesAt + STATE_BYTES) return 0;
    this.#statesEnd += bytes;
    return at;
  }

  #forgetClasses(): void {
    for (const [which, at] of this.#layout.classesAt.entries()) this.#fill(at, this.#noted[which]!);
    this.#noted.fill(0);
    this.#entities = null;
  }

  #fill(address: number, words: number): void {
    this.#words.fill(0, address / 4, address / 4 + words);
  }
}

/** Addresses. */
interface Layout {
  /** By kind and {@link placeOf} operations: these, and the state in which they enter. */
  readonly recentAt: number;
  /** Where the number of the outcome is left at which it stopped; 0 where it is not known. */
  readonly outcomeAt: number;
  /** For each of {@link ENTITY_VARIABLES}, the class by the entity's number. Classes are noted plus one; 0: not known. */
  readonly classesAt: readonly number[];
  readonly statesAt: number;
}

/** The slot on which alone the class of a variable depends; null where there is none. */
function slotOf(variable: number, column: Column | null): number | null {
  return variable === VARIABLE_OF.openflags ? SLOT_OPEN_FLAGS : (column?.slot ?? null);
}

/** The code behind {@link RowSkipper.skip}. */
function skipFunction({ recentAt, outcomeAt, classesAt }: Layout): WasmFunction {
  const [index, count, slots, kinds, flat, row, state, place, known, value] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const rowAt = add(get(slots), multiply(get(row), ROW_SLOTS * 4));
  const slot = (number: number): Code => load(rowAt, number * 4);
  const noted = (number: Code, bits: number): Code => shiftRight(multiply(number, GOLDEN), 32 - bits);
  // Out of the condition, the loop over states, the one over rows, and the block around all.
  const STOP = 3;
  const STOP_WITHIN = STOP + 1;
  const entityClass = (which: number): Code => [
    set(known, load(add(get(flat), multiply(get(row), 4)), (which + 1) * BATCH_ROWS * 4)),
    [notLess(get(known), ENTITIES), branchIf(STOP_WITHIN)],
    set(known, load(multiply(get(known), 4), classesAt[which]!)),
  ];
  const slotClass = [
    set(value, load(add(rowAt, load(get(state), STATE.slot)))),
    set(place, add(shiftLeft(noted(get(value), VALUES_BITS), 3), load(get(state), STATE.valuesAt))),
    [unequal(load(get(place)), get(value)), branchIf(STOP_WITHIN)],
    set(known, load(get(place), 4)),
  ];
  const asks = (what: number): Code => equal(load(get(state), STATE.asks), what);
  const body = [
    store(outcomeAt, 0, 0),
    block(
      repeat([
        [notLess(get(index), get(count)), branchIf(1)],
        set(row, load(add(get(flat), multiply(get(index), 4)))),
        set(
          place,
          shiftLeft(
            add(multiply(loadByte(add(get(kinds), get(row))), RECENT), noted(slot(SLOT_OP_FLAGS), RECENT_BITS)),
            3,
          ),
        ),
        [unequal(load(get(place), recentAt), slot(SLOT_OP_FLAGS)), branchIf(1)],
        set(state, load(get(place), recentAt + 4)),
        repeat([
          // Nothing is at address 0, which so is a state that asks for the unknown.
          [asks(ASKS.unknown), branchIf(2)],
          unequal(load(get(state), STATE.asks), ASKS.nothing),
          when([
            [asks(ASKS.outcome), when([store(outcomeAt, 0, load(get(state), STATE.outcome)), branch(STOP_WITHIN)])],
            [asks(ASKS.subject), when(entityClass(0))],
            [asks(ASKS.file), when(entityClass(1))],
            [asks(ASKS.newFile), when(entityClass(2))],
            [asks(ASKS.slot), when(slotClass)],
            [not(get(known)), branchIf(STOP)],
            [notLess(subtract(get(known), 1), load(get(state), STATE.nextCount)), branchIf(STOP)],
            set(state, load(add(load(get(state), STATE.nextAt), multiply(subtract(get(known), 1), 4)))),
            branch(1),
          ]),
        ]),
        advance(index, 1),
        branch(0),
      ]),
    ),
    get(index),
  ];
  const parameters = [I32, I32, I32, I32, I32] as const;
  return { parameters, results: [I32], locals: [I32, I32, I32, I32, I32], body, exported: 'skip' };
}
