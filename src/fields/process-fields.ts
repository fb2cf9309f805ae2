/** Attributes of the process, its ancestors and its parent. */
import type { FlatRecord } from '../records/flat-record.js';
import type { Process } from '../sysflow/entities.js';
import { formatInt64 } from '../sysflow/int64.js';
import { SLOT_TID } from '../sysflow/record-batch.js';
import {
  asTime,
  boolField,
  type Defaults,
  int32Field,
  int64Field,
  intsField,
  KINDS_PROC,
  slotField,
  stringField,
  stringsField,
} from './define.js';
import type { Field } from './field.js';
import { baseName } from './go-path.js';
import { objectId } from './object-id.js';

const PROC: Defaults = { section: 'proc', dependsOn: 'actor', kinds: KINDS_PROC };
const PPROC: Defaults = { section: 'pproc', dependsOn: 'actor', kinds: KINDS_PROC };

/** Returns path and arguments separated by a space; the path alone if there are no arguments. */
export function commandLine(process: Process): string {
  return process.args === '' ? process.exe : `${process.exe} ${process.args}`;
}

/** Cache of base names by path. There are few distinct executables, and every new process needs the name of one. */
const names = new Map<string, string>();
const KEPT_NAMES = 4096;

/** Returns the base name of the executable. */
export function processName({ exe }: Process): string {
  let name = names.get(exe);
  if (name === undefined) {
    name = baseName(exe);
    if (names.size >= KEPT_NAMES) names.clear();
    names.set(exe, name);
  }
  return name;
}

/** The process, or null if it is unknown. */
const proc = (record: FlatRecord): Process | null => record.actor.process;
/** The parent process, or null if it is unknown. */
const parent = (record: FlatRecord): Process | null => record.actor.ancestors[1] ?? null;
/** The process if it has a parent, known or not: the parent's id is stored in the child. */
const child = (record: FlatRecord): Process | null => (record.actor.process?.hasParent ? record.actor.process : null);

export const PROCESS_FIELDS: readonly Field[] = [
  stringField(PROC, 'sf.proc.oid', 'Object id of the process, 64 bits in hex.', (record) => {
    const p = proc(record);
    return p === null ? '' : objectId(p.pidLo, p.pidHi, p.createTsLo, p.createTsHi);
  }),
  int64Field(
    PROC,
    'sf.proc.pid',
    'Process id on the host.',
    (record) => proc(record)?.pidLo ?? 0,
    (record) => proc(record)?.pidHi ?? 0,
    { aliases: ['proc.pid'] },
  ),
  slotField(PROC, 'sf.proc.tid', 'Thread id.', SLOT_TID, { dependsOn: 'event', aliases: ['thread.tid', 'proc.tid'] }),
  int32Field(PROC, 'sf.proc.uid', 'User id.', (record) => proc(record)?.uid ?? 0, {
    aliases: ['user.uid', 'proc.uid'],
  }),
  int32Field(
    PROC,
    'sf.proc.prevuid',
    'User id before the last announcement of the process, if that changed it; otherwise its user id. The collector announces a process with its new user before the SETUID event.',
    (record) => record.actor.uidBefore ?? proc(record)?.uid ?? 0,
    { exported: false },
  ),
  stringField(PROC, 'sf.proc.user', 'User name.', (record) => proc(record)?.userName ?? '', {
    aliases: ['user.name', 'proc.user'],
    misnomers: ['sf.proc.username'],
  }),
  int32Field(PROC, 'sf.proc.gid', 'Group id.', (record) => proc(record)?.gid ?? 0, {
    aliases: ['group.gid', 'proc.gid'],
  }),
  stringField(PROC, 'sf.proc.group', 'Group name.', (record) => proc(record)?.groupName ?? '', {
    aliases: ['group.name', 'proc.group'],
    misnomers: ['sf.proc.groupname'],
  }),
  stringField(PROC, 'sf.proc.exe', 'Path of the executable.', (record) => proc(record)?.exe ?? '', {
    aliases: ['proc.exe', 'proc.exepath'],
  }),
  stringField(PROC, 'sf.proc.args', 'Arguments, joined with spaces.', (record) => proc(record)?.args ?? '', {
    aliases: ['proc.args'],
  }),
  stringField(
    PROC,
    'sf.proc.name',
    'Base name of the executable.',
    (record) => {
      const p = proc(record);
      return p === null ? '' : processName(p);
    },
    { aliases: ['proc.name'] },
  ),
  stringField(
    PROC,
    'sf.proc.cmdline',
    'Path of the executable and arguments.',
    (record) => {
      const p = proc(record);
      return p === null ? '' : commandLine(p);
    },
    { aliases: ['proc.cmdline', 'proc.exeline'] },
  ),
  intsField(PROC, 'sf.proc.apid', 'Process ids of the process and its ancestors, nearest first.', (record) =>
    record.actor.ancestors.map((p) => formatInt64(p.pidLo, p.pidHi)),
  ),
  stringsField(PROC, 'sf.proc.aname', 'Base names of the process and its ancestors, nearest first.', (record) =>
    record.actor.ancestors.map(processName),
  ),
  stringsField(PROC, 'sf.proc.aexe', 'Executables of the process and its ancestors, nearest first.', (record) =>
    record.actor.ancestors.map((p) => p.exe),
  ),
  stringsField(PROC, 'sf.proc.acmdline', 'Command lines of the process and its ancestors, nearest first.', (record) =>
    record.actor.ancestors.map(commandLine),
  ),
  boolField(PROC, 'sf.proc.tty', 'Whether the process has a terminal.', (record) => proc(record)?.tty ?? false),
  boolField(
    PROC,
    'sf.proc.entry',
    "Whether the process is its container's entry point.",
    (record) => proc(record)?.entry ?? false,
  ),
  asTime(
    int64Field(
      PROC,
      'sf.proc.createts',
      'Creation of the process, nanoseconds since the epoch.',
      (record) => proc(record)?.createTsLo ?? 0,
      (record) => proc(record)?.createTsHi ?? 0,
      { aliases: ['proc.createtime'] },
    ),
  ),
  stringField(
    PROC,
    'sf.proc.cwd',
    'Working directory; empty in traces before schema version 5.',
    (record) => proc(record)?.cwd ?? '',
    { exported: false, aliases: ['proc.cwd'] },
  ),
  stringsField(
    PROC,
    'sf.proc.env',
    'Environment as NAME=value; empty in traces before schema version 5.',
    (record) => proc(record)?.env ?? [],
    { exported: false, aliases: ['proc.env'] },
  ),

  stringField(PPROC, 'sf.pproc.oid', 'Object id of the parent, 64 bits in hex.', (record) => {
    const p = child(record);
    return p === null ? '' : objectId(p.parentPidLo, p.parentPidHi, p.parentCreateTsLo, p.parentCreateTsHi);
  }),
  int64Field(
    PPROC,
    'sf.pproc.pid',
    'Process id of the parent on the host.',
    (record) => child(record)?.parentPidLo ?? 0,
    (record) => child(record)?.parentPidHi ?? 0,
    { aliases: ['proc.ppid'] },
  ),
  int32Field(PPROC, 'sf.pproc.uid', 'User id of the parent.', (record) => parent(record)?.uid ?? 0, {
    aliases: ['proc.puid'],
  }),
  stringField(PPROC, 'sf.pproc.user', 'User name of the parent.', (record) => parent(record)?.userName ?? '', {
    aliases: ['proc.puser'],
    misnomers: ['sf.pproc.username'],
  }),
  int32Field(PPROC, 'sf.pproc.gid', 'Group id of the parent.', (record) => parent(record)?.gid ?? 0),
  stringField(PPROC, 'sf.pproc.group', 'Group name of the parent.', (record) => parent(record)?.groupName ?? '', {
    aliases: ['proc.pgroup'],
    misnomers: ['sf.pproc.groupname'],
  }),
  stringField(PPROC, 'sf.pproc.exe', "Path of the parent's executable.", (record) => parent(record)?.exe ?? '', {
    aliases: ['proc.pexe', 'proc.pexepath'],
  }),
  stringField(PPROC, 'sf.pproc.args', 'Arguments of the parent.', (record) => parent(record)?.args ?? '', {
    aliases: ['proc.pargs'],
  }),
  stringField(
    PPROC,
    'sf.pproc.name',
    "Base name of the parent's executable.",
    (record) => {
      const p = parent(record);
      return p === null ? '' : processName(p);
    },
    { aliases: ['proc.pname'] },
  ),
  stringField(
    PPROC,
    'sf.pproc.cmdline',
    "Path of the parent's executable and arguments.",
    (record) => {
      const p = parent(record);
      return p === null ? '' : commandLine(p);
    },
    { aliases: ['proc.pcmdline'] },
  ),
  boolField(PPROC, 'sf.pproc.tty', 'Whether the parent has a terminal.', (record) => parent(record)?.tty ?? false, {
    aliases: ['proc.ptty'],
  }),
  boolField(
    PPROC,
    'sf.pproc.entry',
    "Whether the parent is its container's entry point.",
    (record) => parent(record)?.entry ?? false,
  ),
  asTime(
    int64Field(
      PPROC,
      'sf.pproc.createts',
      'Creation of the parent, nanoseconds since the epoch.',
      (record) => child(record)?.parentCreateTsLo ?? 0,
      (record) => child(record)?.parentCreateTsHi ?? 0,
      { aliases: ['proc.pcreatetime'] },
    ),
  ),
];
