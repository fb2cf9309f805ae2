/**
 * Paths as texts. Names of files are bytes, and those that are not UTF-8 keep their bytes as `utf8.ts` does it, so a path can be
 * joined, compared and printed as text and still leads to its file.
 */
import { Buffer } from 'node:buffer';
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** A path as calls of the system take it: its bytes where they are not UTF-8. */
export function systemPath(path: string): string | Buffer {
  return LONE_SURROGATE.test(path) ? encodeUtf8(path) : path;
}

/** The names in a folder, ordered by their bytes as Go orders them. Throws where the folder cannot be read. */
export function folderNames(path: string): string[] {
  const names = readdirSync(systemPath(path), { encoding: 'buffer' });
  return names.sort(Buffer.compare).map((name) => decodeUtf8(name, 0, name.length));
}

/** What a path leads to, links followed. Throws where it leads nowhere. */
export function pathStats(path: string): BigIntStats {
  return statSync(systemPath(path), { bigint: true });
}

/**
 * Tells files and folders apart whatever names and links lead to them: by device and inode, or by the path on a file system that
 * has no inodes.
 */
export function fileIdentity(path: string, { dev, ino }: BigIntStats): string {
  return ino === 0n ? path : `${dev}:${ino}`;
}
