/** The files that ship with the program, and its version. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The root folder of the package; its relative path is the same from a compiled module two folders below `dist` and
 * from the bundle.
 */
const PACKAGE = new URL('../../../', import.meta.url);

/** The program's version from its package.json. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('package.json', PACKAGE), 'utf8')) as { version: string }
).version;

/** The path of a file that ships with the program, below `resources/`. */
export function resourcePath(name: string): string {
  return fileURLToPath(new URL(`resources/${name}`, PACKAGE));
}
