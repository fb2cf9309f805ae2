/** Finding and reading policy files. */

import type { Diagnostics, SourceText } from '../../diagnostics/diagnostic.js';
import { systemReason } from '../../diagnostics/system-reason.js';

/** What loading needs of a file system; `node-file-system.ts` has the real one. Methods throw where they fail. */
export interface PolicyFileSystem {
  /** What a path is, links followed. */
  kind(path: string): 'file' | 'folder' | 'other';
  /** The names in a folder. */
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

/**
 * Reads the policy files under some paths, in load order: paths as given, folders through and through, the names of each
 * folder by their bytes, files and folders mixed. A path that is a file is read whatever its name ends with; in folders
 * only `.yaml` and `.yml` count, but for {@link isRuleTestFile rule tests}.
 */
export function readPolicyFiles(
  paths: readonly string[],
  files: PolicyFileSystem,
  diagnostics: Diagnostics,
): SourceText[] {
  return new PolicyFileReader(files, diagnostics).read(paths);
}

class PolicyFileReader {
  readonly #files: PolicyFileSystem;
  readonly #diagnostics: Diagnostics;
  readonly #sources: SourceText[] = [];
  #bytes = 0;

  constructor(files: PolicyFileSystem, diagnostics: Diagnostics) {
    this.#files = files;
    this.#diagnostics = diagnostics;
  }

  read(paths: readonly string[]): SourceText[] {
    for (const path of paths) {
      const before = this.#sources.length;
      const problems = this.#diagnostics.items.length;
      this.#visit(path, 0);
      if (this.#sources.length === before && this.#diagnostics.items.length === problems) {
        this.#fail(path, 'no policy file (.yaml or .yml, other than rule tests) is in this folder');
      }
    }
    return this.#sources;
  }

  #visit(path: string, depth: number): void {
    try {
      switch (this.#files.kind(path)) {
        case 'file':
          this.#readFile(path);
          break;
        case 'folder':
          this.#readFolder(path, depth);
          break;
        default:
          if (depth === 0) this.#fail(path, 'this is neither a file nor a folder');
      }
    } catch (error) {
      this.#fail(path, `it cannot be read: ${systemReason(error)}`);
    }
  }

  #readFolder(path: string, depth: number): void {
    if (depth >= MAX_DEPTH) {
      this.#fail(path, `folders nest deeper than ${MAX_DEPTH}; this one is left out`);
      return;
    }
    const names = [...this.#files.list(path)].sort(compareBytes);
    for (const name of names) {
      // A volume of Kubernetes holds its files in folders named so, and links to them beside: each would load twice.
      if (name.startsWith('..')) continue;
      const inner = this.#files.join(path, name);
      if ((/\.ya?ml$/.test(name) && !isRuleTestFile(name)) || this.#isFolder(inner)) this.#visit(inner, depth + 1);
    }
  }

  #isFolder(path: string): boolean {
    try {
      return this.#files.kind(path) === 'folder';
    } catch {
      // A dangling link, say, that is no policy file by its name.
      return false;
    }
  }

  #readFile(path: string): void {
    if (this.#sources.length >= MAX_FILES) {
      this.#fail(path, `there are more than ${MAX_FILES} policy files; this one is left out`);
      return;
    }
    const bytes = this.#files.read(path);
    this.#bytes += bytes.length;
    if (bytes.length > MAX_FILE_BYTES || this.#bytes > MAX_TOTAL_BYTES) {
      this.#fail(
        path,
        `policy files hold at most ${MAX_FILE_BYTES >> 20} MiB each and ${MAX_TOTAL_BYTES >> 20} MiB together; this one is left out`,
      );
      return;
    }
    const source = { path, text: decode(bytes) };
    this.#sources.push(source);
    const bad = source.text.indexOf('\ufffd');
    if (bad !== -1 && !isUtf8(bytes)) {
      const message = 'the file is not UTF-8; what is not is read as U+FFFD';
      this.#diagnostics.warning('invalid-value', message, source, { start: bad, end: bad + 1 });
    }
  }

  #fail(path: string, message: string): void {
    this.#diagnostics.error('file-unreadable', message, { path, text: '' }, null);
  }
}

/** Go orders the names of a folder by their bytes. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
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
