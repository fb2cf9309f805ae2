/**
 * How a file was opened (`openFlags` of a file flow), as bits. These are the collector's flags, not the kernel's.
 *
 * Source: sf-apis, `OpenFlags`.
 */
export const OpenFlag = {
  /** Open for reading. */
  rdonly: 0x1,
  /** Open for writing. */
  wronly: 0x2,
  /** Open for both. */
  rdwr: 0x3,
  /** Create the file if it does not exist. */
  creat: 0x4,
  /** Every write appends to the end. */
  append: 0x8,
  /** Writes wait until the data is on disk. */
  dsync: 0x10,
  /** Fail if the file exists. */
  excl: 0x20,
  /** Do not block. */
  nonblock: 0x40,
  /** Writes wait until data and metadata are on disk. */
  sync: 0x80,
  /** Truncate to length 0. */
  trunc: 0x100,
  /** Bypass the page cache. */
  direct: 0x200,
  /** Fail if it is not a directory. */
  directory: 0x400,
  /** Offsets beyond 32 bits. */
  largefile: 0x800,
  /** Closed by exec. */
  cloexec: 0x1000,
} as const;

/** Names in the order in which outputs list them. */
const NAMES: readonly (readonly [bits: number, name: string])[] = [
  [OpenFlag.rdonly, 'RDONLY'],
  [OpenFlag.wronly, 'WRONLY'],
  [OpenFlag.rdwr, 'RDWR'],
  [OpenFlag.creat, 'CREAT'],
  [OpenFlag.excl, 'EXCL'],
  [OpenFlag.trunc, 'TRUNC'],
  [OpenFlag.append, 'APPEND'],
  [OpenFlag.nonblock, 'NONBLOCK'],
  [OpenFlag.dsync, 'DSYNC'],
  [OpenFlag.direct, 'DIRECT'],
  [OpenFlag.largefile, 'LARGEFILE'],
  [OpenFlag.directory, 'DIRECTORY'],
  [OpenFlag.cloexec, 'CLOEXEC'],
  [OpenFlag.sync, 'SYNC'],
];

/** Returns the names of the open flags, in output order; only `NONE` if no bit is set. */
export function openFlagNames(openFlags: number): string[] {
  if (openFlags === 0) return ['NONE'];
  const names: string[] = [];
  for (const [bits, name] of NAMES) {
    if ((openFlags & bits) === bits) names.push(name);
  }
  return names;
}

/** Whether the file was opened for reading (or for both). */
export function isOpenRead(openFlags: number): boolean {
  return (openFlags & OpenFlag.rdonly) !== 0;
}

/** Whether the file was opened for writing (or for both). */
export function isOpenWrite(openFlags: number): boolean {
  return (openFlags & OpenFlag.wronly) !== 0;
}
