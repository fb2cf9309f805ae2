import { counted } from './counted.js';

/** What a run that was stopped early left. */
export interface Unread {
  /** Files that nothing was read of, and all files there were to read. */
  readonly files: number;
  readonly of: number;
  /** Paths of files that were read up to some record. */
  readonly parts: readonly string[];
}

/** `stopped: 35 of 40 files not read, b.sf read in part`; null where nothing was left. */
export function stoppedText({ files, of, parts }: Unread): string | null {
  const left = files === 0 ? [] : [`${files} of ${counted(of, 'file')} not read`];
  const said = [...left, ...parts.map((path) => `${path} read in part`)];
  return said.length === 0 ? null : `stopped: ${said.join(', ')}`;
}
