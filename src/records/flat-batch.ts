import type { File } from '../sysflow/entities.js';
import { BATCH_ROWS, type RecordBatch } from '../sysflow/record-batch.js';
import type { Actor } from './actor.js';
import { FlatRecord, type FlatRows } from './flat-record.js';
import { JoinedEntities } from './joined-entities.js';
import type { RecordContext } from './record-context.js';

/** Number of arrays with one entry per row. */
const ARRAYS = 4;

/**
 * A batch of flat records: the events of a {@link RecordBatch}, each joined with its actor and files.
 *
 * All arrays except `rows` are indexed by the row of the record batch. `rows[0 … count - 1]` are the rows that belong
 * to this batch, in input order. Stages that drop records pass on a selection ({@link select}), which shares everything
 * else.
 */
export class FlatBatch implements FlatRows {
  /** The batch with the numbers of the records. */
  readonly records: RecordBatch;
  /** The rows of this batch, in order. */
  readonly rows: Int32Array;
  /** Number of rows. */
  count = 0;
  /** The actor of each row, as a number in {@link entities}; set for every row in `rows`. */
  readonly actorIds: Int32Array;
  /** The file of a file flow or file event; 0 if it is unknown or if there is none. */
  readonly fileIds: Int32Array;
  /** The second file of a file event (rename, link, symlink). */
  readonly newFileIds: Int32Array;
  /** The entities that the numbers refer to. */
  entities: JoinedEntities = NO_ENTITIES;
  /** The context that the policy engine and its actions attached to each row; null for a row without one. */
  readonly contexts: (RecordContext | null)[] | null;

  private constructor(
    records: RecordBatch,
    rows: Int32Array,
    actorIds: Int32Array,
    fileIds: Int32Array,
    newFileIds: Int32Array,
    contexts: (RecordContext | null)[] | null,
  ) {
    this.records = records;
    this.rows = rows;
    this.actorIds = actorIds;
    this.fileIds = fileIds;
    this.newFileIds = newFileIds;
    this.contexts = contexts;
  }

  /** Creates an empty batch, in the memory of its records if there is space. */
  static of(records: RecordBatch): FlatBatch {
    const words = ARRAYS * BATCH_ROWS;
    const all = records.memory?.words(words) ?? new Int32Array(words);
    const [rows, actors, files, newFiles] = Array.from({ length: ARRAYS }, (_, i) =>
      all.subarray(i * BATCH_ROWS, (i + 1) * BATCH_ROWS),
    );
    return new FlatBatch(records, rows!, actors!, files!, newFiles!, null);
  }

  actor(row: number): Actor {
    return this.entities.actors[this.actorIds[row]!]!;
  }

  file(row: number): File | null {
    return this.entities.file(this.fileIds[row]!);
  }

  newFile(row: number): File | null {
    return this.entities.file(this.newFileIds[row]!);
  }

  /** Calls a function for each record, in order, with a view that is valid during the call only. */
  forEach(visit: (record: FlatRecord) => void): void {
    const record = new FlatRecord();
    for (let i = 0; i < this.count; i++) visit(record.moveTo(this, this.rows[i]!));
  }

  /** Returns a batch with some of the rows, with their contexts. It shares all other arrays. */
  select(rows: Int32Array, count: number, contexts: (RecordContext | null)[] | null): FlatBatch {
    const selected = new FlatBatch(this.records, rows, this.actorIds, this.fileIds, this.newFileIds, contexts);
    selected.count = count;
    selected.entities = this.entities;
    return selected;
  }

  /** Adds a reference to the underlying records; see {@link RecordBatch}. */
  retain(): void {
    this.records.retain();
  }

  /** Releases a reference. */
  release(): void {
    this.records.release();
  }
}

const NO_ENTITIES = new JoinedEntities();
