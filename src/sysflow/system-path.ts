/**
 * Paths as texts. File names are bytes; bytes that are not UTF-8 are represented as in `utf8.ts`. A path can thus be
 * joined, compared and printed as text and still be opened.
 */
import { Buffer } from 'node:buffer';
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Converts a path for system calls: to bytes if it contains any that are not UTF-8. */
export function systemPath(path: string): string | Buffer {
  return LONE_SURROGATE.test(path) ? encodeUtf8(path) : path;
}

/** Returns the names in a folder in byte order, as Go sorts them. Throws if the folder cannot be read. */
export function folderNames(path: string): string[] {
  const names = readdirSync(systemPath(path), { encoding: 'buffer' });
  return names.sort(Buffer.compare).map((name) => decodeUtf8(name, 0, name.length));
}

/** Returns the status of a path, following links. Throws if it does not exist. */
export function pathStats(path: string): BigIntStats {
  return statSync(systemPath(path), { bigint: true });
}

/**
 * Identifies a file or folder whatever names and links refer to it: by device and inode, or by the path on a file
 * system without inodes.
 */
export function fileIdentity(path: string, { dev, ino }: BigIntStats): string {
  return ino === 0n ? path : `${dev}:${ino}`;
}
