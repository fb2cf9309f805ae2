/** Whether two paths lead to the same file, through links or not. */
import { fstatSync, readlinkSync, realpathSync, type BigIntStats as Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Most links followed for a file that does not exist. */
const MOST_LINKS = 40;

/**
 * The identity of a file, whatever path leads to it: device and inode, or the folder and name under which it would be created.
 * Null for a folder, for a device such as `/dev/null`, and if `stat` fails: writing there overwrites nothing.
 */
export function fileIdentity(path: string): string | null {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? `at ${absentPlace(path, MOST_LINKS)}` : identityOf(found);
  } catch {
    return null;
  }
}

/** The same for an open file. */
export function openFileIdentity(descriptor: number): string | null {
  try {
    return identityOf(fstatSync(descriptor, { bigint: true }));
  } catch {
    return null;
  }
}

/** Whether rotation moves a file: `PATH.1` to `PATH.keep` are renamed, and the last one is deleted. */
export function isRotated(path: string, keep: number, other: string): boolean {
  const start = `${entryPlace(path)}.`;
  const place = otherPlace(other);
  const number = place.startsWith(start) ? place.slice(start.length) : '';
  return /^[1-9]\d*$/.test(number) && Number(number) <= keep;
}

function identityOf(status: Stats): string | null {
  return status.isFile() || status.isFIFO() ? `inode ${status.dev}:${status.ino}` : null;
}

/** Where a file would be created that is not there: behind links that lead nowhere yet. */
function absentPlace(path: string, links: number): string {
  const target = links === 0 ? null : linkTarget(path);
  return target === null ? entryPlace(path) : absentPlace(resolve(dirname(path), target), links - 1);
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** The entry of a folder that a path names, which itself may be a link. */
function entryPlace(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return resolve(path);
  }
}

function otherPlace(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return entryPlace(path);
  }
}
