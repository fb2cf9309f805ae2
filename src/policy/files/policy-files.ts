/** Finding and reading policy files. */

import type { Diagnostics, SourceText } from '../../diagnostics/diagnostic.js';
import { systemReason } from '../../diagnostics/system-reason.js';
import { isPolicyFileName } from '../languages/table.js';

/** What loading needs of a file system; `node-file-system.ts` has the real one. Methods throw where they fail. */
export interface PolicyFileSystem {
  /** What a path is, links followed; `identity` is the same for all paths that lead to one file or folder. */
  stat(path: string): { readonly kind: 'file' | 'folder' | 'other'; readonly identity: string };
  /** The names in a folder, ordered by their bytes as Go orders them. */
  list(path: string): readonly string[];
  read(path: string): Uint8Array;
  /** A path inside a folder. */
  join(folder: string, name: string): string;
}

/** Bounds: a policy is text that a person can keep in view. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_TOTAL_BYTES = 32 * 1024 * 1024;
const MAX_FILES = 10_000;
const MAX_DEPTH = 32;

/** Whether a file of a folder holds rule tests, by its name: `.test.yaml`, `.test.yml`. They stand beside the rules. */
export function isRuleTestFile(name: string): boolean {
  return /\.test\.ya?ml$/.test(name);
}

/** Whether a file of a folder holds a policy, by its name: that of a rule language, but for {@link isRuleTestFile rule tests}. */
export function isPolicyFile(name: string): boolean {
  return isPolicyFileName(name) && !isRuleTestFile(name);
}

/** Files that were found. */
export interface FoundFiles {
  /** Their paths in load order. */
  readonly paths: readonly string[];
  /** Of the folders that were given, those in which there is none. */
  readonly emptyPaths: readonly string[];
}

/**
 * Finds the YAML files under some paths, in load order: paths as given, folders through and through, the names of each
 * folder by their bytes, files and folders mixed. A path that is a file is found whatever its name ends with.
 *
 * Links are followed, and each file is found once under its first name, however many links lead to it or to a folder
 * around it; so a link to its own folder is no endless loop. A link that leads nowhere is reported.
 *
 * @param isWanted which names count in folders
 */
export function findYamlFiles(
  paths: readonly string[],
  isWanted: (name: string) => boolean,
  files: PolicyFileSystem,
  diagnostics: Diagnostics,
): FoundFiles {
  const finder = new YamlFileFinder(isWanted, files, diagnostics);
  const emptyPaths = paths.filter((path) => !finder.find(path));
  return { paths: finder.found, emptyPaths };
}

/** Reads the policy files under some paths, in load order; see {@link findYamlFiles}. */
export function readPolicyFiles(
  paths: readonly string[],
  files: PolicyFileSystem,
  diagnostics: Diagnostics,
): SourceText[] {
  const sources: SourceText[] = [];
  let total = 0;
  const found = findYamlFiles(paths, isPolicyFile, files, diagnostics);
  for (const path of found.paths) {
    try {
      const bytes = files.read(path);
      total += bytes.length;
      if (bytes.length > MAX_FILE_BYTES || total > MAX_TOTAL_BYTES) {
        const [each, all] = [MAX_FILE_BYTES >> 20, MAX_TOTAL_BYTES >> 20];
        const bounds = `policy files hold at most ${each} MiB each and ${all} MiB together`;
        reportUnreadable(path, `${bounds}; this one is left out`, diagnostics);
      } else sources.push(sourceOf(path, bytes, diagnostics));
    } catch (error) {
      reportUnreadable(path, `it cannot be read: ${systemReason(error)}`, diagnostics);
    }
  }
  for (const path of found.emptyPaths) {
    reportUnreadable(path, 'no policy file (.yaml or .yml, other than rule tests) is in this folder', diagnostics);
  }
  return sources;
}

class YamlFileFinder {
  readonly found: string[] = [];
  readonly #isWanted: (name: string) => boolean;
  readonly #files: PolicyFileSystem;
  readonly #diagnostics: Diagnostics;
  /** Files and folders that were met, by their identity. */
  readonly #met = new Set<string>();

  constructor(isWanted: (name: string) => boolean, files: PolicyFileSystem, diagnostics: Diagnostics) {
    this.#isWanted = isWanted;
    this.#files = files;
    this.#diagnostics = diagnostics;
  }

  /** Finds the files under a path; gives whether there is anything, if only a problem or what was met before. */
  find(path: string): boolean {
    const found = this.found.length;
    const problems = this.#diagnostics.items.length;
    const isNew = this.#visit(path, 0);
    return !isNew || this.found.length > found || this.#diagnostics.items.length > problems;
  }

  /** @returns false for what was met before */
  #visit(path: string, depth: number): boolean {
    try {
      const { kind, identity } = this.#files.stat(path);
      if (this.#met.has(identity)) return false;
      this.#met.add(identity);
      if (kind === 'file') this.#addFile(path);
      else if (kind === 'folder') this.#visitFolder(path, depth);
      else if (depth === 0) this.#fail(path, 'this is neither a file nor a folder');
    } catch (error) {
      this.#fail(path, `it cannot be read: ${depth === 0 ? systemReason(error) : reasonInFolder(error)}`);
    }
    return true;
  }

  #addFile(path: string): void {
    if (this.found.length < MAX_FILES) this.found.push(path);
    else this.#fail(path, `there are more than ${MAX_FILES} files; this one is left out`);
  }

  #visitFolder(path: string, depth: number): void {
    if (depth >= MAX_DEPTH) {
      this.#fail(path, `folders nest deeper than ${MAX_DEPTH}; this one is left out`);
      return;
    }
    for (const name of this.#files.list(path)) {
      // A volume of Kubernetes holds its files in folders named so, and links to them beside; the links have the names that
      // somebody chose.
      if (name.startsWith('..')) continue;
      const inner = this.#files.join(path, name);
      if (this.#isWanted(name) || this.#isFolder(inner)) this.#visit(inner, depth + 1);
    }
  }

  /** Whether a path whose name is not that of a YAML file is a folder; one that leads nowhere may be a lost one. */
  #isFolder(path: string): boolean {
    try {
      return this.#files.stat(path).kind === 'folder';
    } catch (error) {
      const message = `it cannot be read and is passed over: ${reasonInFolder(error)}`;
      this.#diagnostics.warning('file-unreadable', message, { path, text: '' }, null);
      return false;
    }
  }

  #fail(path: string, message: string): void {
    reportUnreadable(path, message, this.#diagnostics);
  }
}

/** Why a path in a folder cannot be read: its name is there. */
function reasonInFolder(error: unknown): string {
  return systemReason(error, 'a link that leads nowhere');
}

function reportUnreadable(path: string, message: string, diagnostics: Diagnostics): void {
  diagnostics.error('file-unreadable', message, { path, text: '' }, null);
}

function sourceOf(path: string, bytes: Uint8Array, diagnostics: Diagnostics): SourceText {
  const source = { path, text: decode(bytes) };
  const bad = source.text.indexOf('\ufffd');
  if (bad !== -1 && !isUtf8(bytes)) {
    const message = 'the file is not UTF-8; what is not is read as U+FFFD';
    diagnostics.warning('invalid-value', message, source, { start: bad, end: bad + 1 });
  }
  return source;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
