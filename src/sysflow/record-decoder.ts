/**
 * Decodes records of a writer's schema into rows of a {@link RecordBatch}.
 *
 * Each branch of the schema's union has a generated function (`decode-function.ts`). Functions are shared between
 * schemas in which a record has the same form, so they stay optimized across files of several versions.
 */
import { type AvroType, parseSchema, type RecordType, unqualified } from './avro-schema.js';
import { type DecodeFunction, generateDecode, makeDecode } from './decode-function.js';
import { DecodeStatus, statusOf } from './decode-status.js';
import type { Decoder, Decoders } from './decoding.js';
import { SchemaError } from './errors.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import { NEWEST_SCHEMA } from './newest-schema.js';
import { BATCH_ROWS, type RecordBatch, ROW_SLOTS } from './record-batch.js';
import { layoutsFor, type RecordLayout } from './record-layouts.js';
import { type SkipPlan, SkipPlanner, Skipper } from './skip.js';
import { StringInterner } from './string-interner.js';
import { ValueReader } from './value-reader.js';
import { readInt } from './varint.js';

/** A branch of a schema's union that SysFlow defines. */
export interface KnownBranch {
  readonly type: RecordType;
  readonly layout: RecordLayout;
}

/** A branch of the schema's union. */
interface Branch {
  /** `RecordKind`; 0 if {@link decode} is null. */
  readonly kind: number;
  /** Null for a branch that SysFlow does not define. */
  readonly decode: DecodeFunction | null;
  /** How to skip the record if {@link decode} is null. */
  readonly plan: SkipPlan | null;
}

/** A batch is passed on early when its records have this size, so that its memory is bounded. */
export const BATCH_BYTES: number = 4 << 20;

/** Decodes the records of one schema. It keeps no state between calls except the results of the last call. */
export class RecordDecoder implements Decoder {
  position = 0;
  consumed = 0;
  skipped = 0;
  /**
   * The branches of the schema's union, undefined for unknown ones; null if a record consists of more than a branch.
   */
  readonly union: readonly (KnownBranch | undefined)[] | null;

  readonly #branches: readonly Branch[];
  readonly #tagged: boolean;
  readonly #before: readonly SkipPlan[];
  readonly #after: readonly SkipPlan[];
  readonly #skipper: Skipper;
  readonly #tag = new Int32Array(1);
  /** Whether a record is a tag and a branch, as in all SysFlow schemas so far. */
  readonly #plain: boolean;
  #next = 0;

  /** @param shape a schema compiled by `DecoderFactory` */
  constructor(shape: DecoderShape, skipper: Skipper) {
    this.union = shape.union;
    this.#branches = shape.branches;
    this.#tagged = shape.tagged;
    this.#before = shape.before;
    this.#after = shape.after;
    this.#skipper = skipper;
    this.#plain = shape.tagged && shape.before.length === 0;
  }

  decode(bytes: Uint8Array, start: number, end: number, batch: RecordBatch, maxRecords: number): DecodeStatus {
    const { slots, kinds, payloads } = batch;
    const stop = Math.min(end, start + BATCH_BYTES);
    let status: DecodeStatus = DecodeStatus.ok;
    let position = start;
    let row = batch.length;
    let left = maxRecords;
    let skipped = 0;
    const branches = this.#branches;
    const plain = this.#plain;
    while (row < BATCH_ROWS && left > 0 && position < stop) {
      const tag = bytes[position]!;
      let next = position + 1;
      let branch: Branch | undefined;
      if (plain && (tag & 129) === 0) branch = branches[tag >> 1];
      else {
        branch = this.#branchAt(bytes, position, end);
        next = this.#next;
      }
      if (branch === undefined) {
        status = next > end ? statusOf(next) : DecodeStatus.branch;
        break;
      }
      const { decode } = branch;
      if (decode === null) next = this.#skipper.skip(branch.plan, bytes, next, end);
      else next = decode(bytes, next, end, slots, row * ROW_SLOTS, payloads, row);
      if (this.#after.length !== 0) next = this.#skipAll(this.#after, bytes, next, end);
      if (next > end) {
        clearRow(batch, row);
        batch.length = row;
        status = this.#cause(next, bytes, position, end, batch);
        break;
      }
      position = next;
      left--;
      if (decode === null) skipped++;
      else kinds[row++] = branch.kind;
    }
    batch.length = row;
    this.position = position;
    this.consumed = maxRecords - left;
    this.skipped = skipped;
    return status;
  }

  /**
   * Returns why the record at a position cannot be decoded. If there are bytes after `end`, they were read as well and
   * may have caused another error, so the record is decoded once more without them.
   */
  #cause(next: number, bytes: Uint8Array, position: number, end: number, batch: RecordBatch): DecodeStatus {
    if (end === bytes.length) return statusOf(next);
    return this.decode(bytes.subarray(0, end), position, end, batch, 1);
  }

  /**
   * Appends the record of a packet to a batch that is not full.
   *
   * @returns `ok`, or why the packet is invalid and left out; `trailing` if it contains more than a record
   */
  decodePacket(bytes: Uint8Array, batch: RecordBatch): DecodeStatus {
    const row = batch.length;
    const status = this.decode(bytes, 0, bytes.length, batch, 1);
    if (status !== DecodeStatus.ok) return status;
    if (this.consumed === 0) return DecodeStatus.truncated;
    if (this.position === bytes.length) return DecodeStatus.ok;
    this.skipped = 0;
    batch.length = row;
    clearRow(batch, row);
    return DecodeStatus.trailing;
  }

  /**
   * Returns the branch of the record at a position, for any schema: there may be fields before the record, or no union.
   * Stores the position after the tag in `#next`.
   */
  #branchAt(bytes: Uint8Array, start: number, end: number): Branch | undefined {
    const position = this.#skipAll(this.#before, bytes, start, end);
    this.#next = this.#tagged ? readInt(bytes, position, this.#tag, 0) : position;
    return this.#branches[this.#tagged ? this.#tag[0]! : 0];
  }

  #skipAll(plans: readonly SkipPlan[], bytes: Uint8Array, start: number, end: number): number {
    let position = start;
    for (const plan of plans) position = this.#skipper.skip(plan, bytes, position, end);
    return position;
  }
}

/** Clears the row of a record that could not be decoded. */
function clearRow(batch: RecordBatch, row: number): void {
  batch.slots.fill(0, row * ROW_SLOTS, (row + 1) * ROW_SLOTS);
  batch.payloads[row] = null;
}

/** A compiled schema. */
interface DecoderShape {
  readonly branches: readonly Branch[];
  /** Whether a record starts with the index of its branch. */
  readonly tagged: boolean;
  /** Fields before and after the record. */
  readonly before: readonly SkipPlan[];
  readonly after: readonly SkipPlan[];
  /** See `RecordDecoder.union`. */
  readonly union: readonly (KnownBranch | undefined)[] | null;
}

/** Maximum number of functions cached for sharing between schemas. */
const KEPT_FUNCTIONS = 512;
/** Maximum number of decoders cached by the text of their schema. */
const KEPT_DECODERS = 16;

/** Compiles decoders. The decoders of one factory share functions and interned strings. */
export class DecoderFactory implements Decoders {
  readonly limits: Limits;
  readonly #values: ValueReader;
  readonly #skipper: Skipper;
  readonly #functions = new Map<string, DecodeFunction>();
  readonly #decoders = new Map<string, RecordDecoder>();

  /** @param interner interns texts */
  constructor(interner: StringInterner = new StringInterner(), limits: Limits = DEFAULT_LIMITS) {
    this.limits = limits;
    this.#values = new ValueReader(interner, limits);
    this.#skipper = new Skipper(limits);
  }

  /**
   * Returns the decoder for a writer's schema as JSON text, or why it is not a SysFlow schema. The most recent decoders
   * are cached.
   */
  decoderFor(text: string): RecordDecoder | SchemaError {
    const known = this.#decoders.get(text);
    if (known !== undefined) return known;
    const schema = parseSchema(text, this.limits);
    if (schema instanceof SchemaError) return schema;
    const decoder = this.compile(schema);
    if (decoder instanceof SchemaError) return decoder;
    if (this.#decoders.size >= KEPT_DECODERS) this.#decoders.clear();
    this.#decoders.set(text, decoder);
    return decoder;
  }

  /** Returns the decoder for the newest schema, which the collector's packets use. */
  newest(): RecordDecoder {
    // Tests verify that the built-in schema compiles.
    return this.decoderFor(NEWEST_SCHEMA) as RecordDecoder;
  }

  /** Compiles the decoder for a writer's schema, or returns why it is not a SysFlow schema. */
  compile(schema: AvroType): RecordDecoder | SchemaError {
    const planner = new SkipPlanner();
    const plan = (type: AvroType): SkipPlan | null => planner.plan(type);
    let before: SkipPlan[] = [];
    let after: SkipPlan[] = [];
    let body = schema;
    if (schema.kind === 'record' && !layoutsFor([]).has(unqualified(schema.name))) {
      const at = schema.fields.findIndex((field) => field.name === 'rec');
      if (at === -1) return new SchemaError(`record '${schema.name}' has no field 'rec'`);
      body = schema.fields[at]!.type;
      const others = (from: number, to: number): SkipPlan[] =>
        schema.fields
          .slice(from, to)
          .map((field) => plan(field.type))
          .filter((one) => one !== null);
      before = others(0, at);
      after = others(at + 1, schema.fields.length);
    }
    const tagged = body.kind === 'union';
    const types = body.kind === 'union' ? body.branches : [body];
    const layouts = layoutsFor(types.filter((type) => type.kind === 'record'));
    const branches: Branch[] = [];
    const known: (KnownBranch | undefined)[] = [];
    for (const type of types) {
      const layout = type.kind === 'record' ? layouts.get(unqualified(type.name)) : undefined;
      if (layout === undefined || type.kind !== 'record') {
        branches.push({ kind: 0, decode: null, plan: plan(type) });
        known.push(undefined);
        continue;
      }
      const decode = this.#function(type, layout, planner);
      if (decode instanceof SchemaError) return decode;
      branches.push({ kind: layout.kind, decode, plan: null });
      known.push({ type, layout });
    }
    if (!branches.some((branch) => branch.decode !== null)) return new SchemaError('schema has no SysFlow record');
    const union = tagged && before.length === 0 && after.length === 0 ? known : null;
    return new RecordDecoder({ branches, tagged, before, after, union }, this.#skipper);
  }

  #function(type: RecordType, layout: RecordLayout, planner: SkipPlanner): DecodeFunction | SchemaError {
    const generated = generateDecode(type, layout, planner);
    if (generated instanceof SchemaError) return generated;
    const { key } = generated;
    const known = key === null ? undefined : this.#functions.get(key);
    if (known !== undefined) return known;
    const made = makeDecode(generated, this.#values, this.#skipper);
    if (key !== null) {
      if (this.#functions.size >= KEPT_FUNCTIONS) this.#functions.clear();
      this.#functions.set(key, made);
    }
    return made;
  }
}
