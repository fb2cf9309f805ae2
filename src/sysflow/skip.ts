/**
 * Skips values that the reader does not know, by interpreting a plan for each type.
 *
 * Types without bytes (null, a record of such fields) are not part of any plan. Every step thus consumes bytes, which
 * bounds the number of steps whatever counts the data contains and however the schema nests.
 */
import type { AvroType, RecordType } from './avro-schema.js';
import { DecodeStatus, FAULT_BASE, fault } from './decode-status.js';
import type { Limits } from './limits.js';
import { readInt, readLong, skipVarint } from './varint.js';

/** How to skip one value; null for a type without bytes. */
export type SkipPlan =
  | { readonly kind: 'varint' }
  | { readonly kind: 'sized' }
  | { readonly kind: 'bytes'; readonly count: number }
  | { readonly kind: 'items'; readonly keyed: boolean; readonly item: SkipPlan | null }
  | { readonly kind: 'union'; readonly branches: readonly (SkipPlan | null)[] }
  | { readonly kind: 'record'; fields: readonly SkipPlan[] };

/** Creates the plans for the types of one schema. A record has a single plan, so the plan can contain itself. */
export class SkipPlanner {
  readonly #records = new Map<RecordType, SkipPlan>();

  /** Returns the plan of a type, or null if it has no bytes. */
  plan(type: AvroType): SkipPlan | null {
    switch (type.kind) {
      case 'null':
        return null;
      case 'boolean':
        return { kind: 'bytes', count: 1 };
      case 'int':
      case 'long':
      case 'enum':
        return { kind: 'varint' };
      case 'float':
        return { kind: 'bytes', count: 4 };
      case 'double':
        return { kind: 'bytes', count: 8 };
      case 'bytes':
      case 'string':
        return { kind: 'sized' };
      case 'fixed':
        return type.size === 0 ? null : { kind: 'bytes', count: type.size };
      case 'array':
        return { kind: 'items', keyed: false, item: this.plan(type.items) };
      case 'map':
        return { kind: 'items', keyed: true, item: this.plan(type.values) };
      case 'union':
        return { kind: 'union', branches: type.branches.map((branch) => this.plan(branch)) };
      case 'record':
        return this.#record(type);
    }
  }

  #record(type: RecordType): SkipPlan | null {
    const known = this.#records.get(type);
    // A record that is still being planned has bytes, at least for the field that refers back to it.
    if (known !== undefined) return known.kind === 'record' && known.fields === EMPTY ? null : known;
    const plan: SkipPlan = { kind: 'record', fields: [] };
    this.#records.set(type, plan);
    const fields = type.fields.map((field) => this.plan(field.type)).filter((field) => field !== null);
    plan.fields = fields.length === 0 ? EMPTY : fields;
    return fields.length === 0 ? null : plan;
  }
}

const EMPTY: readonly SkipPlan[] = [];
const LENGTH = fault(DecodeStatus.length);
const BRANCH = fault(DecodeStatus.branch);
const COUNT = fault(DecodeStatus.count);
const DEPTH = fault(DecodeStatus.depth);
/** No value is this long; the limit keeps the sum below the fault positions. */
const LONGEST = FAULT_BASE / 2;
const pair = new Int32Array(2);

/** Skips values of planned types. */
export class Skipper {
  readonly #depth: number;

  constructor(limits: Limits) {
    this.#depth = limits.depth;
  }

  /** Returns the position after a value, or one beyond `end` (see `decode-status.ts`). */
  skip(plan: SkipPlan | null, bytes: Uint8Array, position: number, end: number, depth = 0): number {
    if (plan === null || position > end) return position;
    if (depth > this.#depth) return DEPTH;
    switch (plan.kind) {
      case 'varint':
        return skipVarint(bytes, position);
      case 'bytes':
        return position + plan.count;
      case 'sized':
        return skipSized(bytes, position, end);
      case 'items':
        return this.#skipItems(plan.item, plan.keyed, bytes, position, end, depth + 1);
      case 'union': {
        const next = readInt(bytes, position, pair, 0);
        const branch = plan.branches[pair[0]!];
        if (branch === undefined) return next > end ? next : BRANCH;
        return this.skip(branch, bytes, next, end, depth + 1);
      }
      case 'record': {
        let next = position;
        for (const field of plan.fields) {
          next = this.skip(field, bytes, next, end, depth + 1);
          if (next > end) return next;
        }
        return next;
      }
    }
  }

  /** Blocks of items: a count, or a negative count and the size of the block in bytes; a count of 0 ends them. */
  #skipItems(
    item: SkipPlan | null,
    keyed: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    depth: number,
  ): number {
    let position = start;
    for (;;) {
      position = readLong(bytes, position, pair, 0);
      if (position > end) return position;
      const count = pair[1]! * 4294967296 + (pair[0]! >>> 0);
      if (count === 0) return position;
      if (count < 0) {
        position = skipSized(bytes, position, end);
        if (position > end) return position;
        continue;
      }
      if (item === null && !keyed) continue;
      if (count > end - position) return count > LONGEST ? COUNT : end + 1;
      for (let i = 0; i < count; i++) {
        if (keyed) position = skipSized(bytes, position, end);
        position = this.skip(item, bytes, position, end, depth);
        if (position > end) return position;
      }
    }
  }
}

/** Skips a length and that many bytes. */
function skipSized(bytes: Uint8Array, position: number, end: number): number {
  const next = readLong(bytes, position, pair, 0);
  if (next > end) return next;
  const length = pair[0]!;
  return pair[1] !== 0 || length < 0 || length > LONGEST ? LENGTH : next + length;
}
