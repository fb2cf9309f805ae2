import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import { decodeUtf8 } from '../sysflow/utf8.js';
import { unescapeBytes } from './strace/values.js';

/** Decodes a string of bytes (one per UTF-16 unit); see `sysflow/utf8.ts` for bytes that are not UTF-8. */
export function textOf(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1');
  return decodeUtf8(buffer, 0, buffer.length);
}

/** Decodes the path that strace shows for a descriptor. */
export function pathOf(target: string): string {
  return textOf(unescapeBytes(target));
}

/** Joins a path to an absolute folder, without `.`, `..` and repeated slashes; does not follow links. */
export function joinPath(folder: string, path: string): string {
  const normal = posix.normalize(`${folder}/${path}`);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** Returns the folder of an absolute path; `/` for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
