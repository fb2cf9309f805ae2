import type { File } from '../sysflow/entities.js';
import { BATCH_ROWS, type RecordBatch } from '../sysflow/record-batch.js';
import type { RecordContext } from './record-context.js';
import type { Subject } from './subject.js';

/**
 * A batch of flat records: the events of a {@link RecordBatch}, each joined with its subject and files.
 *
 * All arrays are indexed by row of the record batch; `rows[0 … count - 1]` are the rows that are records here, in input
 * order. Stages that drop records hand on a selection ({@link select}) which shares everything else.
 */
export class FlatBatch {
  /** The numbers of the records. */
  readonly records: RecordBatch;
  /** The rows of this batch, in order. */
  readonly rows: Int32Array;
  /** How many rows there are. */
  count: number;
  /** Who did it, by row; set for every row in `rows`. */
  readonly subjects: (Subject | null)[];
  /** The file of a file flow or file event, by row; null where it is unknown or there is none. */
  readonly files: (File | null)[];
  /** The second file of a file event (rename, link, symlink), by row. */
  readonly newFiles: (File | null)[];
  /** What the policy engine and its actions attached, by row; null for a record to which nothing was. */
  readonly contexts: (RecordContext | null)[] | null;

  constructor(
    records: RecordBatch,
    rows: Int32Array = new Int32Array(BATCH_ROWS),
    count = 0,
    subjects: (Subject | null)[] = new Array<Subject | null>(BATCH_ROWS).fill(null),
    files: (File | null)[] = new Array<File | null>(BATCH_ROWS).fill(null),
    newFiles: (File | null)[] = new Array<File | null>(BATCH_ROWS).fill(null),
    contexts: (RecordContext | null)[] | null = null,
  ) {
    this.records = records;
    this.rows = rows;
    this.count = count;
    this.subjects = subjects;
    this.files = files;
    this.newFiles = newFiles;
    this.contexts = contexts;
  }

  /** The same records reduced to some rows, with what was attached to them; shares all other arrays. */
  select(rows: Int32Array, count: number, contexts: (RecordContext | null)[] | null): FlatBatch {
    return new FlatBatch(this.records, rows, count, this.subjects, this.files, this.newFiles, contexts);
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
