/** Finds plugin modules in folders, in packages, and by the names in a pipeline file. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { systemReason } from '../../diagnostics/system-reason.js';

/** A module file, or the reason why it was not found. */
export type FoundModule =
  | { readonly file: string; readonly problem: null }
  | { readonly file: string; readonly problem: string; readonly hint?: string };

/** Maximum depth of nested folders of plugins. */
const MAX_DEPTH = 8;

/** The conditions of `exports` that apply, the same as in Node for `import`. */
const CONDITIONS = new Set(['node-addons', 'node', 'import', 'module-sync', 'default']);

/**
 * Finds the modules of a folder in the order of their names: its `.mjs` and `.js` files, the entry of each subfolder
 * with a `package.json`, and the modules of its other subfolders. Returns an empty array if the folder does not exist.
 * Skips names that start with a dot, and `node_modules`.
 */
export function modulesOfFolder(folder: string, depth = 0): FoundModule[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    return [{ file: folder, problem: `the folder cannot be read: ${systemReason(error)}` }];
  }
  return names.flatMap((name) => {
    if (name.startsWith('.') || name === 'node_modules') return [];
    const path = join(folder, name);
    if (isFolder(path)) {
      if (existsSync(join(path, 'package.json'))) return [moduleOfPackage(path)];
      if (depth < MAX_DEPTH) return modulesOfFolder(path, depth + 1);
      return [{ file: path, problem: `folders nest deeper than ${MAX_DEPTH}` }];
    }
    return /\.m?js$/.test(name) ? [{ file: path, problem: null }] : [];
  });
}

/**
 * Finds a module that a pipeline file names. The name is either a path relative to the file, which leads to a module or
 * to a folder with a `package.json`, or the name of a package. Packages are looked up in the `node_modules` folders
 * beside and above the pipeline file, then in that of the program.
 *
 * @param base the folder of the pipeline file
 * @param program the folder of the program
 */
export function namedModule(name: string, base: string, program: string): FoundModule {
  if (/^(\.{0,2}\/|\.{1,2}$)/.test(name)) return moduleAt(resolve(base, name));
  for (const folder of [...withParents(base), ...withParents(program)]) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return moduleOfPackage(path);
  }
  const problem = `no package '${name}' is installed beside the pipeline file or with the program`;
  if (!existsSync(resolve(base, name))) return { file: name, problem };
  return { file: name, problem, hint: `for the file, write './${name}'` };
}

function moduleAt(path: string): FoundModule {
  try {
    if (!statSync(path).isDirectory()) return { file: path, problem: null };
  } catch (error) {
    return { file: path, problem: systemReason(error) };
  }
  if (existsSync(join(path, 'package.json'))) return moduleOfPackage(path);
  return { file: path, problem: "the folder has no 'package.json'" };
}

/** Returns the entry of a package: from `exports`, else from `main`, else `index.js`. */
function moduleOfPackage(folder: string): FoundModule {
  const manifest = join(folder, 'package.json');
  let entry: string | null;
  try {
    const { exports, main } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: unknown; main?: unknown };
    entry = exports === undefined ? (typeof main === 'string' ? main : 'index.js') : entryOf(exports);
  } catch (error) {
    return { file: manifest, problem: systemReason(error) };
  }
  if (entry === null) return { file: manifest, problem: "'exports' has no entry for 'import'" };
  const file = join(folder, entry);
  if (existsSync(file)) return { file, problem: null };
  return { file, problem: `does not exist, and ${manifest} names it`, hint: 'build the package' };
}

/** Resolves the entry in `exports` of a package for the package itself; null if it has none. */
function entryOf(exports: unknown): string | null {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) {
    for (const one of exports) {
      const entry = entryOf(one);
      if (entry !== null) return entry;
    }
    return null;
  }
  if (typeof exports !== 'object' || exports === null) return null;
  for (const [key, value] of Object.entries(exports)) {
    if (key !== '.' && !CONDITIONS.has(key)) continue;
    const entry = entryOf(value);
    if (entry !== null) return entry;
  }
  return null;
}

function withParents(folder: string): string[] {
  const folders = [resolve(folder)];
  for (let parent = dirname(folders[0]!); parent !== folders.at(-1); parent = dirname(parent)) folders.push(parent);
  return folders;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
