import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import { decodeUtf8 } from '../sysflow/utf8.js';
import { unescapeBytes } from './strace/values.js';

/** The text of a string of bytes (one a UTF-16 unit); see `sysflow/utf8.ts` for bytes that are no UTF-8. */
export function textOf(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1');
  return decodeUtf8(buffer, 0, buffer.length);
}

/** The path that strace shows for a descriptor, unescaped. */
export function pathOf(target: string): string {
  return textOf(unescapeBytes(target));
}

/** A path below an absolute folder, without `.`, `..` and doubled slashes; links are not followed. */
export function joinPath(folder: string, path: string): string {
  const normal = posix.normalize(`${folder}/${path}`);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** The folder of an absolute path; `/` of itself. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
