/** Runs the tracker on lines of strace, and shows its records as short texts. */

import { parseIdentities } from '../../../src/recorder/identities.js';
import type { ProcessFacts, ProcFiles } from '../../../src/recorder/proc-files.js';
import { parseLine } from '../../../src/recorder/strace/line.js';
import { Tracker } from '../../../src/recorder/tracker.js';
import { formatIpv4 } from '../../../src/sysflow/ipv4.js';
import { opFlagNames } from '../../../src/sysflow/op-flags.js';
import { openFlagNames } from '../../../src/sysflow/open-flags.js';
import type { TraceRecord } from '../../../src/sysflow/trace-record.js';

export const SHELL: ProcessFacts = {
  pid: 50,
  parentPid: 1,
  createTs: 5n,
  exe: '/usr/bin/bash',
  args: ['-l'],
  uid: 1000,
  gid: 1000,
  tty: true,
  root: '/',
  cwd: '/home/ana',
};

/** Process id of the recorder. */
const RECORDER = 4242;

export const NO_PROC: ProcFiles = { process: () => null, descriptor: () => null };

export interface TrackOptions {
  readonly proc?: ProcFiles;
  readonly ancestors?: readonly ProcessFacts[];
  readonly inherited?: ReadonlyMap<number, string>;
  /** Symbolic links of the machine, by their paths; `/proc/self` is there already. */
  readonly links?: Readonly<Record<string, string>>;
}

/** The records of some lines, and the tracker after them. */
export function track(text: string, options: TrackOptions = {}): { records: TraceRecord[]; tracker: Tracker } {
  const records: TraceRecord[] = [];
  const tracker = new Tracker({
    write: (record) => records.push(record),
    identities: parseIdentities(
      'root:x:0:0::/root:/bin/sh\nana:x:1000:1000::/home/ana:/bin/sh\nwww:x:33:33::/:/bin/sh',
      'root:x:0:\nana:x:1000:\nwww:x:33:',
    ),
    proc: options.proc ?? NO_PROC,
    ancestors: options.ancestors ?? [],
    starter: SHELL,
    inherited: options.inherited ?? new Map(),
    pid: RECORDER,
    readLink: (path) => (path === '/proc/self' ? String(RECORDER) : (options.links?.[path] ?? null)),
  });
  for (const line of text.split('\n')) {
    if (line.trim() !== '') tracker.line(parseLine(line.trim()));
  }
  tracker.end();
  return { records, tracker };
}

const STATES = ['created', 'modified', 'reup'];

/** One line for each record: what a reader of the trace would see. */
export function show(records: readonly TraceRecord[]): string[] {
  const paths = new Map<string, string>();
  for (const record of records) {
    if (record.kind === 'file') paths.set(record.oid, `${String.fromCharCode(record.resourceType)}:${record.path}`);
  }
  return records.map((record) => text(record, (oid) => paths.get(oid) ?? 'unknown'));
}

/** As {@link show}, of the kinds that matter to a test. */
export function showOnly(records: readonly TraceRecord[], ...kinds: TraceRecord['kind'][]): string[] {
  const shown = show(records);
  return shown.filter((_, i) => kinds.includes(records[i]!.kind));
}

function text(record: TraceRecord, file: (oid: string) => string): string {
  switch (record.kind) {
    case 'process': {
      const { state, oid, parent, exe, args, uid, userName, gid } = record;
      const line = `P ${STATES[state]} ${oid.pid} < ${parent?.pid ?? 'none'} ${exe} [${args}] ${uid}/${userName}/${gid}`;
      return record.tty ? `${line} tty` : line;
    }
    case 'file':
      return `F ${STATES[record.state]} ${String.fromCharCode(record.resourceType)}:${record.path}`;
    case 'processEvent':
      return `PE ${record.process.pid}/${record.tid} ${opFlagNames(record.opFlags, false)} ${record.ret} [${record.args}]`;
    case 'fileEvent': {
      const second = record.newFileOid === null ? '' : ` -> ${file(record.newFileOid)}`;
      return `FE ${record.process.pid}/${record.tid} ${opFlagNames(record.opFlags, false)} ${file(record.fileOid)}${second} = ${record.ret}`;
    }
    case 'fileFlow': {
      const { process, tid, fd, opFlags, openFlags, readOps, readBytes, writeOps, writeBytes } = record;
      const open = openFlags === 0 ? '' : ` {${openFlagNames(openFlags)}}`;
      return `FF ${process.pid}/${tid} ${fd} ${file(record.fileOid)} ${opFlagNames(opFlags, false)}${open} r${readBytes}/${readOps} w${writeBytes}/${writeOps}`;
    }
    case 'networkFlow': {
      const { process, tid, fd, sip, sport, dip, dport, proto, opFlags } = record;
      const ends = `${formatIpv4(sip)}:${sport} -> ${formatIpv4(dip)}:${dport} ${proto}`;
      return `NF ${process.pid}/${tid} ${fd} ${ends} ${opFlagNames(opFlags, true)} r${record.readBytes}/${record.readOps} w${record.writeBytes}/${record.writeOps}`;
    }
    default:
      return record.kind;
  }
}
