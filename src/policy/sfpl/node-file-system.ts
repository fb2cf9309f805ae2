import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyFileSystem } from './policy-files.js';

/** The file system of the machine. Reading is synchronous: policies are loaded before anything else runs. */
export const nodeFileSystem: PolicyFileSystem = {
  kind(path) {
    const stats = statSync(path);
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
  },
  list: (path) => readdirSync(path),
  read: (path) => readFileSync(path),
  join,
};
