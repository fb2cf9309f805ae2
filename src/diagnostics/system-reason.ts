const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'no space left on the disk'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EACCES', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['EIO', 'the disk failed'],
  ['EFBIG', 'the file would be too large'],
]);

/**
 * Returns the reason of a file system error, in plain words for common errors.
 *
 * @param missing the reason if the file or folder does not exist
 */
export function systemReason(error: unknown, missing = 'no such file or folder'): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = code === 'ENOENT' ? missing : REASONS.get(code);
  if (words !== undefined) return `${words} (${code})`;
  const text = error instanceof Error ? error.message : String(error);
  // The message of the system, without the call and the path that Node adds.
  return /^[A-Z0-9]+: ([^,]+)/.exec(text)?.[1] ?? text;
}
