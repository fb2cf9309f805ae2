import type { File } from '../sysflow/entities.js';
import type { Actor } from './actor.js';

/**
 * The actors and files that the records of a stream are joined with, by the numbers used in batches. Entries are never
 * removed, so numbers stay valid for batches that are still being processed. When many entries are no longer used, the
 * reader starts a new object.
 */
export class JoinedEntities {
  readonly actors: Actor[] = [];
  /** Reads a file that is not cached yet. */
  readFile: (number: number) => File;
  /** Entry 0 stands for no file. */
  readonly #files: (File | null | undefined)[] = [null];

  /** @param readFile reads a file on first use, unless `putFile` set it */
  constructor(readFile: (number: number) => File = noFile) {
    this.readFile = readFile;
  }

  /** Returns the number of an actor and adds it if necessary. */
  addActor(actor: Actor): number {
    if (this.actors[actor.number] !== actor) actor.number = this.actors.push(actor) - 1;
    return actor.number;
  }

  /** Returns the file with a number; null for 0. */
  file(number: number): File | null {
    const file = this.#files[number];
    if (file !== undefined) return file;
    const read = this.readFile(number);
    this.putFile(number, read);
    return read;
  }

  /** Sets the file of a number. */
  putFile(number: number, file: File): void {
    const files = this.#files;
    // Avoid holes, which would make the array slow.
    while (files.length < number) files.push(undefined);
    files[number] = file;
  }
}

function noFile(number: number): never {
  throw new RangeError(`there is no file ${number}`);
}
