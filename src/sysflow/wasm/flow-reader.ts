/**
 * Generates the code that reads a kind of record: the fields in the writer's order, those of all numbers into the row, the
 * others passed over.
 */
import type { AvroType, RecordType } from '../avro-schema.js';
import { resolves } from '../decode-function.js';
import type { Fields, NumberSink, RecordLayout, Sink } from '../record-layouts.js';
import { isEntity } from '../record-types.js';
import { type Code, call, drop, global, i32, i64, local, when } from './assembler.js';
import { SLACK_BYTES } from './flow-memory.js';
import { ADVANCE, FUNCTION } from './functions.js';

/** Longest record that is read so, texts not counted: it keeps within what follows a block. */
const REACH = SLACK_BYTES / 2;

const NO_FIELDS: Fields = new Map();

// The locals of a reader: the address of its row, and the branch of a union.
const ROW = 0;
const UNION = 1;

/** Types that are followed: a schema can name one type in many places, so that following all of them would never end. */
const MAX_TYPES = 1000;

/**
 * Generates the code that reads a record of the writer.
 *
 * @param fault the position that stands for what is wrong
 * @returns null where its kind or type is not read so
 */
export function generateReader(type: RecordType, layout: RecordLayout, fault: number): Code | null {
  return new Generation(layout, fault).reader(type);
}

/** The generation of the reader of a kind. */
class Generation {
  readonly #layout: RecordLayout;
  readonly #fault: number;
  /** Whether the row gets all that the record has; else it is read for its end, and for the numbers of the row. */
  readonly #isWhole: boolean;
  /** Bytes that the record takes at most, texts not counted. */
  #reach = 0;
  /** Types followed so far, each as often as it is met. */
  #types = 0;

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
      const one = sink === undefined ? this.#pass(field.type) : this.#read(field.type, sink);
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
    return this.#isWhole ? null : this.#pass(type);
  }

  #union(branches: readonly AvroType[], read: (branch: AvroType) => Code | null): Code | null {
    this.#reach += 10;
    let code: Code = this.#fail();
    for (const [index, type] of [...branches.entries()].reverse()) {
      const one = type.kind === 'union' ? null : read(type);
      if (one === null) return null;
      code = [...local.get(UNION), ...i32.const(index), ...i32.eq, ...when(one, code)];
    }
    return [...call(FUNCTION.int), ...local.set(UNION), ...code];
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
        return [...local.get(ROW), ...call(FUNCTION.long), ...i64.store(offset), ...flagged];
      case 'time':
        return [...local.get(ROW), ...call(FUNCTION.time), ...i64.store(offset), ...flagged];
      case 'int':
        return [...local.get(ROW), ...call(FUNCTION.int), ...i32.store(offset), ...flagged];
      case 'oid':
        return [...local.get(ROW), ...i32.const(offset), ...i32.add, ...call(FUNCTION.oid), ...flagged];
      case 'earlyFlags': {
        const low = [...local.get(UNION), ...i32.const(7), ...i32.and];
        const high = [...local.get(UNION), ...i32.const(-8), ...i32.and, ...i32.const(2), ...i32.shl];
        return [
          ...[...call(FUNCTION.int), ...local.set(UNION)],
          ...[...local.get(ROW), ...low, ...high, ...i32.or, ...i32.store(offset), ...flagged],
        ];
      }
    }
  }

  /** Passes over a value; null where that would take too much code. */
  #pass(type: AvroType): Code | null {
    if (++this.#types > MAX_TYPES) return null;
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
        return [...call(FUNCTION.long), ...drop];
      case 'bytes':
      case 'string':
        this.#reach += 10;
        return call(FUNCTION.sized);
      case 'array':
      case 'map':
        // Those that are not empty are left to JavaScript.
        this.#reach += 10;
        return [...call(FUNCTION.long), ...i64.eqz, ...i32.eqz, ...when(this.#fail())];
      case 'union':
        return this.#union(type.branches, (branch) => this.#pass(branch));
      case 'record':
        return this.#record(type, NO_FIELDS);
    }
  }

  #advance(bytes: number): Code {
    this.#reach += bytes;
    return bytes > REACH ? this.#fail() : [...i32.const(bytes), ...ADVANCE];
  }
}
