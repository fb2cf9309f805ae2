const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'no space left on the disk'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EACCES', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['EIO', 'the disk failed'],
  ['EFBIG', 'the file would be too large'],
]);

/**
 * What the system said of a file, in words where we have them.
 *
 * @param missing what is missing where something is
 */
export function systemReason(error: unknown, missing = 'no such file or folder'): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = code === 'ENOENT' ? missing : REASONS.get(code);
  if (words !== undefined) return `${words} (${code})`;
  const text = error instanceof Error ? error.message : String(error);
  // The system's words, without the call and the path that Node adds.
  return /^[A-Z0-9]+: ([^,]+)/.exec(text)?.[1] ?? text;
}
