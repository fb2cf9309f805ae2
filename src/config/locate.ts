import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';

/**
 * A path of a pipeline file is seen from where the program runs, as in the original; what is not there is looked for
 * beside the file.
 */
export function locate(path: string, file: string): string {
  const beside = resolve(dirname(file), path);
  return isAbsolute(path) || existsSync(path) || !existsSync(beside) ? path : beside;
}
