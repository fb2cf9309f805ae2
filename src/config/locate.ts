import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';

/**
 * Resolves a path of a pipeline file relative to the working directory, as the original does; if nothing exists there,
 * relative to the pipeline file.
 */
export function locate(path: string, file: string): string {
  const beside = resolve(dirname(file), path);
  return isAbsolute(path) || existsSync(path) || !existsSync(beside) ? path : beside;
}
