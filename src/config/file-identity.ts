/** Decides whether two paths lead to the same file, with or without links. */
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

/** Identifies an open file in the same way. */
export function openFileIdentity(descriptor: number): string | null {
  try {
    return identityOf(fstatSync(descriptor, { bigint: true }));
  } catch {
    return null;
  }
}

/** Whether rotation affects a file: it renames files up to `PATH.keep` and deletes the last one. */
export function isRotated(path: string, keep: number, other: string): boolean {
  const start = `${entryPlace(path)}.`;
  const place = otherPlace(other);
  const number = place.startsWith(start) ? place.slice(start.length) : '';
  return /^[1-9]\d*$/.test(number) && Number(number) <= keep;
}

function identityOf(status: Stats): string | null {
  return status.isFile() || status.isFIFO() ? `inode ${status.dev}:${status.ino}` : null;
}

/** Returns where a missing file would be created, following dangling links. */
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

/** Returns the directory entry that a path names; the entry itself may be a link. */
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
