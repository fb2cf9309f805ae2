import { createReadStream, fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';

/**
 * Opens standard input. For a folder (`- < FOLDER`), Node creates an empty stream; reading the descriptor reports the
 * error.
 */
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
