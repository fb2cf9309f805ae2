/**
 * Operation flags (`opFlags`) of SysFlow events and flows, as bits.
 *
 * Source: sf-apis, `OpFlags`. An event carries one bit; a flow carries every operation seen while it was open.
 */
export const OpFlag = {
  /** Process or thread created. */
  clone: 0x1,
  /** Program executed. */
  exec: 0x2,
  /** Process or thread ended. */
  exit: 0x4,
  /** User id changed. */
  setuid: 0x8,
  /** Namespace joined. */
  setns: 0x10,
  /** Connection accepted. */
  accept: 0x20,
  /** Connection opened. */
  connect: 0x40,
  /** File opened. */
  open: 0x80,
  /** Read from a file (FF) or received from a connection (NF). */
  readRecv: 0x100,
  /** Written to a file (FF) or sent over a connection (NF). */
  writeSend: 0x200,
  /** Descriptor closed. */
  close: 0x400,
  /** Flow ended by the collector's export interval; a later record continues it. */
  truncate: 0x800,
  /** Connection shut down. */
  shutdown: 0x1000,
  /** File mapped into memory. */
  mmap: 0x2000,
  /** Digest of several operations. */
  digest: 0x4000,
  /** Directory created. */
  mkdir: 0x8000,
  /** Directory removed. */
  rmdir: 0x10000,
  /** Hard link created. */
  link: 0x20000,
  /** File removed. */
  unlink: 0x40000,
  /** Symbolic link created. */
  symlink: 0x80000,
  /** File renamed. */
  rename: 0x100000,
} as const;

/** Names in the order in which outputs list them; the name of the two shared bits depends on the record type. */
const NAMES: readonly (readonly [bit: number, name: string, onNetwork?: string])[] = [
  [OpFlag.mkdir, 'MKDIR'],
  [OpFlag.rmdir, 'RMDIR'],
  [OpFlag.link, 'LINK'],
  [OpFlag.symlink, 'SYMLINK'],
  [OpFlag.unlink, 'UNLINK'],
  [OpFlag.rename, 'RENAME'],
  [OpFlag.clone, 'CLONE'],
  [OpFlag.exec, 'EXEC'],
  [OpFlag.exit, 'EXIT'],
  [OpFlag.setuid, 'SETUID'],
  [OpFlag.open, 'OPEN'],
  [OpFlag.accept, 'ACCEPT'],
  [OpFlag.connect, 'CONNECT'],
  [OpFlag.close, 'CLOSE'],
  [OpFlag.writeSend, 'WRITE', 'SEND'],
  [OpFlag.readRecv, 'READ', 'RECV'],
  [OpFlag.setns, 'SETNS'],
  [OpFlag.mmap, 'MMAP'],
  [OpFlag.shutdown, 'SHUTDOWN'],
  [OpFlag.truncate, 'TRUNCATE'],
  [OpFlag.digest, 'DIGEST'],
];

/**
 * Returns the names of a record's operations, in output order.
 *
 * @param opFlags the record's bits
 * @param network whether the record is a network flow or event, where `READ`/`WRITE` are called `RECV`/`SEND`
 */
export function opFlagNames(opFlags: number, network: boolean): string[] {
  const names: string[] = [];
  for (const [bit, name, onNetwork] of NAMES) {
    if ((opFlags & bit) !== 0) names.push(network && onNetwork !== undefined ? onNetwork : name);
  }
  return names;
}
