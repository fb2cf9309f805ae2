import { fileURLToPath } from 'node:url';

/** The path of something that ships with the program, below `resources/`. */
export function resourcePath(name: string): string {
  return fileURLToPath(new URL(`../../../resources/${name}`, import.meta.url));
}
