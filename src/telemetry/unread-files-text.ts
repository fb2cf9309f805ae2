import { counted } from './counted.js';

/** The input that was not read because a run was stopped early. */
export interface Unread {
  /** Number of files that were not read at all, and of all files. */
  readonly files: number;
  readonly of: number;
  /** Paths of files that were read in part. */
  readonly parts: readonly string[];
}

/** `stopped: 35 of 40 files not read, b.sf read in part`; null if everything was read. */
export function unreadFilesText({ files, of, parts }: Unread): string | null {
  const left = files === 0 ? [] : [`${files} of ${counted(of, 'file')} not read`];
  const clauses = [...left, ...parts.map((path) => `${path} read in part`)];
  return clauses.length === 0 ? null : `stopped: ${clauses.join(', ')}`;
}
