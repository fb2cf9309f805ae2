/** Attributes of files, of flows and of connections. */
import type { FlatRecord } from '../records/flat-record.js';
import type { File } from '../sysflow/entities.js';
import { formatIpv4 } from '../sysflow/ipv4.js';
import { isOpenRead, isOpenWrite, openFlagNames } from '../sysflow/open-flags.js';
import {
  SLOT_DIP,
  SLOT_DPORT,
  SLOT_FD,
  SLOT_PROTO,
  SLOT_READ_BYTES,
  SLOT_READ_OPS,
  SLOT_SIP,
  SLOT_SPORT,
  SLOT_WRITE_BYTES,
  SLOT_WRITE_OPS,
} from '../sysflow/record-batch.js';
import { RecordKind } from '../sysflow/record-types.js';
import {
  boolField,
  type Defaults,
  intsField,
  KINDS_FE,
  KINDS_FF,
  KINDS_FILE,
  KINDS_FLOW,
  KINDS_NF,
  slot32Field,
  slotField,
  stringField,
  stringsField,
} from './define.js';
import type { Field } from './field.js';
import { baseName, directoryName } from './go-path.js';
import { splitLinkedPath } from './linked-path.js';

const FILE: Defaults = { section: 'file', dependsOn: 'file', kinds: KINDS_FILE };
const NEW_FILE: Defaults = { section: 'file', dependsOn: 'newfile', kinds: KINDS_FE };
const OPENED: Defaults = { section: 'file', dependsOn: 'openflags', kinds: KINDS_FF };
const NET: Defaults = { section: 'net', dependsOn: 'event', kinds: KINDS_NF };
const FLOW: Defaults = { section: 'flow', dependsOn: 'event', kinds: KINDS_FLOW };

/** Returns the path of a file without socket addresses. */
export function filePath(file: File): string {
  return splitLinkedPath(file.path).path;
}

/** Returns the socket addresses of a file's path, or the empty text. */
function fileLink(file: File): string {
  return splitLinkedPath(file.path).link;
}

/** Returns the type as one character. */
export function fileType(file: File): string {
  return String.fromCodePoint(file.resourceType >= 0 && file.resourceType <= 0x10ffff ? file.resourceType : 0xfffd);
}

/** Returns a reader that gives the empty text for records without a file. */
function ofFile(read: (file: File) => string): (record: FlatRecord) => string {
  return (record) => (record.file === null ? '' : read(record.file));
}

/** Returns a reader that gives the empty text for records without a second file. */
function ofNewFile(read: (file: File) => string): (record: FlatRecord) => string {
  return (record) => (record.newFile === null ? '' : read(record.newFile));
}

const slot = (record: FlatRecord, offset: number): number => record.slots[record.base + offset]!;
const isNetwork = (record: FlatRecord): boolean => record.kind === RecordKind.networkFlow;
const isFileFlow = (record: FlatRecord): boolean => record.kind === RecordKind.fileFlow;

export const FILE_FIELDS: readonly Field[] = [
  slot32Field(FILE, 'sf.file.fd', 'Descriptor.', SLOT_FD, {
    dependsOn: 'event',
    kinds: KINDS_FLOW,
    aliases: ['fd.num'],
  }),
  stringField(FILE, 'sf.file.path', 'Path of the file.', ofFile(filePath), {
    aliases: ['evt.arg.path', 'evt.arg.name', 'evt.arg.filename', 'evt.arg.oldpath', 'evt.arg.target'],
  }),
  stringField(
    FILE,
    'sf.file.name',
    'Base name of the file.',
    ofFile((file) => baseName(file.path)),
    { aliases: ['fd.filename'] },
  ),
  stringField(
    FILE,
    'sf.file.directory',
    'Directory of the file.',
    ofFile((file) => directoryName(filePath(file))),
    { aliases: ['fd.directory'] },
  ),
  stringField(FILE, 'sf.file.symlink', 'Kernel addresses of the ends of a unix socket.', ofFile(fileLink)),
  stringField(
    FILE,
    'sf.file.oid',
    'Object id of the file, 160 bits in hex.',
    ofFile((file) => file.oid),
  ),
  stringField(
    FILE,
    'sf.file.type',
    'Type: f file, d directory, 4 and 6 IPv4 and IPv6 socket, u unix socket, p pipe, e eventfd, s signalfd, l eventpoll, i inotify, o and ? unknown.',
    ofFile(fileType),
    { misnomers: ['sf.file.typechar'] },
  ),
  stringField(NEW_FILE, 'sf.file.newpath', 'Path of the second file of a rename or link.', ofNewFile(filePath), {
    aliases: ['evt.arg.newpath', 'evt.arg.linkpath'],
  }),
  stringField(
    NEW_FILE,
    'sf.file.newname',
    'Base name of the second file.',
    ofNewFile((file) => baseName(file.path)),
  ),
  stringField(
    NEW_FILE,
    'sf.file.newdirectory',
    'Directory of the second file.',
    ofNewFile((file) => directoryName(filePath(file))),
  ),
  stringField(NEW_FILE, 'sf.file.newsymlink', 'Socket addresses of the second file.', ofNewFile(fileLink)),
  stringField(
    NEW_FILE,
    'sf.file.newoid',
    'Object id of the second file, 160 bits in hex.',
    ofNewFile((file) => file.oid),
  ),
  boolField(
    OPENED,
    'sf.file.is_open_write',
    'Whether the file was opened for writing.',
    (record) => isFileFlow(record) && isOpenWrite(record.openFlags),
    { aliases: ['evt.is_open_write'], misnomers: ['sf.is_open_write'] },
  ),
  boolField(
    OPENED,
    'sf.file.is_open_read',
    'Whether the file was opened for reading.',
    (record) => isFileFlow(record) && isOpenRead(record.openFlags),
    { aliases: ['evt.is_open_read'], misnomers: ['sf.is_open_read'] },
  ),
  stringsField(
    OPENED,
    'sf.file.openflags',
    'How the file was opened: RDONLY, WRONLY, RDWR, CREAT, APPEND, TRUNC, EXCL, CLOEXEC, …; NONE if unknown.',
    (record) => (isFileFlow(record) ? openFlagNames(record.openFlags) : []),
  ),

  slot32Field(NET, 'sf.net.proto', 'IANA protocol number: 1 ICMP, 6 TCP, 17 UDP.', SLOT_PROTO, {
    aliases: ['fd.proto', 'fd.lproto', 'fd.rproto', 'fd.sproto', 'fd.cproto'],
  }),
  slot32Field(NET, 'sf.net.sport', 'Source port.', SLOT_SPORT, { aliases: ['fd.cport'] }),
  slot32Field(NET, 'sf.net.dport', 'Destination port.', SLOT_DPORT, {
    aliases: ['fd.dport', 'fd.sport'],
  }),
  stringField(
    NET,
    'sf.net.sip',
    'Source address.',
    (record) => (isNetwork(record) ? formatIpv4(slot(record, SLOT_SIP)) : ''),
    { aliases: ['fd.cip'] },
  ),
  stringField(
    NET,
    'sf.net.dip',
    'Destination address.',
    (record) => (isNetwork(record) ? formatIpv4(slot(record, SLOT_DIP)) : ''),
    { aliases: ['fd.dip', 'fd.sip'] },
  ),
  intsField(
    NET,
    'sf.net.port',
    'Source and destination port.',
    (record) => (isNetwork(record) ? [String(slot(record, SLOT_SPORT)), String(slot(record, SLOT_DPORT))] : []),
    { aliases: ['fd.port'] },
  ),
  stringsField(
    NET,
    'sf.net.ip',
    'Source and destination address.',
    (record) => (isNetwork(record) ? [formatIpv4(slot(record, SLOT_SIP)), formatIpv4(slot(record, SLOT_DIP))] : []),
    { aliases: ['fd.ip'] },
  ),

  slotField(FLOW, 'sf.flow.rbytes', 'Bytes read or received.', SLOT_READ_BYTES),
  slotField(FLOW, 'sf.flow.rops', 'Operations that read or received.', SLOT_READ_OPS),
  slotField(FLOW, 'sf.flow.wbytes', 'Bytes written or sent.', SLOT_WRITE_BYTES),
  slotField(FLOW, 'sf.flow.wops', 'Operations that wrote or sent.', SLOT_WRITE_OPS),
];
