import { createReadStream, fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** Standard input. Node makes an empty stream of a folder (`- < FOLDER`); reading the descriptor gives the error instead. */
export function standardInput(): Readable {
  return isFolder(0) ? createReadStream('', { fd: 0, autoClose: false }) : process.stdin;
}

function isFolder(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isDirectory();
  } catch {
    return false;
  }
}
