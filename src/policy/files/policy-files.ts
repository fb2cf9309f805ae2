/** Finds and reads policy files. */

import type { Diagnostics, SourceText } from '../../diagnostics/diagnostic.js';
import { systemReason } from '../../diagnostics/system-reason.js';
import type { RuleLanguage } from '../languages/language.js';
import { LANGUAGES } from '../languages/table.js';

/** The file system operations that loading needs; implemented in `node-file-system.ts`. Methods throw on failure. */
export interface PolicyFileSystem {
  /** Kind of a path, following links. All paths of one file or folder have the same `identity`. */
  stat(path: string): { readonly kind: 'file' | 'folder' | 'other'; readonly identity: string };
  /** The names in a folder, in byte order, as Go sorts them. */
  list(path: string): readonly string[];
  read(path: string): Uint8Array;
  /** Returns the path of a name in a folder. */
  join(folder: string, name: string): string;
}

/** Limits, far above the size of a policy that a person can maintain. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_TOTAL_BYTES = 32 * 1024 * 1024;
const MAX_FILES = 10_000;
const MAX_DEPTH = 32;

/** Whether a file contains rule tests, by its name: `.test.yaml`, `.test.yml`. They are stored beside the rules. */
export function isRuleTestFile(name: string): boolean {
  return /\.test\.ya?ml$/.test(name);
}

/**
 * Whether a file in a folder contains a policy, by its name: the extension of a rule language, except {@link
 * isRuleTestFile rule tests}.
 */
export function isPolicyFile(name: string, languages: readonly RuleLanguage[] = LANGUAGES): boolean {
  const isRules = languages.some(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
  return isRules && !isRuleTestFile(name);
}

/** The files that were found. */
export interface FoundFiles {
  /** Their paths in load order. */
  readonly paths: readonly string[];
  /** The given folders that contain none. */
  readonly emptyPaths: readonly string[];
}

/**
 * Finds the YAML files under some paths, in load order: paths in the given order, folders recursively, the names in
 * each folder in byte order. A path that is a file is accepted whatever its name.
 *
 * Links are followed. Each file is returned once, under the first name found, however many links lead to it or to a
 * folder above it; so a link to its own folder does not cause an endless loop. A broken link is reported.
 *
 * @param isWanted which file names to accept in folders
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
  languages: readonly RuleLanguage[] = LANGUAGES,
): SourceText[] {
  const sources: SourceText[] = [];
  let total = 0;
  const found = findYamlFiles(paths, (name) => isPolicyFile(name, languages), files, diagnostics);
  for (const path of found.paths) {
    try {
      const bytes = files.read(path);
      total += bytes.length;
      if (bytes.length > MAX_FILE_BYTES || total > MAX_TOTAL_BYTES) {
        const [each, all] = [MAX_FILE_BYTES >> 20, MAX_TOTAL_BYTES >> 20];
        const bounds = `policy files are limited to ${each} MiB each and ${all} MiB in total`;
        reportUnreadable(path, `${bounds}; this one is ignored`, diagnostics);
      } else sources.push(sourceOf(path, bytes, diagnostics));
    } catch (error) {
      reportUnreadable(path, `it cannot be read: ${systemReason(error)}`, diagnostics);
    }
  }
  for (const path of found.emptyPaths) {
    reportUnreadable(path, 'this folder contains no policy file (.yaml or .yml, other than rule tests)', diagnostics);
  }
  return sources;
}

class YamlFileFinder {
  readonly found: string[] = [];
  readonly #isWanted: (name: string) => boolean;
  readonly #files: PolicyFileSystem;
  readonly #diagnostics: Diagnostics;
  /** Identities of the files and folders that were already visited. */
  readonly #visited = new Set<string>();

  constructor(isWanted: (name: string) => boolean, files: PolicyFileSystem, diagnostics: Diagnostics) {
    this.#isWanted = isWanted;
    this.#files = files;
    this.#diagnostics = diagnostics;
  }

  /** Finds the files under a path. Returns whether it led to a file, a problem, or something already visited. */
  find(path: string): boolean {
    const found = this.found.length;
    const problems = this.#diagnostics.items.length;
    const isNew = this.#visit(path, 0);
    return !isNew || this.found.length > found || this.#diagnostics.items.length > problems;
  }

  /** @returns false if the path was already visited */
  #visit(path: string, depth: number): boolean {
    try {
      const { kind, identity } = this.#files.stat(path);
      if (this.#visited.has(identity)) return false;
      this.#visited.add(identity);
      if (kind === 'file') this.#addFile(path);
      else if (kind === 'folder') this.#visitFolder(path, depth);
      else if (depth === 0) this.#fail(path, 'not a file or folder');
    } catch (error) {
      this.#fail(path, `it cannot be read: ${depth === 0 ? systemReason(error) : reasonInFolder(error)}`);
    }
    return true;
  }

  #addFile(path: string): void {
    if (this.found.length < MAX_FILES) this.found.push(path);
    else this.#fail(path, `there are more than ${MAX_FILES} files; this one is ignored`);
  }

  #visitFolder(path: string, depth: number): void {
    if (depth >= MAX_DEPTH) {
      this.#fail(path, `folders nest deeper than ${MAX_DEPTH}; this one is ignored`);
      return;
    }
    for (const name of this.#files.list(path)) {
      // A Kubernetes volume keeps its files in folders whose names start with `..`, and has links with the configured
      // names beside them.
      if (name.startsWith('..')) continue;
      const inner = this.#files.join(path, name);
      if (this.#isWanted(name) || this.#isFolder(inner)) this.#visit(inner, depth + 1);
    }
  }

  /** Whether a path without a YAML extension is a folder. A broken link is reported, since it may have been one. */
  #isFolder(path: string): boolean {
    try {
      return this.#files.stat(path).kind === 'folder';
    } catch (error) {
      const message = `it cannot be read and is ignored: ${reasonInFolder(error)}`;
      this.#diagnostics.warning('file-unreadable', message, { path, text: '' }, null);
      return false;
    }
  }

  #fail(path: string, message: string): void {
    reportUnreadable(path, message, this.#diagnostics);
  }
}

/** Why a path in a folder cannot be read. The name exists, so a missing file means a broken link. */
function reasonInFolder(error: unknown): string {
  return systemReason(error, 'a broken link');
}

function reportUnreadable(path: string, message: string, diagnostics: Diagnostics): void {
  diagnostics.error('file-unreadable', message, { path, text: '' }, null);
}

function sourceOf(path: string, bytes: Uint8Array, diagnostics: Diagnostics): SourceText {
  const source = { path, text: decode(bytes) };
  const bad = source.text.indexOf('\ufffd');
  if (bad !== -1 && !isUtf8(bytes)) {
    const message = 'the file is not valid UTF-8; invalid bytes are read as U+FFFD';
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
