/** Small traces for tests of commands. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { ContainerWriter, OpenFlag, OpFlag, type TraceRecord } from '../../../src/sysflow/index.js';

export const SHADOW: string = 'a'.repeat(40);
export const LINK: string = 'b'.repeat(40);
const INIT = { createTs: 1n, pid: 1n };
const SHELL = { createTs: 1_700_000_000_000_000_001n, pid: 4242n };

const process = (oid: typeof SHELL, parent: typeof SHELL | null, exe: string, args: string): TraceRecord => ({
  kind: 'process',
  state: 0,
  oid,
  parent,
  ts: 1_700_000_000_000_000_001n,
  exe,
  args,
  uid: 0,
  userName: 'root',
  gid: 0,
  groupName: 'root',
  tty: true,
  containerId: null,
  entry: false,
  cwd: '/srv',
  env: [],
});

const file = (oid: string, path: string): TraceRecord => {
  return { kind: 'file', state: 2, oid, ts: 1_700_000_000_000_000_001n, resourceType: 102, path, containerId: null };
};

const counters = { readOps: 2n, writeOps: 0n, readBytes: 9_007_199_254_740_993n, writeBytes: 0n };

/** A trace with one record of most kinds, and a path that would clear the terminal. */
export const RECORDS: readonly TraceRecord[] = [
  { kind: 'header', version: 5, exporter: 'node-1', ip: '10.0.0.1', filename: '/data/t.sf' },
  process(INIT, null, '/sbin/init', ''),
  process(SHELL, INIT, '/bin/bash', '-c "x"'),
  file(SHADOW, '/etc/shadow'),
  file(LINK, '/tmp/\x1b[2J\nforged \u202eline'),
  {
    kind: 'processEvent',
    process: SHELL,
    ts: 1_700_000_000_500_000_000n,
    tid: 4242n,
    opFlags: OpFlag.exec,
    args: [],
    ret: 0,
  },
  {
    kind: 'processEvent',
    process: SHELL,
    ts: 1_700_000_001_000_000_000n,
    tid: 4250n,
    opFlags: OpFlag.setuid,
    args: ['www-data'],
    ret: -1,
  },
  {
    kind: 'fileFlow',
    process: SHELL,
    ts: 1_700_000_001_000_000_002n,
    tid: 4242n,
    opFlags: OpFlag.open | OpFlag.readRecv | OpFlag.close,
    openFlags: OpenFlag.rdonly,
    endTs: 1_700_000_001_500_000_002n,
    fileOid: SHADOW,
    fd: 3,
    ...counters,
  },
  {
    kind: 'fileEvent',
    process: SHELL,
    ts: 1_700_000_002_000_000_000n,
    tid: 4242n,
    opFlags: OpFlag.symlink,
    fileOid: SHADOW,
    newFileOid: LINK,
    ret: -13,
  },
  {
    kind: 'networkFlow',
    process: SHELL,
    ts: 1_700_000_002_000_000_000n,
    tid: 4242n,
    opFlags: OpFlag.connect | OpFlag.readRecv,
    endTs: 1_700_000_003_000_000_000n,
    sip: 0x0100007f,
    sport: 40000,
    dip: 0x0200007f,
    dport: 4444,
    proto: 6,
    fd: 5,
    ...counters,
  },
  {
    kind: 'processEvent',
    process: INIT,
    ts: 1_700_000_004_000_000_000n,
    tid: 1n,
    opFlags: OpFlag.exit,
    args: [],
    ret: 256,
  },
];

/** Writes a trace. */
export async function writeTrace(path: string, records: readonly TraceRecord[] = RECORDS): Promise<void> {
  const writer = await ContainerWriter.create(path);
  assert.ok(writer instanceof ContainerWriter);
  for (const record of records) await writer.write(record);
  assert.equal(await writer.close(), null);
}

/** Writes a trace that ends within its last block. */
export async function writeTornTrace(path: string, whole: Buffer): Promise<void> {
  await writeFile(path, whole.subarray(0, whole.length - 20));
}
