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
 * How large a decision may grow, in entries of about 8 bytes; beyond it, a new one is begun. Rules and data that people
 * have stay far below. It bounds what data made for the purpose can take.
 */
const MAX_AUTOMATON_SIZE = 1_000_000;
/** Distinct operations of a kind, and distinct open flags, that are remembered. */
const MAX_CACHED_FLAGS = 4096;
/** Places for operations used lately, for each kind; a power of two. */
const RECENT_FLAGS = 256;

/**
 * A class of entities in a decision; one object per class, kept with each entity of it. The decision is told by an object that
 * stands for it: entities outlive decisions, which must not stay in memory for them.
 */
interface EntityClass {
  readonly automaton: object;
  readonly id: number;
}

/** Where a matcher keeps the classes of actors and files; a file may be first in one record and second in another. */
export interface MatcherSlots {
  readonly actor: number;
  readonly file: number;
  readonly newFile: number;
}

/** Slots for one matcher at a time; a later one may take them over. */
export function allocateMatcherSlots(): MatcherSlots {
  return { actor: allocateMemoSlot(), file: allocateMemoSlot(), newFile: allocateMemoSlot() };
}

/** What a matcher may be told. */
export interface MatcherOptions {
  /** The actions that rules may name. */
  readonly actions: ReadonlyMap<string, Action>;
  readonly slots: MatcherSlots;
  /** See {@link MAX_AUTOMATON_SIZE}, which is the default. */
  readonly maxAutomatonSize?: number;
}

/** Anything that has room for what depends on it alone. */
interface Entity {
  readonly memo: unknown[];
}

/** Decides what the rules of a policy say of records. */
export class Matcher {
  readonly outcomes: OutcomeTable;
  readonly #plan: DecisionPlan;
  readonly #maxSize: number;
  readonly #record = new FlatRecord();
  readonly #slots: MatcherSlots;
  #automaton!: DecisionAutomaton;
  /** Stands for the decision; see {@link EntityClass}. */
  #automatonId!: object;
  /** The state by operations, for each kind. */
  #signatures!: Map<number, State>[];
  /** The same for the operations used lately: where they would stand, which stand there, and their state. */
  readonly #recentFlags = new Int32Array(RECORD_KIND_COUNT * RECENT_FLAGS);
  readonly #recentStates: (State | null)[] = new Array<State | null>(RECORD_KIND_COUNT * RECENT_FLAGS).fill(null);
  /** The objects for classes, by variable and class. */
  #entityClasses!: Map<number, EntityClass>[];
  /** Classes of open flags, and of no file. */
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

  /** Gives memory back where the data took too much; to be called now and then between two records. */
  releaseMemory(): void {
    if (this.#automaton.size <= this.#maxSize) return;
    this.outcomes.clear();
    this.#reset();
  }

  /** The outcome for a row of a batch. */
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

  /** The state after a record's kind and operations, which is noted at its hashSlot among the recent ones. */
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
