/**
 * Falco's fields whose value differs from every SysFlow attribute; they are derived from SysFlow's data. Falco's other
 * fields are aliases in the other tables. Source of their meaning: Falco's field reference. They are available in rules
 * and not written to outputs.
 */
import type { FlatRecord } from '../records/flat-record.js';
import { formatInt64, highHalf, lowHalf, toBigInt } from '../sysflow/int64.js';
import { formatIpv4 } from '../sysflow/ipv4.js';
import { OpFlag } from '../sysflow/op-flags.js';
import { openFlagNames } from '../sysflow/open-flags.js';
import { SLOT_DIP, SLOT_DPORT, SLOT_PROTO, SLOT_SIP, SLOT_SPORT, SLOT_TS } from '../sysflow/record-batch.js';
import { RecordKind } from '../sysflow/record-types.js';
import type { Extras } from './define.js';
import {
  type Defaults,
  int32Field,
  int64Field,
  intsField,
  jsonField,
  KINDS_ALL,
  KINDS_FE,
  KINDS_FF,
  KINDS_FILE,
  KINDS_NF,
  KINDS_PE,
  KINDS_PROC,
  stringField,
  stringsField,
} from './define.js';
import type { Field } from './field.js';
import { filePath, fileType } from './file-fields.js';
import { commandLine, processName } from './process-fields.js';
import { errorName } from './return-codes.js';

const RECORD: Defaults = { section: 'record', dependsOn: 'event', kinds: KINDS_PROC };
const PROC: Defaults = { section: 'proc', dependsOn: 'actor', kinds: KINDS_PROC };
const FD: Defaults = { section: 'file', dependsOn: 'event', kinds: KINDS_FILE | KINDS_NF };
const POD: Defaults = { section: 'pod', dependsOn: 'actor', kinds: KINDS_PROC };
const CONTAINER: Defaults = { section: 'container', dependsOn: 'actor', kinds: KINDS_PROC };

/** Available in rules only. */
const RULES: Extras = { exported: false };

/**
 * The system calls that a SysFlow operation stands for. The collector records them as one operation, so all names of a
 * bit match (source: the collector's system call table).
 */
const SYSCALLS: readonly (readonly [bit: number, names: readonly string[], networkNames?: readonly string[]])[] = [
  [OpFlag.clone, ['clone', 'clone3', 'fork', 'vfork']],
  [OpFlag.exec, ['execve', 'execveat']],
  [OpFlag.exit, ['procexit', 'exit', 'exit_group']],
  [OpFlag.setuid, ['setuid', 'setresuid', 'setreuid']],
  [OpFlag.setns, ['setns']],
  [OpFlag.accept, ['accept', 'accept4']],
  [OpFlag.connect, ['connect']],
  [OpFlag.open, ['open', 'openat', 'openat2', 'creat']],
  [OpFlag.readRecv, ['read', 'readv', 'pread', 'preadv'], ['recv', 'recvfrom', 'recvmsg', 'recvmmsg', 'read', 'readv']],
  [
    OpFlag.writeSend,
    ['write', 'writev', 'pwrite', 'pwritev'],
    ['send', 'sendto', 'sendmsg', 'sendmmsg', 'write', 'writev'],
  ],
  [OpFlag.close, ['close']],
  [OpFlag.shutdown, ['shutdown']],
  [OpFlag.mmap, ['mmap']],
  [OpFlag.mkdir, ['mkdir', 'mkdirat']],
  [OpFlag.rmdir, ['rmdir']],
  [OpFlag.link, ['link', 'linkat']],
  [OpFlag.unlink, ['unlink', 'unlinkat']],
  [OpFlag.symlink, ['symlink', 'symlinkat']],
  [OpFlag.rename, ['rename', 'renameat', 'renameat2']],
];

/** All event types that can match, for checking rules. */
export const EVENT_TYPES: ReadonlySet<string> = new Set(
  SYSCALLS.flatMap(([, names, network]) => [...names, ...(network ?? [])]),
);

function eventTypes(record: FlatRecord): string[] {
  const names: string[] = [];
  for (const [bit, own, network] of SYSCALLS) {
    if ((record.opFlags & bit) === 0) continue;
    names.push(...(record.kind === RecordKind.networkFlow && network !== undefined ? network : own));
  }
  return names;
}

function eventResult(record: FlatRecord): string {
  if (record.kind !== RecordKind.processEvent && record.kind !== RecordKind.fileEvent) return '';
  return record.ret >= 0 ? 'SUCCESS' : errorName(record.ret);
}

const slot = (record: FlatRecord, offset: number): number => record.slots[record.base + offset]!;

/** The full path, or `source:port->destination:port`. */
function resource(record: FlatRecord): string {
  if (record.kind !== RecordKind.networkFlow) return record.file === null ? '' : filePath(record.file);
  const source = `${formatIpv4(slot(record, SLOT_SIP))}:${slot(record, SLOT_SPORT)}`;
  return `${source}->${formatIpv4(slot(record, SLOT_DIP))}:${slot(record, SLOT_DPORT)}`;
}

const FD_TYPES: ReadonlyMap<string, string> = new Map([
  ['f', 'file'],
  ['d', 'directory'],
  ['4', 'ipv4'],
  ['6', 'ipv6'],
  ['u', 'unix'],
  ['p', 'pipe'],
  ['e', 'event'],
  ['s', 'signalfd'],
  ['l', 'eventpoll'],
  ['i', 'inotify'],
]);

function descriptorType(record: FlatRecord): string {
  if (record.kind === RecordKind.networkFlow) return 'ipv4';
  return record.file === null ? '' : (FD_TYPES.get(fileType(record.file)) ?? '');
}

function typeCharacter(record: FlatRecord): string {
  if (record.kind === RecordKind.networkFlow) return '4';
  return record.file === null ? '' : fileType(record.file);
}

function socketFamily(record: FlatRecord): string {
  const type = descriptorType(record);
  if (type === 'ipv4' || type === 'ipv6') return 'ip';
  return type === 'unix' ? 'unix' : '';
}

/** Transport protocols by IANA number. */
export const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [254, 'raw'],
]);

/** Open flags in Falco's spelling. */
function openFlagArguments(record: FlatRecord): string[] {
  if (record.kind !== RecordKind.fileFlow) return [];
  return openFlagNames(record.openFlags).map((name) => `O_${name}`);
}

/**
 * Returns the repository and tag of an image, `registry:5000/repository:tag@digest`. An image that is named by its id
 * alone has neither.
 */
function imageParts(image: string): { readonly repository: string; readonly tag: string } {
  const [name = ''] = image.split('@', 1);
  if (/^sha256:[0-9a-f]{64}$/.test(name)) return { repository: '', tag: '' };
  const colon = name.lastIndexOf(':');
  // A colon before a slash precedes the port of the registry.
  const end = colon > name.lastIndexOf('/') ? colon : name.length;
  return { repository: name.slice(0, end), tag: name.slice(end + 1) };
}

/** Returns a reader of a part of the container's image; it gives the empty text if there is no container. */
function ofImage(part: 'repository' | 'tag'): (record: FlatRecord) => string {
  return ({ actor }) => (actor.container === null ? '' : imageParts(actor.container.image)[part]);
}

/**
 * Returns the arguments of a call, by number. Falco counts the arguments of `mkdirat` and similar calls differently,
 * since they start with a descriptor; SysFlow records these calls like the ones without `at`.
 */
function callArguments({ kind, opFlags, file, newFile, actor }: FlatRecord): string[] {
  const paths = [file, newFile].filter((one) => one !== null).map(filePath);
  if (kind === RecordKind.processEvent) {
    return (opFlags & OpFlag.exec) === 0 || actor.process === null ? [] : ['', actor.process.exe];
  }
  const opens = kind === RecordKind.fileFlow && (opFlags & OpFlag.open) !== 0;
  return kind === RecordKind.fileEvent || opens ? ['', ...paths] : [];
}

/** Returns the labels of a pod as a JSON object. */
function labelsJson({ actor }: FlatRecord): string {
  return actor.pod === null ? '' : JSON.stringify(Object.fromEntries(actor.pod.labels));
}

/** Returns the labels of a pod as `name:value`. */
function labelTexts({ actor }: FlatRecord): string[] {
  return actor.pod === null ? [] : [...actor.pod.labels].map(([name, label]) => `${name}:${label}`);
}

/** Returns the age of the process at the time of the record, nanoseconds. */
function duration(record: FlatRecord): bigint {
  const process = record.actor.process;
  if (process === null) return 0n;
  return toBigInt(slot(record, SLOT_TS), slot(record, SLOT_TS + 1)) - toBigInt(process.createTsLo, process.createTsHi);
}

/** The addresses of a connection, for comparison with networks as in Falco. */
function networkFields(): Field[] {
  const ends: readonly (readonly [name: string, description: string, slots: readonly number[]])[] = [
    ['fd.net', 'Network of either end.', [SLOT_SIP, SLOT_DIP]],
    ['fd.cnet', 'Network of the client: of the source address.', [SLOT_SIP]],
    ['fd.snet', 'Network of the server: of the destination address.', [SLOT_DIP]],
  ];
  return ends.map(([name, description, slots]) => {
    const read = (record: FlatRecord): string[] =>
      record.kind === RecordKind.networkFlow ? slots.map((offset) => formatIpv4(slot(record, offset))) : [];
    return { ...stringsField(FD, name, description, read, { ...RULES, kinds: KINDS_NF }), networks: true };
  });
}

export const FALCO_FIELDS: readonly Field[] = [
  stringsField(RECORD, 'evt.type', 'System calls that the operations stand for.', eventTypes, {
    ...RULES,
    dependsOn: 'signature',
  }),
  stringField(RECORD, 'evt.dir', 'Direction of the event: always <, since SysFlow records results.', () => '<', {
    ...RULES,
    kinds: KINDS_ALL,
    dependsOn: 'signature',
  }),
  stringField(RECORD, 'evt.res', 'SUCCESS, or the name of the error.', eventResult, {
    ...RULES,
    kinds: KINDS_PE | KINDS_FE,
  }),
  int32Field(RECORD, 'evt.num', 'Always 1, for the idioms evt.num=0 (never) and evt.num>=0 (always).', () => 1, {
    ...RULES,
    kinds: KINDS_ALL,
    dependsOn: 'signature',
  }),
  stringField(
    RECORD,
    'evt.arg.uid',
    'Name of the user that setuid asks for, <NA> if the user id has no name; empty for setresuid. Recordings by earlier versions contain the user id.',
    (record) => {
      if ((record.opFlags & OpFlag.setuid) === 0 || record.kind !== RecordKind.processEvent) return '';
      return (record.payload as readonly string[] | null)?.[0] ?? '';
    },
    { ...RULES, kinds: KINDS_PE },
  ),
  {
    ...stringsField(
      RECORD,
      'evt.arg',
      'Arguments by number: [1] the path of a call on a file or of execve, [2] the new path of rename, link and symlink.',
      callArguments,
      { ...RULES, kinds: KINDS_PE | KINDS_FILE },
    ),
    indices: { first: 1, last: 2 },
  },
  stringsField(RECORD, 'evt.arg.flags', 'Open flags with O_.', openFlagArguments, {
    ...RULES,
    kinds: KINDS_FF,
    dependsOn: 'openflags',
  }),

  stringField(FD, 'sf.res', 'The file or the connection: full path, or source:port->destination:port.', resource, {
    ...RULES,
    aliases: ['fd.name'],
    misnomers: ['fd.nameraw'],
  }),
  stringField(
    FD,
    'fd.type',
    'file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, inotify.',
    descriptorType,
    RULES,
  ),
  stringField(
    FD,
    'fd.typechar',
    'The same as a letter, as in sf.file.type; 4 of a network flow.',
    typeCharacter,
    RULES,
  ),
  stringField(FD, 'fd.sockfamily', 'ip or unix.', socketFamily, RULES),
  stringField(
    FD,
    'fd.l4proto',
    'tcp, udp, icmp or raw.',
    (record) => (record.kind === RecordKind.networkFlow ? (PROTOCOL_NAMES.get(slot(record, SLOT_PROTO)) ?? '') : ''),
    { ...RULES, kinds: KINDS_NF },
  ),

  ...networkFields(),

  {
    ...stringsField(
      PROC,
      'proc.aname',
      'Base names of the ancestors, without the process itself; [0] is the process, [1] its parent.',
      (record) => record.actor.ancestors.slice(1).map(processName),
      RULES,
    ),
    readIndexed: (record) => record.actor.ancestors.map(processName),
  },
  {
    ...stringsField(
      PROC,
      'proc.aexe',
      'Executables of the ancestors, without the process itself; [0] is the process, [1] its parent.',
      (record) => record.actor.ancestors.slice(1).map((p) => p.exe),
      { ...RULES, aliases: ['proc.aexepath'] },
    ),
    readIndexed: (record) => record.actor.ancestors.map((p) => p.exe),
  },
  {
    ...stringsField(
      PROC,
      'proc.acmdline',
      'Command lines of the ancestors, without the process itself; [0] is the process, [1] its parent.',
      (record) => record.actor.ancestors.slice(1).map(commandLine),
      RULES,
    ),
    readIndexed: (record) => record.actor.ancestors.map(commandLine),
  },
  {
    ...intsField(
      PROC,
      'proc.apid',
      'Process ids of the ancestors, without the process itself; [0] is the process, [1] its parent.',
      (record) => record.actor.ancestors.slice(1).map((p) => formatInt64(p.pidLo, p.pidHi)),
      RULES,
    ),
    readIndexed: (record) => record.actor.ancestors.map((p) => formatInt64(p.pidLo, p.pidHi)),
  },
  int32Field(
    PROC,
    'proc.tty',
    '1 if the process has a terminal.',
    (record) => (record.actor.process?.tty ? 1 : 0),
    RULES,
  ),
  int32Field(
    PROC,
    'proc.vpid',
    "1 if the process is its container's entry point, otherwise 0: SysFlow has no other process ids inside containers.",
    (record) => (record.actor.process?.entry ? 1 : 0),
    RULES,
  ),
  int64Field(
    PROC,
    'proc.duration',
    'Age of the process at the start of the record, nanoseconds.',
    (record) => lowHalf(duration(record)),
    (record) => highHalf(duration(record)),
    { ...RULES, dependsOn: 'event' },
  ),

  stringField(
    CONTAINER,
    'container.id',
    'Id of the container; host outside of containers.',
    (record) => (record.actor.process === null ? '' : (record.actor.container?.id ?? 'host')),
    RULES,
  ),
  stringField(CONTAINER, 'container.image.repository', 'Image without tag and digest.', ofImage('repository'), RULES),
  stringField(CONTAINER, 'container.image.tag', 'Tag of the image; empty if it has none.', ofImage('tag'), RULES),
  {
    ...jsonField(
      POD,
      'k8s.pod.label',
      'A label of the pod: k8s.pod.label[NAME] or k8s.pod.label.NAME; without a name all as JSON.',
      labelsJson,
      RULES,
    ),
    keyed: true,
  },
  stringsField(POD, 'k8s.pod.labels', 'Labels of the pod, each as name:value.', labelTexts, RULES),
];
