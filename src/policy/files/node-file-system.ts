import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileIdentity, folderNames, pathStats, systemPath } from '../../sysflow/system-path.js';
import type { PolicyFileSystem } from './policy-files.js';

/** The real file system. It reads synchronously, since policies are loaded before anything else runs. */
export const nodeFileSystem: PolicyFileSystem = {
  stat(path) {
    const stats = pathStats(path);
    const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
    return { kind, identity: fileIdentity(path, stats) };
  },
  list: folderNames,
  read: (path) => readFileSync(systemPath(path)),
  join,
};
