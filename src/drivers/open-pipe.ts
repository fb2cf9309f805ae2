import { constants, open } from 'node:fs';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { pathStats, systemPath } from '../sysflow/system-path.js';

/**
 * Opens a named pipe without waiting for a writer: a thread that is blocked in `open` could not be stopped.
 *
 * @returns null if the path is not a pipe or cannot be opened; reading it as a file then reports the error
 */
export async function openPipe(path: string): Promise<Socket | null> {
  try {
    if (!pathStats(path).isFIFO()) return null;
    const fd = await promisify(open)(systemPath(path), constants.O_RDONLY | constants.O_NONBLOCK);
    const { Socket } = await import('node:net');
    return new Socket({ fd, readable: true, writable: false });
  } catch {
    return null;
  }
}
