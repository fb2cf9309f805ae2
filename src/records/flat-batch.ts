import type { File } from '../sysflow/entities.js';
import { BATCH_ROWS, type RecordBatch } from '../sysflow/record-batch.js';
import { FlatRecord } from './flat-record.js';
import { JoinedEntities } from './joined-entities.js';
import type { RecordContext } from './record-context.js';
import type { Subject } from './subject.js';

/** Arrays of a number for each row. */
const ARRAYS = 4;

/**
 * A batch of flat records: the events of a {@link RecordBatch}, each joined with its subject and files.
 *
 * All arrays but `rows` are indexed by row of the record batch; `rows[0 … count - 1]` are the rows that are records here, in
 * input order. Stages that drop records hand on a selection ({@link select}) which shares everything else.
 */
export class FlatBatch {
  /** The numbers of the records. */
  readonly records: RecordBatch;
  /** The rows of this batch, in order. */
  readonly rows: Int32Array;
  /** How many rows there are. */
  count = 0;
  /** Who did it, by row, as a number of {@link entities}; set for every row in `rows`. */
  readonly subjectIds: Int32Array;
  /** The file of a file flow or file event; 0 where it is unknown or there is none. */
  readonly fileIds: Int32Array;
  /** The second file of a file event (rename, link, symlink). */
  readonly newFileIds: Int32Array;
  /** What the numbers stand for. */
  entities: JoinedEntities = NO_ENTITIES;
  /** What the policy engine and its actions attached, by row; null for a record to which nothing was. */
  readonly contexts: (RecordContext | null)[] | null;

  private constructor(
    records: RecordBatch,
    rows: Int32Array,
    subjectIds: Int32Array,
    fileIds: Int32Array,
    newFileIds: Int32Array,
    contexts: (RecordContext | null)[] | null,
  ) {
    this.records = records;
    this.rows = rows;
    this.subjectIds = subjectIds;
    this.fileIds = fileIds;
    this.newFileIds = newFileIds;
    this.contexts = contexts;
  }

  /** A batch without rows, in the same memory as its records if there is room. */
  static of(records: RecordBatch): FlatBatch {
    const words = ARRAYS * BATCH_ROWS;
    const all = records.memory?.words(words) ?? new Int32Array(words);
    const [rows, subjects, files, newFiles] = Array.from({ length: ARRAYS }, (_, i) =>
      all.subarray(i * BATCH_ROWS, (i + 1) * BATCH_ROWS),
    );
    return new FlatBatch(records, rows!, subjects!, files!, newFiles!, null);
  }

  subject(row: number): Subject {
    return this.entities.subjects[this.subjectIds[row]!]!;
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

  /** The same records reduced to some rows, with what was attached to them; shares all other arrays. */
  select(rows: Int32Array, count: number, contexts: (RecordContext | null)[] | null): FlatBatch {
    const selected = new FlatBatch(this.records, rows, this.subjectIds, this.fileIds, this.newFileIds, contexts);
    selected.count = count;
    selected.entities = this.entities;
    return selected;
  }

  /** Takes another reference to the underlying records; see {@link RecordBatch}. */
  retain(): void {
    this.records.retain();
  }

  /** Gives a reference back. */
  release(): void {
    this.records.release();
  }
}

const NO_ENTITIES = new JoinedEntities();
