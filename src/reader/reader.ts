import { FlatBatch } from '../records/flat-batch.js';
import type { Receiver } from '../streams/receiver.js';
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
import { RateLimiter } from './rate-limiter.js';

export interface ReaderOptions {
  /** Hold back records seen within a time, in milliseconds (`filter.enabled`, `filter.maxage`); null lets all pass. */
  readonly rateLimit: { readonly maxAge: number; readonly now: () => number } | null;
  /** How many entities are kept. */
  readonly limits?: TableLimits;
}

/** What a reader saw. */
export interface ReaderStatistics {
  /** Records read, by `RecordKind`. */
  readonly records: Float64Array;
  /** Missing and evicted entities. */
  readonly tables: TableCounts;
  /** Records held back by the rate limiter. */
  readonly suppressed: number;
  /** Records handed on. */
  readonly passed: number;
}

/**
 * The `sysflowreader` processor with its flattener: keeps the entities of a stream and turns its events into flat
 * records joined with them. Entities and process flows are counted, not handed on; neither are network events, which no
 * collector writes.
 */
export class Reader implements Receiver<RecordBatch> {
  readonly #receiver: Receiver<FlatBatch>;
  readonly #tables: EntityTables;
  readonly #limiter: RateLimiter | null;
  readonly #records = new Float64Array(RECORD_KIND_COUNT);
  #passed = 0;
  /** Flat batches are as reusable as the record batches they belong to. */
  readonly #flats = new WeakMap<RecordBatch, FlatBatch>();

  constructor(options: ReaderOptions, receiver: Receiver<FlatBatch>) {
    this.#receiver = receiver;
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
    if (flat.count > 0) return this.#receiver.push(flat);
    flat.release();
    return undefined;
  }

  end(): Promise<void> {
    return this.#receiver.end();
  }

  #flatten(batch: RecordBatch): FlatBatch {
    const tables = this.#tables;
    const flat = this.#flatBatch(batch);
    const limiter = this.#limiter;
    tables.tick(batch);
    limiter?.expire();
    flat.entities = tables.joined;
    flat.count = 0;
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kinds[row]!;
      this.#records[kind]!++;
      if (!this.#join(batch, flat, row, kind)) continue;
      if (limiter === null || limiter.admit(flat, row)) flat.rows[flat.count++] = row;
    }
    return flat;
  }

  /** Joins a record with its entities, or takes an entity; whether there is a flat record. */
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

/** Makes a reader that hands flat records on to a receiver. */
export function createReader(options: ReaderOptions, receiver: Receiver<FlatBatch>): Reader {
  return new Reader(options, receiver);
}
