import type { FlatBatch } from '../../records/flat-batch.js';
import { FlatRecord } from '../../records/flat-record.js';
import { allocateMemoSlot } from '../../records/memo.js';
import { ROW_SLOTS, SLOT_OP_FLAGS, SLOT_OPEN_FLAGS } from '../../sysflow/record-batch.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import type { Action } from '../actions/action.js';
import type { Policy } from '../model/policy.js';
import { DecisionAutomaton, DecisionPlan, type State } from './decision-automaton.js';
import { NO_VARIABLE } from './formula.js';
import { type Outcome, OutcomeTable } from './outcome.js';
import { VARIABLE_OF } from './variables.js';

const { signature: SIGNATURE, actor: ACTOR, openflags: OPEN_FLAGS, file: FILE, newfile: NEW_FILE } = VARIABLE_OF;

/**
 * Maximum size of the automaton, in entries of about 8 bytes. A larger one is discarded and started again. Real
 * policies and data stay far below; the limit bounds the memory that forged data can occupy.
 */
const MAX_AUTOMATON_SIZE = 1_000_000;
/** Maximum number of cached operation flags per record type, and of cached open flags. */
const MAX_CACHED_FLAGS = 4096;
/** Hash slots for recently used operation flags, per record type; a power of two. */
const RECENT_FLAGS = 256;

/**
 * The cached class of an actor or file. All entities of a class share one object. Entities can outlive the automaton,
 * so the object refers to an id object instead of the automaton itself, which would otherwise stay in memory.
 */
interface EntityClass {
  readonly automaton: object;
  readonly id: number;
}

/**
 * Memo slots for the classes of actors and files. A file has two, since it can be the first file of one record and the
 * second file of another.
 */
export interface MatcherSlots {
  readonly actor: number;
  readonly file: number;
  readonly newFile: number;
}

/** Allocates slots for one matcher at a time. They can be reused by a later one. */
export function allocateMatcherSlots(): MatcherSlots {
  return { actor: allocateMemoSlot(), file: allocateMemoSlot(), newFile: allocateMemoSlot() };
}

/** Options of a matcher. */
export interface MatcherOptions {
  /** The actions that rules may name. */
  readonly actions: ReadonlyMap<string, Action>;
  readonly slots: MatcherSlots;
  /** Defaults to {@link MAX_AUTOMATON_SIZE}. */
  readonly maxAutomatonSize?: number;
}

/** An object with memo slots. */
interface Entity {
  readonly memo: unknown[];
}

/** Determines which rules match a record. */
export class Matcher {
  readonly outcomes: OutcomeTable;
  readonly #plan: DecisionPlan;
  readonly #maxSize: number;
  readonly #record = new FlatRecord();
  readonly #slots: MatcherSlots;
  #automaton!: DecisionAutomaton;
  /** Identifies the current automaton; see {@link EntityClass}. */
  #automatonId!: object;
  /** The state by operation flags, for each record type. */
  #signatures!: Map<number, State>[];
  /** A hash table over `#signatures`, for recently used operation flags and their states. */
  readonly #recentFlags = new Int32Array(RECORD_KIND_COUNT * RECENT_FLAGS);
  readonly #recentStates: (State | null)[] = new Array<State | null>(RECORD_KIND_COUNT * RECENT_FLAGS).fill(null);
  /** The shared objects of entity classes, by variable and class. */
  #entityClasses!: Map<number, EntityClass>[];
  /** Classes of open flags, and the class of records without a file. */
  #openFlags!: Map<number, number>;
  #noFile = -1;
  #noNewFile = -1;

  constructor(policy: Policy, options: MatcherOptions) {
    this.outcomes = new OutcomeTable(policy, options.actions);
    this.#plan = new DecisionPlan(policy);
    this.#slots = options.slots;
    this.#maxSize = options.maxAutomatonSize ?? MAX_AUTOMATON_SIZE;
    this.#reset();
  }

  /** Discards the automaton if it exceeds its maximum size. Call this regularly, between two records. */
  releaseMemory(): void {
    if (this.#automaton.size <= this.#maxSize) return;
    this.outcomes.clear();
    this.#reset();
  }

  /** Returns the outcome for a row of a batch. */
  match(batch: FlatBatch, row: number): Outcome {
    const kind = batch.records.kinds[row]!;
    const opFlags = batch.records.slots[row * ROW_SLOTS + SLOT_OP_FLAGS]!;
    const hashSlot = kind * RECENT_FLAGS + (Math.imul(opFlags, 0x9e3779b1) >>> 24);
    const recent = this.#recentStates[hashSlot]!;
    let state =
      recent !== null && this.#recentFlags[hashSlot] === opFlags
        ? recent
        : this.#stateOfSignature(hashSlot, batch, row);
    while (state.variable !== NO_VARIABLE) {
      const valueClass = this.#classOf(state, batch, row);
      state = state.next[valueClass] ?? this.#automaton.advance(state, valueClass);
    }
    return state.outcome;
  }

  #reset(): void {
    this.#automaton = new DecisionAutomaton(this.#plan, this.outcomes);
    this.#automatonId = {};
    this.#signatures = Array.from({ length: RECORD_KIND_COUNT }, () => new Map());
    this.#recentStates.fill(null);
    this.#entityClasses = Array.from({ length: NEW_FILE + 1 }, () => new Map());
    this.#openFlags = new Map();
    this.#noFile = -1;
    this.#noNewFile = -1;
  }

  /** Returns the state after reading a record's type and operation flags, and caches it in a hash slot. */
  #stateOfSignature(hashSlot: number, batch: FlatBatch, row: number): State {
    const kind = batch.records.kinds[row]!;
    const opFlags = batch.records.slots[row * ROW_SLOTS + SLOT_OP_FLAGS]!;
    const states = this.#signatures[kind]!;
    let state = states.get(opFlags);
    if (state === undefined) {
      const root = this.#automaton.root(kind);
      state = root;
      if (root.variable === SIGNATURE) {
        state = this.#automaton.advance(root, root.column!.classOf(this.#record.moveTo(batch, row)));
      }
      if (states.size >= MAX_CACHED_FLAGS) states.clear();
      states.set(opFlags, state);
    }
    this.#recentFlags[hashSlot] = opFlags;
    this.#recentStates[hashSlot] = state;
    return state;
  }

  #classOf(state: State, batch: FlatBatch, row: number): number {
    switch (state.variable) {
      case ACTOR:
        return this.#entityClass(state, batch.actor(row), this.#slots.actor, batch, row);
      case FILE: {
        const file = batch.file(row);
        if (file !== null) return this.#entityClass(state, file, this.#slots.file, batch, row);
        if (this.#noFile === -1) this.#noFile = state.column!.classOf(this.#record.moveTo(batch, row));
        return this.#noFile;
      }
      case NEW_FILE: {
        const file = batch.newFile(row);
        if (file !== null) return this.#entityClass(state, file, this.#slots.newFile, batch, row);
        if (this.#noNewFile === -1) this.#noNewFile = state.column!.classOf(this.#record.moveTo(batch, row));
        return this.#noNewFile;
      }
      case OPEN_FLAGS:
        return this.#openFlagsClass(state, batch, row);
      default:
        return state.column!.classOf(this.#record.moveTo(batch, row));
    }
  }

  #entityClass(state: State, entity: Entity, slot: number, batch: FlatBatch, row: number): number {
    const known = entity.memo[slot] as EntityClass | undefined;
    if (known !== undefined && known.automaton === this.#automatonId) return known.id;
    return this.#classify(state, entity, slot, batch, row);
  }

  #classify(state: State, entity: Entity, slot: number, batch: FlatBatch, row: number): number {
    const id = state.column!.classOf(this.#record.moveTo(batch, row));
    const classes = this.#entityClasses[state.variable]!;
    let entityClass = classes.get(id);
    if (entityClass === undefined) {
      entityClass = { automaton: this.#automatonId, id };
      classes.set(id, entityClass);
    }
    entity.memo[slot] = entityClass;
    return id;
  }

  #openFlagsClass(state: State, batch: FlatBatch, row: number): number {
    const openFlags = batch.records.slots[row * ROW_SLOTS + SLOT_OPEN_FLAGS]!;
    let known = this.#openFlags.get(openFlags);
    if (known === undefined) {
      known = state.column!.classOf(this.#record.moveTo(batch, row));
      if (this.#openFlags.size >= MAX_CACHED_FLAGS) this.#openFlags.clear();
      this.#openFlags.set(openFlags, known);
    }
    return known;
  }
}
