/**
 * Generates the code that reads one kind of record. It reads the fields in the writer's order, stores those that
 * consist of numbers in the row, and skips the others.
 */

import type { AvroType, RecordType } from '../../sysflow/avro-schema.js';
import { resolves } from '../../sysflow/decode-function.js';
import { type Fields, type NumberSink, type RecordLayout, type Sink, STATES } from '../../sysflow/record-layouts.js';
import { isEntity, RecordKind } from '../../sysflow/record-types.js';
import { type Code, call, global, I32, i32, i64, local, type ValueType, when } from '../wasm/assembler.js';
import { type DecoderMemory, SLACK_BYTES } from './decoder-memory.js';
import { ANNOUNCED } from './file-store.js';
import { FUNCTION } from './functions.js';

/** Maximum length of a supported record, excluding texts, so that reading it stays within the space after a block. */
const REACH = SLACK_BYTES / 2;

const NO_FIELDS: Fields = new Map();

// The locals of a reader: the address of its row, the position, the branch of a union, and a byte.
const [ROW, POSITION, UNION, BYTE] = [0, 1, 2, 3];

/** The additional locals of a reader, besides its row and position. */
export const READER_LOCALS: readonly ValueType[] = [I32, I32];

/** Maximum length of a text whose length is encoded in one byte. */
const SHORT_TEXT = 63;

/** Maximum length of a text of a file. */
const MAX_TEXT = 4096;

/** A part of a file that is passed to `keepFile`. */
type FilePart =
  | { readonly kind: 'state' | 'int'; readonly at: number }
  | { readonly kind: 'text'; readonly at: number; readonly bytes: number };

/** The parts of a file that are not numbers of its row, by field. */
const FILE_PARTS: ReadonlyMap<string, FilePart> = new Map([
  ['state', { kind: 'state', at: ANNOUNCED.state }],
  ['restype', { kind: 'int', at: ANNOUNCED.resourceType }],
  ['path', { kind: 'text', at: ANNOUNCED.pathAt, bytes: ANNOUNCED.pathBytes }],
  ['containerId', { kind: 'text', at: ANNOUNCED.containerAt, bytes: ANNOUNCED.containerBytes }],
]);

/**
 * Maximum number of types visited: a schema can refer to one type many times, so visiting all references could take
 * forever.
 */
const MAX_TYPES = 1000;

/**
 * Generates the code that reads a record at a position and returns the position after it. The parts of a file are
 * stored in `ANNOUNCED`.
 *
 * @returns null if the kind or its type is not supported
 */
export function generateReader(type: RecordType, layout: RecordLayout, memory: DecoderMemory): Code | null {
  return new Generation(layout, memory).reader(type);
}

/** Generates the reader of one kind. */
class Generation {
  readonly #layout: RecordLayout;
  readonly #fault: number;
  readonly #announcedAt: number;
  /**
   * Whether the row contains all data of the record. If not, the record is only read for its end and for the numbers of
   * the row.
   */
  readonly #isWhole: boolean;
  /** Maximum length of the record so far, excluding texts. */
  #reach = 0;
  /** Number of types visited, including repeated visits. */
  #types = 0;

  constructor(layout: RecordLayout, { fault, files }: DecoderMemory) {
    this.#layout = layout;
    this.#fault = fault;
    this.#announcedAt = files.announcedAt;
    this.#isWhole = !isEntity(layout.kind);
  }

  /** Generates the reader of a record; returns null if its kind or type is not supported. */
  reader(type: RecordType): Code | null {
    const { payload, payloadOf } = this.#layout;
    if (this.#isWhole && payload !== '' && payloadOf === null) return null;
    const code = this.#record(type, this.#layout.fields);
    if (code === null || this.#reach > REACH) return null;
    return [this.#isFile ? this.#nothingAnnounced() : [], code, local.get(POSITION)];
  }

  get #isFile(): boolean {
    return this.#layout.kind === RecordKind.file;
  }

  /** Sets the default values. */
  #nothingAnnounced(): Code {
    const code: Code[] = [];
    for (let part = 0; part < ANNOUNCED.bytes; part += 4) code.push(this.#announce(part, i32.const(0)));
    return [code, this.#announce(ANNOUNCED.containerBytes, i32.const(-1))];
  }

  #announce(part: number, value: Code): Code {
    return [i32.const(this.#announcedAt), value, i32.store(part)];
  }

  #record(type: AvroType, fields: Fields): Code | null {
    if (type.kind !== 'record') return null;
    const code: Code[] = [];
    for (const field of type.fields) {
      const sink = fields.get(field.name);
      // The field that determines whether there is a payload is skipped if it is empty.
      const isSkipped = sink === undefined || field.name === this.#layout.payloadOf;
      const part = this.#isFile && !isSkipped ? FILE_PARTS.get(field.name) : undefined;
      const one =
        part !== undefined
          ? this.#part(field.type, part)
          : isSkipped
            ? this.#skip(field.type)
            : this.#read(field.type, sink);
      if (one === null) return null;
      code.push(one);
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
    return this.#isWhole ? null : this.#skip(type);
  }

  /** Passes a part of a file to `keepFile`. */
  #part(type: AvroType, part: FilePart): Code | null {
    if (type.kind === 'null') return [];
    if (type.kind === 'union') return this.#union(type.branches, (branch) => this.#part(branch, part));
    switch (part.kind) {
      case 'state':
        return type.kind === 'enum' ? this.#state(type.symbols, part.at) : null;
      case 'int':
        return type.kind === 'int' ? this.#intPart(part.at) : null;
      case 'text':
        return type.kind === 'string' || type.kind === 'bytes' ? this.#textPart(part.at, part.bytes) : null;
    }
  }

  #state(symbols: readonly string[], at: number): Code {
    this.#reach += 10;
    const singleByte = [UNZIGZAG_BYTE, local.set(UNION), this.#advance(1)];
    const isKnown = [local.get(UNION), i32.const(symbols.length), i32.ltU];
    const states = symbols.map((symbol, index) => {
      const state = STATES.get(symbol) ?? 0;
      const its = [local.get(UNION), i32.const(index), i32.eq, when(this.#announce(at, i32.const(state)))];
      return state === 0 ? [] : its;
    });
    return [
      orSingleByte(singleByte, atGlobal([call(FUNCTION.int), local.set(UNION)])),
      [isKnown, when(states, this.#fail())],
    ];
  }

  #intPart(at: number): Code {
    this.#reach += 10;
    const singleByte = [this.#announce(at, UNZIGZAG_BYTE), this.#advance(1)];
    const put = [local.get(POSITION), i32.const(this.#announcedAt + at), call(FUNCTION.putInt), local.set(POSITION)];
    return orSingleByte(singleByte, put);
  }

  #textPart(at: number, bytes: number): Code {
    this.#reach += 10 + MAX_TEXT;
    const singleByte = [UNZIGZAG_BYTE, local.set(UNION), this.#advance(1)];
    const isRight = [local.get(UNION), i32.const(MAX_TEXT + 1), i32.ltU];
    const taken = [
      this.#announce(at, local.get(POSITION)),
      this.#announce(bytes, local.get(UNION)),
      [local.get(POSITION), local.get(UNION), i32.add, local.set(POSITION)],
    ];
    return [
      // `int` rejects a length of more than 32 bits.
      orSingleByte(singleByte, atGlobal([call(FUNCTION.int), local.set(UNION)])),
      [isRight, when(taken, this.#fail())],
    ];
  }

  #union(branches: readonly AvroType[], read: (branch: AvroType) => Code | null): Code | null {
    this.#reach += 10;
    let code: Code = this.#fail();
    for (const [index, type] of [...branches.entries()].reverse()) {
      const one = type.kind === 'union' ? null : read(type);
      if (one === null) return null;
      code = [local.get(UNION), i32.const(index), i32.eq, when(one, code)];
    }
    const singleByte = [UNZIGZAG_BYTE, local.set(UNION), this.#advance(1)];
    return [orSingleByte(singleByte, atGlobal([call(FUNCTION.int), local.set(UNION)])), code];
  }

  #fail(): Code {
    return [i32.const(this.#fault), local.set(POSITION)];
  }

  #number({ form, index, flag }: NumberSink): Code {
    this.#reach += 20;
    const offset = index * 4;
    const flagged = flag === null ? [] : [local.get(ROW), i32.const(1), i32.store(flag * 4)];
    const put = (put: number): Code => [
      [local.get(POSITION), local.get(ROW), i32.const(offset), i32.add],
      [call(put), local.set(POSITION)],
    ];
    switch (form) {
      case 'long': {
        const singleByte = [local.get(ROW), UNZIGZAG_BYTE, i64.extendS, i64.store(offset), this.#advance(1)];
        return [orSingleByte(singleByte, put(FUNCTION.putLong)), flagged];
      }
      case 'int': {
        const singleByte = [local.get(ROW), UNZIGZAG_BYTE, i32.store(offset), this.#advance(1)];
        return [orSingleByte(singleByte, put(FUNCTION.putInt)), flagged];
      }
      case 'time':
        return [put(FUNCTION.putTime), flagged];
      case 'oid': {
        const announced = this.#isFile ? this.#announce(ANNOUNCED.oidAt, local.get(POSITION)) : [];
        return [announced, put(FUNCTION.putOid), flagged];
      }
      case 'earlyFlags': {
        const low = [local.get(UNION), i32.const(7), i32.and];
        const high = [local.get(UNION), i32.const(-8), i32.and, i32.const(2), i32.shl];
        return [
          atGlobal([call(FUNCTION.int), local.set(UNION)]),
          [local.get(ROW), low, high, i32.or, i32.store(offset), flagged],
        ];
      }
    }
  }

  /** Skips a value; returns null if that would need too much code. */
  #skip(type: AvroType): Code | null {
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
        return orSingleByte(this.#advance(1), [local.get(POSITION), call(FUNCTION.skipLong), local.set(POSITION)]);
      case 'bytes':
      case 'string': {
        this.#reach += 10 + SHORT_TEXT;
        const size = [local.get(BYTE), i32.const(1), i32.shrU, i32.const(1), i32.add];
        const isShort = [local.get(BYTE), i32.const(0x81), i32.and, i32.eqz];
        return [
          [BYTE_AT_POSITION, isShort],
          when(
            [local.get(POSITION), size, i32.add, local.set(POSITION)],
            [local.get(POSITION), call(FUNCTION.skipSized), local.set(POSITION)],
          ),
        ];
      }
      case 'array':
      case 'map': {
        // Arrays and maps that are not empty are left to JavaScript.
        this.#reach += 10;
        const zero = [call(FUNCTION.long), i64.eqz];
        return [[local.get(POSITION), global.set, zero], when([global.get, local.set(POSITION)], this.#fail())];
      }
      case 'union':
        return this.#union(type.branches, (branch) => this.#skip(branch));
      case 'record':
        return this.#record(type, NO_FIELDS);
    }
  }

  #advance(bytes: number): Code {
    this.#reach += bytes;
    if (bytes > REACH) return this.#fail();
    return [local.get(POSITION), i32.const(bytes), i32.add, local.set(POSITION)];
  }
}

const BYTE_AT_POSITION: Code = [local.get(POSITION), i32.load8(), local.set(BYTE)];

/** Decodes a number of one byte. */
const UNZIGZAG_BYTE: Code = [
  [local.get(BYTE), i32.const(1), i32.shrU],
  [i32.const(0), local.get(BYTE), i32.const(1), i32.and, i32.sub, i32.xor],
];

/** Most numbers have one byte, which needs no call. */
function orSingleByte(read: Code, otherwise: Code): Code {
  return [BYTE_AT_POSITION, local.get(BYTE), i32.const(128), i32.ltU, when(read, otherwise)];
}

/** Reads with a function that reads at the global. */
function atGlobal(read: Code): Code {
  return [local.get(POSITION), global.set, read, global.get, local.set(POSITION)];
}
