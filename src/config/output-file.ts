import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemReason } from '../diagnostics/system-reason.js';

/** Returns why a file cannot be created or appended to; null if it can. Writes nothing. */
export function outputProblem(path: string): string | null {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) return 'is a folder';
    if (found !== undefined) accessSync(path, constants.W_OK);
    else if (!statSync(dirname(path)).isDirectory()) return 'has a parent that is not a folder';
    else accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return `cannot be written: ${systemReason(error, 'no such folder')}`;
  }
}
