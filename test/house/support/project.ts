import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of the working copy, seen from the compiled tests. */
export const projectRoot: string = join(dirname(fileURLToPath(import.meta.url)), '../../../..');

const NOT_OURS = new Set(['node_modules', 'dist', '.git']);

/** All files of the project below a folder, as paths with `/` relative to the root; installed and built ones left out. */
export function projectFiles(folder = '.'): string[] {
  const found: string[] = [];
  const walk = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (NOT_OURS.has(entry.name)) continue;
      if (entry.isDirectory()) walk(join(path, entry.name));
      else if (entry.isFile()) found.push(relative(projectRoot, join(path, entry.name)).split(sep).join('/'));
    }
  };
  walk(join(projectRoot, folder));
  return found.sort();
}

/** The text of a file of the project. */
export function projectText(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8');
}
