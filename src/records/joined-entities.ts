import type { File } from '../sysflow/entities.js';
import type { Subject } from './subject.js';

/**
 * The subjects and files that records of a stream were joined with, by the numbers that stand in batches. It only grows, so
 * numbers stay valid for batches that are on their way; once much of it is out of use, the reader begins another.
 */
export class JoinedEntities {
  readonly subjects: Subject[] = [];
  /** The first is that of records without a file. */
  readonly files: (File | null)[] = [null];

  /** The number of a subject, which is added if it is not there. */
  addSubject(subject: Subject): number {
    if (this.subjects[subject.number] !== subject) subject.number = this.subjects.push(subject) - 1;
    return subject.number;
  }

  addFile(file: File): number {
    return this.files.push(file) - 1;
  }
}
