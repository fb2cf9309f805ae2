import { FlatBatch } from '../records/flat-batch.js';
import { Emitter } from '../streams/emitter.js';
import type { Receiver, Shared } from '../streams/receiver.js';
import type { Container, File, Header, Pod, Process } from '../sysflow/entities.js';
import { OpFlag } from '../sysflow/op-flags.js';
import {
  type RecordBatch,
  ROW_SLOTS,
  SLOT_FILE_OID,
  SLOT_HAS_NEW_FILE,
  SLOT_NEW_FILE_OID,
  SLOT_OP_FLAGS,
  SLOT_PROC_CREATE_TS,
  SLOT_PROC_PID,
  SLOT_STORED,
  SLOT_TID,
} from '../sysflow/record-batch.js';
import { RECORD_KIND_COUNT, RecordKind } from '../sysflow/record-types.js';
import { DEFAULT_TABLE_LIMITS, EntityTables, type TableCounts, type TableLimits } from './entity-tables.js';
import { flattenStream } from './flattener.js';
import type { StreamHandler } from './handler.js';
import { RateLimiter } from './rate-limiter.js';
import { RecordCalls } from './record-calls.js';

export interface ReaderOptions {
  /** Suppress records seen within this time, milliseconds (`filter.enabled`, `filter.maxage`); null lets all pass. */
  readonly rateLimit: { readonly maxAge: number; readonly now: () => number } | null;
  /** The limits of the entity tables. */
  readonly limits?: TableLimits;
}

/** Statistics of a reader. */
export interface ReaderStatistics {
  /** Records read, by `RecordKind`. */
  readonly records: Float64Array;
  /** Missing and evicted entities. */
  readonly tables: TableCounts;
  /** Records suppressed by the rate limiter. */
  readonly suppressed: number;
  /** Records emitted. */
  readonly passed: number;
}

/** Receives the records of one stream, keeps its entities, joins its events with them, and calls a handler for both. */
export class Reader implements Receiver<RecordBatch> {
  readonly #handler: StreamHandler;
  readonly #calls: RecordCalls | null;
  readonly #emitter: Emitter<Shared>;
  readonly #tables: EntityTables;
  readonly #limiter: RateLimiter | null;
  readonly #records = new Float64Array(RECORD_KIND_COUNT);
  #passed = 0;
  /** Flat batches are as reusable as the record batches they belong to. */
  readonly #flats = new WeakMap<RecordBatch, FlatBatch>();

  /** @param emitter the handler's output; the reader waits for it after each batch */
  constructor(options: ReaderOptions, handler: StreamHandler, emitter: Emitter<Shared>) {
    this.#handler = handler;
    this.#calls = RecordCalls.of(handler);
    this.#emitter = emitter;
    this.#tables = new EntityTables(options.limits ?? DEFAULT_TABLE_LIMITS);
    this.#limiter =
      options.rateLimit === null ? null : new RateLimiter(options.rateLimit.maxAge, options.rateLimit.now);
  }

  get statistics(): ReaderStatistics {
    return {
      records: this.#records,
      tables: this.#tables.counts,
      suppressed: this.#limiter?.suppressed ?? 0,
      passed: this.#passed,
    };
  }

  push(batch: RecordBatch): Promise<void> | undefined {
    const flat = this.#flatten(batch);
    this.#passed += flat.count;
    const busy = this.#handler.onBatch?.(flat);
    if (busy !== undefined) return busy.then(() => this.#finish(batch));
    return this.#finish(batch);
  }

  async end(): Promise<void> {
    this.#handler.end?.();
    await this.#emitter.wait();
  }

  #finish(batch: RecordBatch): Promise<void> | undefined {
    batch.release();
    return this.#emitter.wait();
  }

  #flatten(batch: RecordBatch): FlatBatch {
    const tables = this.#tables;
    const flat = this.#flatBatch(batch);
    const limiter = this.#limiter;
    const calls = this.#calls;
    tables.tick(batch);
    limiter?.expire();
    flat.entities = tables.joined;
    flat.count = 0;
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kinds[row]!;
      this.#records[kind]!++;
      const isEvent = this.#join(batch, flat, row, kind);
      if (isEvent && limiter !== null && !limiter.admit(flat, row)) continue;
      if (isEvent) flat.rows[flat.count++] = row;
      if (calls === null) continue;
      calls.call(flat, row, kind);
    }
    return flat;
  }

  /** Joins an event with its entities, or adds an entity to the tables. Returns whether the row is a flat record. */
  #join(batch: RecordBatch, flat: FlatBatch, row: number, kind: number): boolean {
    const tables = this.#tables;
    const slots = batch.slots;
    const base = row * ROW_SLOTS;
    const process = base + SLOT_PROC_CREATE_TS;
    flat.fileIds[row] = 0;
    flat.newFileIds[row] = 0;
    switch (kind) {
      case RecordKind.fileFlow:
        flat.actorIds[row] = tables.actor(slots, process);
        flat.fileIds[row] = tables.file(slots, base + SLOT_FILE_OID);
        return true;
      case RecordKind.networkFlow:
        flat.actorIds[row] = tables.actor(slots, process);
        return true;
      case RecordKind.processEvent:
        flat.actorIds[row] = tables.actor(slots, process);
        if ((slots[base + SLOT_OP_FLAGS]! & OpFlag.exit) !== 0 && isMainThread(slots, base))
          tables.exited(slots, process);
        return true;
      case RecordKind.fileEvent:
        flat.actorIds[row] = tables.actor(slots, process);
        flat.fileIds[row] = tables.file(slots, base + SLOT_FILE_OID);
        if (slots[base + SLOT_HAS_NEW_FILE] !== 0) flat.newFileIds[row] = tables.file(slots, base + SLOT_NEW_FILE_OID);
        return true;
      case RecordKind.k8sEvent:
        flat.actorIds[row] = tables.actorWithoutProcess();
        return true;
      case RecordKind.file:
        tables.setFile(batch.payloads[row] as File | null, slots[base + SLOT_STORED]!, slots, base + SLOT_FILE_OID);
        return false;
      case RecordKind.process:
        tables.setProcess(batch.payloads[row] as Process, slots, process);
        return false;
      case RecordKind.container:
        tables.setContainer(batch.payloads[row] as Container);
        return false;
      case RecordKind.pod:
        tables.setPod(batch.payloads[row] as Pod);
        return false;
      case RecordKind.header:
        tables.setHeader(batch.payloads[row] as Header);
        return false;
      case RecordKind.processFlow:
        // Joined only for a handler: without one, a missing entity must not be counted.
        if (this.#calls?.has(kind)) flat.actorIds[row] = tables.actor(slots, process);
        return false;
      default:
        return false;
    }
  }

  #flatBatch(batch: RecordBatch): FlatBatch {
    let flat = this.#flats.get(batch);
    if (flat === undefined) {
      flat = FlatBatch.of(batch);
      this.#flats.set(batch, flat);
    }
    return flat;
  }
}

function isMainThread(slots: Int32Array, base: number): boolean {
  return (
    slots[base + SLOT_TID] === slots[base + SLOT_PROC_PID] &&
    slots[base + SLOT_TID + 1] === slots[base + SLOT_PROC_PID + 1]
  );
}

/** Creates a reader that flattens one stream into a receiver, and ends the receiver with the stream. */
export function createReader(options: ReaderOptions, receiver: Receiver<FlatBatch>): Reader {
  const emitter = new Emitter<FlatBatch>(receiver);
  const flattened = flattenStream((batch) => emitter.emit(batch));
  return new Reader(options, { ...flattened, end: () => receiver.end() }, emitter as Emitter<Shared>);
}
