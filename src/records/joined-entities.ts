import type { File } from '../sysflow/entities.js';
import type { Actor } from './actor.js';

/**
 * The actors and files that records of a stream were joined with, by the numbers that stand in batches. It only grows, so
 * numbers stay valid for batches that are on their way; once much of it is out of use, the reader begins another.
 */
export class JoinedEntities {
  readonly actors: Actor[] = [];
  /** Reads the files that nobody asked for yet. */
  readFile: (number: number) => File;
  /** The first is that of records without a file. */
  readonly #files: (File | null | undefined)[] = [null];

  /** @param readFile reads a file that was not put here, when it is asked for */
  constructor(readFile: (number: number) => File = noFile) {
    this.readFile = readFile;
  }

  /** The number of an actor, which is added if it is not there. */
  addActor(actor: Actor): number {
    if (this.actors[actor.number] !== actor) actor.number = this.actors.push(actor) - 1;
    return actor.number;
  }

  /** The file of a number; null for 0. */
  file(number: number): File | null {
    const file = this.#files[number];
    if (file !== undefined) return file;
    const read = this.readFile(number);
    this.putFile(number, read);
    return read;
  }

  /** Gives a number to a file. */
  putFile(number: number, file: File): void {
    const files = this.#files;
    // Without holes, which would make it slow.
    while (files.length < number) files.push(undefined);
    files[number] = file;
  }
}

function noFile(number: number): never {
  throw new RangeError(`there is no file ${number}`);
}
