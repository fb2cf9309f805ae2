/**
 * How a file was opened (`openFlags` of a file flow), as bits. They are the collector's, not the kernel's.
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
  /** Create when missing. */
  creat: 0x4,
  /** Every write goes to the end. */
  append: 0x8,
  /** Writes wait for the data to reach the disk. */
  dsync: 0x10,
  /** Fail when it exists. */
  excl: 0x20,
  /** Do not block. */
  nonblock: 0x40,
  /** Writes wait for data and metadata to reach the disk. */
  sync: 0x80,
  /** Cut to length 0. */
  trunc: 0x100,
  /** Past the page cache. */
  direct: 0x200,
  /** Fail when it is no directory. */
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

/** The open flags by name, in output order; `NONE` alone where no bit is set. */
export function openFlagNames(openFlags: number): string[] {
  if (openFlags === 0) return ['NONE'];
  const names: string[] = [];
  for (const [bits, name] of NAMES) {
    if ((openFlags & bits) === bits) names.push(name);
  }
  return names;
}

/** Whether the file was opened for reading (alone or with writing). */
export function isOpenRead(openFlags: number): boolean {
  return (openFlags & OpenFlag.rdonly) !== 0;
}

/** Whether the file was opened for writing (alone or with reading). */
export function isOpenWrite(openFlags: number): boolean {
  return (openFlags & OpenFlag.wronly) !== 0;
}
