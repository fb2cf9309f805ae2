/**
 * The `ecs` format: Elastic Common Schema 8.2, plus SysFlow's additional fields in `sf_`, `pod` and `service`. Objects
 * have their keys in alphabetical order; the sections of a record are in the order of the functions below.
 */
import { Buffer } from 'node:buffer';
import { containerType } from '../../fields/container-fields.js';
import { PROTOCOL_NAMES } from '../../fields/falco-fields.js';
import { filePath, fileType } from '../../fields/file-fields.js';
import { baseName, directoryName } from '../../fields/go-path.js';
import { commandLine } from '../../fields/process-fields.js';
import type { FlatRecord } from '../../records/flat-record.js';
import type { Process, Service, ServicePort } from '../../sysflow/entities.js';
import { formatInt64 } from '../../sysflow/int64.js';
import { formatIpv4 } from '../../sysflow/ipv4.js';
import { OpFlag } from '../../sysflow/op-flags.js';
import {
  SLOT_DIP,
  SLOT_DPORT,
  SLOT_END_TS,
  SLOT_PROTO,
  SLOT_READ_BYTES,
  SLOT_READ_OPS,
  SLOT_RET,
  SLOT_SIP,
  SLOT_SPORT,
  SLOT_TID,
  SLOT_TS,
  SLOT_WRITE_BYTES,
  SLOT_WRITE_OPS,
} from '../../sysflow/record-batch.js';
import { RecordKind } from '../../sysflow/record-types.js';
import type { ByteBuffer } from '../byte-buffer.js';
import type { Encoder } from '../encoder.js';
import { communityId } from './community-id.js';
import { FragmentEncoder } from './fragments.js';
import { writeIsoTime } from './iso-time.js';
import { trimQuotes, writeJsonText, writeList, writeQuoteless, writeTexts } from './json-text.js';
import { boundary, event, fragment, int, type Token, text } from './tokens.js';

/** Version of the schema, written in each record. */
export const ECS_VERSION = '8.2';

/** Creates an ECS encoder. @param version the program's version, written as `agent.version` in each record */
export function createEcsEncoder(version: string): Encoder {
  const agent = `"agent":{"type":"SysFlow","version":${JSON.stringify(version)}},"ecs":{"version":"${ECS_VERSION}"}`;
  const start: Token[] = [text('{"@timestamp":'), event(writeStart), text(`,${agent},"event":{`)];
  const host = fragment('actor', writeHost);
  const actor = [boundary, ...processTokens(), fragment('context', writeTags), text('}')];
  const joined = [host, fragment('actor', writeContainer), fragment('actor', writePod), boundary];
  return new FragmentEncoder(
    new Map<number, readonly Token[]>([
      [RecordKind.processEvent, [...start, ...processEventTokens(), ...joined, ...actor]],
      [RecordKind.fileFlow, [...start, ...fileFlowTokens(), ...joined, ...flowFileTokens(), ...actor]],
      [RecordKind.fileEvent, [...start, ...fileEventTokens(), ...joined, event(writeEventFile), ...actor]],
      [RecordKind.networkFlow, [...start, ...networkFlowTokens(), ...joined, ...networkTokens(), ...actor]],
      [
        RecordKind.k8sEvent,
        [...start, event(writeK8sEvent), host, event(writeK8sResource), fragment('context', writeTags), text('}')],
      ],
    ]),
  );
}

const slot = (record: FlatRecord, offset: number): number => record.slots[record.base + offset]!;
const has = (record: FlatRecord, flag: number): boolean => (record.opFlags & flag) !== 0;

function isZero(record: FlatRecord, offset: number): boolean {
  return slot(record, offset) === 0 && slot(record, offset + 1) === 0;
}

/** Appends a key with its punctuation, and a text without surrounding quotes. */
function writeMember(out: ByteBuffer, key: string, value: string): void {
  out.appendAscii(key);
  writeQuoteless(out, value);
}

/** Appends the 64-bit number in a slot. */
function writeSlot(out: ByteBuffer, record: FlatRecord, offset: number): void {
  out.appendInt64(slot(record, offset), slot(record, offset + 1));
}

function writeStart(record: FlatRecord, out: ByteBuffer): void {
  writeIsoTime(out, slot(record, SLOT_TS), slot(record, SLOT_TS + 1));
}

/** Returns the slot of a record's end. A flow without an end has the end of its start. */
function endSlot(record: FlatRecord): number {
  return isZero(record, SLOT_END_TS) ? SLOT_TS : SLOT_END_TS;
}

function writeEnd(record: FlatRecord, out: ByteBuffer): void {
  const at = endSlot(record);
  writeIsoTime(out, slot(record, at), slot(record, at + 1));
}

/** Appends the end minus the start of a flow, with 64-bit overflow. */
function writeDuration(record: FlatRecord, out: ByteBuffer): void {
  const at = endSlot(record);
  const [endLo, startLo] = [slot(record, at), slot(record, SLOT_TS)];
  const borrow = endLo >>> 0 < startLo >>> 0 ? 1 : 0;
  out.appendInt64((endLo - startLo) | 0, (slot(record, at + 1) - slot(record, SLOT_TS + 1) - borrow) | 0);
}

/** Appends the rules that matched, inside `event`. */
function writeReason({ context }: FlatRecord, out: ByteBuffer): void {
  if (context === null || context.rules.length === 0) return;
  const { rules } = context;
  const severity = rules.reduce((highest, rule) => Math.max(highest, rule.priority), 1);
  out.appendAscii(',"reason":');
  writeJsonText(out, rules.map((rule) => rule.name).join(', '));
  out.appendAscii(`,"severity":${severity}`);
}

/** Appends the tags and the findings of actions. */
function writeTags({ context }: FlatRecord, out: ByteBuffer): void {
  if (context === null) return;
  const tags = [...context.tags, ...context.rules.flatMap((rule) => rule.tags)];
  if (tags.length > 0) {
    out.appendAscii(',"tags":');
    writeList(out, tags, writeJsonText);
  }
  if (context.findings.size > 0) {
    out.appendAscii(',"labels":');
    writeTexts(
      out,
      [...context.findings].sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
}

/** Tokens of an event without duration: start and end are the same. */
function instantTokens(action: Token, category: Token, result: Token[], sfType: string, type: Token): Token[] {
  return [
    text('"action":"'),
    action,
    text('","category":"'),
    category,
    text('","duration":0,"end":'),
    event(writeStart),
    text(',"kind":"event"'),
    fragment('context', writeReason),
    ...result,
    text(`,"sf_type":"${sfType}","start":`),
    event(writeStart),
    text(',"type":"'),
    type,
    text('"},'),
  ];
}

/** Tokens of a flow from its start to its end. */
function flowTokens(action: Token, category: string, sfType: string, type: Token): Token[] {
  return [
    text('"action":"'),
    action,
    text(`","category":"${category}","duration":`),
    event(writeDuration),
    text(',"end":'),
    event(writeEnd),
    text(',"kind":"event"'),
    fragment('context', writeReason),
    text(`,"sf_type":"${sfType}","start":`),
    event(writeStart),
    text(',"type":"'),
    type,
    text('"},'),
  ];
}

const returnCode: Token[] = [text(',"sf_ret":'), int(SLOT_RET, false)];

function processEventTokens(): Token[] {
  return instantTokens(
    event((record, out) => out.appendAscii(`process-${processEventType(record)}`)),
    text('process'),
    returnCode,
    'PE',
    event((record, out) => out.appendAscii(processEventType(record))),
  );
}

function processEventType(record: FlatRecord): string {
  const process = record.actor.process;
  const thread =
    slot(record, SLOT_TID) !== (process?.pidLo ?? 0) || slot(record, SLOT_TID + 1) !== (process?.pidHi ?? 0);
  if (has(record, OpFlag.exit)) return thread ? 'thread-exit' : 'exit';
  if (has(record, OpFlag.clone) || has(record, OpFlag.exec)) return thread ? 'thread-start' : 'start';
  return has(record, OpFlag.setuid) ? 'change' : 'start';
}

function fileFlowTokens(): Token[] {
  return flowTokens(
    event(writeFileFlowAction),
    'file',
    'FF',
    event((record, out) => out.appendAscii(hasWritten(record) ? 'change' : 'access')),
  );
}

function hasWritten(record: FlatRecord): boolean {
  return has(record, OpFlag.writeSend) && !(isZero(record, SLOT_WRITE_BYTES) && isZero(record, SLOT_WRITE_OPS));
}

const FILE_ACTIONS = ['', '-read', '-write', '-read-write'].map((what) => Buffer.from(`file-access${what}`));

function writeFileFlowAction(record: FlatRecord, out: ByteBuffer): void {
  const hasRead = has(record, OpFlag.readRecv) && !(isZero(record, SLOT_READ_BYTES) && isZero(record, SLOT_READ_OPS));
  out.append(FILE_ACTIONS[(hasRead ? 1 : 0) + (hasWritten(record) ? 2 : 0)]!);
}

/** Returns the action, category and type of a file event. */
function fileEventClass(record: FlatRecord): readonly [action: string, category: string, type: string] {
  if (has(record, OpFlag.mkdir)) return ['directory-create', 'directory', 'creation'];
  if (has(record, OpFlag.rmdir)) return ['directory-delete', 'directory', 'deletion'];
  if (has(record, OpFlag.unlink)) return ['file-delete', 'file', 'deletion'];
  if (has(record, OpFlag.symlink) || has(record, OpFlag.link)) return ['file-link', 'file', 'change'];
  return has(record, OpFlag.rename) ? ['file-rename', 'file', 'change'] : ['file-change', 'file', 'change'];
}

function fileEventTokens(): Token[] {
  return instantTokens(
    fragment('signature', (record, out) => out.appendAscii(fileEventClass(record)[0])),
    fragment('signature', (record, out) => out.appendAscii(fileEventClass(record)[1])),
    returnCode,
    'FE',
    fragment('signature', (record, out) => out.appendAscii(fileEventClass(record)[2])),
  );
}

function networkFlowTokens(): Token[] {
  return flowTokens(text('network-connection-traffic'), 'network', 'NF', text('connection'));
}

/** File types by SysFlow's type character. */
const FILE_TYPES: ReadonlyMap<string, string> = new Map([
  ['f', 'file'],
  ['d', 'dir'],
  ['u', 'socket'],
  ['p', 'pipe'],
]);

function flowFileTokens(): Token[] {
  const named = (record: FlatRecord): boolean =>
    record.file !== null && record.file.path !== '' && !has(record, OpFlag.symlink);
  return [fragment('file', (record, out) => writeFile(record, out, record.fd, null), named), event(writeFileAction)];
}

/** Appends the file of an event. The second file of a link or rename is its target. */
function writeEventFile(record: FlatRecord, out: ByteBuffer): void {
  const linked = has(record, OpFlag.symlink) || has(record, OpFlag.link) || has(record, OpFlag.rename);
  const other = has(record, OpFlag.mkdir) || has(record, OpFlag.rmdir) || has(record, OpFlag.unlink);
  const target = record.newFile === null ? '' : filePath(record.newFile);
  writeFile(record, out, record.newFile?.state ?? 0, linked && !other ? target : null);
}

/**
 * @param descriptor used as the name of a file without a path, in the form of the proc file system
 * @param target the path of the second file; null for events without one
 */
function writeFile(record: FlatRecord, out: ByteBuffer, descriptor: number, target: string | null): void {
  const letter = record.file === null ? '' : fileType(record.file);
  const type = has(record, OpFlag.symlink) ? 'symlink' : (FILE_TYPES.get(letter) ?? 'unknown');
  const known = record.file === null ? '' : trimQuotes(filePath(record.file));
  const path = known === '' ? `/proc/${processId(record)}/fd/${descriptor}` : known;
  const name = known === '' ? String(descriptor) : baseName(path);
  out.appendAscii(',"file":{"directory":');
  writeJsonText(out, type === 'dir' ? path : directoryName(path));
  if (type !== 'dir') {
    out.appendAscii(',"name":');
    writeJsonText(out, name);
    if (path !== name) {
      out.appendAscii(',"path":');
      writeJsonText(out, path);
    }
  }
  if (target !== null) writeMember(out, ',"target_path":', target);
  out.appendAscii(`,"type":"${type}"}`);
}

function processId({ actor }: FlatRecord): string {
  return actor.process === null ? '0' : formatInt64(actor.process.pidLo, actor.process.pidHi);
}

function writeFileAction(record: FlatRecord, out: ByteBuffer): void {
  const idle =
    isZero(record, SLOT_READ_BYTES) &&
    isZero(record, SLOT_READ_OPS) &&
    isZero(record, SLOT_WRITE_BYTES) &&
    isZero(record, SLOT_WRITE_OPS);
  if (idle) return;
  out.appendAscii(',"sf_file_action":{"bytes_read":');
  writeSlot(out, record, SLOT_READ_BYTES);
  out.appendAscii(',"bytes_written":');
  writeSlot(out, record, SLOT_WRITE_BYTES);
  out.appendAscii(',"read_ops":');
  writeSlot(out, record, SLOT_READ_OPS);
  out.appendAscii(',"write_ops":');
  writeSlot(out, record, SLOT_WRITE_OPS);
  out.appendAscii('}');
}

function networkTokens(): Token[] {
  return [
    text(',"network":{"bytes":'),
    event(writeTotalBytes),
    event(writeConnection),
    text('},"source":{'),
    ...endpointTokens(SLOT_SIP, SLOT_WRITE_BYTES, SLOT_WRITE_OPS, SLOT_SPORT),
    text('},"destination":{'),
    ...endpointTokens(SLOT_DIP, SLOT_READ_BYTES, SLOT_READ_OPS, SLOT_DPORT),
    text('}'),
  ];
}

/** Appends the bytes in both directions, with 64-bit overflow. */
function writeTotalBytes(record: FlatRecord, out: ByteBuffer): void {
  const read = slot(record, SLOT_READ_BYTES);
  const lo = (read + slot(record, SLOT_WRITE_BYTES)) | 0;
  const carry = lo >>> 0 < read >>> 0 ? 1 : 0;
  out.appendInt64(lo, (slot(record, SLOT_READ_BYTES + 1) + slot(record, SLOT_WRITE_BYTES + 1) + carry) | 0);
}

function writeConnection(record: FlatRecord, out: ByteBuffer): void {
  const proto = slot(record, SLOT_PROTO);
  const id = communityId(
    slot(record, SLOT_SIP),
    slot(record, SLOT_SPORT),
    slot(record, SLOT_DIP),
    slot(record, SLOT_DPORT),
    proto,
  );
  out.appendAscii(`,"community_id":"${id}","iana_number":"${proto}","protocol":"${PROTOCOL_NAMES.get(proto) ?? ''}"`);
}

function endpointTokens(ip: number, bytes: number, packets: number, port: number): Token[] {
  const address = event((record, out) => out.appendAscii(formatIpv4(slot(record, ip))));
  return [
    text('"address":"'),
    address,
    text('","bytes":'),
    int(bytes, true),
    text(',"ip":"'),
    address,
    text('","packets":'),
    int(packets, true),
    text(',"port":'),
    int(port, false),
  ];
}

function writeHost({ actor }: FlatRecord, out: ByteBuffer): void {
  writeMember(out, '"host":{"id":', actor.header.exporter);
  writeMember(out, ',"ip":', actor.header.ip);
  out.appendAscii('}');
}

function writeContainer({ actor: { container } }: FlatRecord, out: ByteBuffer): void {
  if (container === null || trimQuotes(container.id) === '') return;
  writeMember(out, ',"container":{"id":', container.id);
  if (container.imageId !== '') {
    writeMember(out, ',"image":{"id":', container.imageId);
    writeMember(out, ',"name":', container.image);
    out.appendAscii('}');
  }
  writeMember(out, ',"name":', container.name);
  out.appendAscii(',"runtime":');
  writeJsonText(out, containerType(container.type));
  out.appendAscii(`,"sf_privileged":${container.privileged}}`);
}

function writeOrchestrator(out: ByteBuffer, namespace: string, name: string, type: string): void {
  out.appendAscii(',"orchestrator":{"namespace":');
  writeJsonText(out, namespace);
  out.appendAscii(',"resource":{"name":');
  writeJsonText(out, name);
  out.appendAscii(',"type":');
  writeJsonText(out, type);
  out.appendAscii('},"type":"kubernetes"}');
}

function writePod({ actor: { pod } }: FlatRecord, out: ByteBuffer): void {
  if (pod === null || pod.id === '') return;
  writeOrchestrator(out, trimQuotes(pod.namespace), trimQuotes(pod.name), 'pod');
  out.appendAscii(',"pod":{"hostip":');
  writeList(out, pod.hostIps, writeJsonText);
  writeMember(out, ',"id":', pod.id);
  out.appendAscii(',"internalip":');
  writeList(out, pod.internalIps, writeJsonText);
  writeMember(out, ',"name":', pod.name);
  writeMember(out, ',"namespace":', pod.namespace);
  writeMember(out, ',"nodename":', pod.nodeName);
  out.appendAscii(',"restartcnt":');
  out.appendInt64(pod.restartCountLo, pod.restartCountHi);
  out.appendAscii(',"ts":');
  writeIsoTime(out, pod.tsLo, pod.tsHi);
  out.appendAscii('}');
  if (pod.services.length === 0) return;
  out.appendAscii(',"service":');
  writeList(out, pod.services, writeService);
}

function writeService(out: ByteBuffer, service: Service): void {
  out.appendAscii('{"clusterip":');
  writeList(out, service.clusterIps, writeJsonText);
  out.appendAscii(',"id":');
  writeJsonText(out, service.id);
  out.appendAscii(',"name":');
  writeJsonText(out, service.name);
  out.appendAscii(',"namespace":');
  writeJsonText(out, service.namespace);
  out.appendAscii(',"ports":');
  writeList(out, service.ports, writePort);
  out.appendAscii('}');
}

function writePort(out: ByteBuffer, port: ServicePort): void {
  out.appendAscii(`{"nodeport":${port.nodePort},"port":${port.port},"proto":`);
  writeJsonText(out, port.proto);
  out.appendAscii(`,"targetport":${port.targetPort}}`);
}

function processTokens(): Token[] {
  return [
    text(',"process":{'),
    fragment('actor', writeProcess),
    text(',"thread":{"id":'),
    int(SLOT_TID, true),
    text('}},'),
    fragment('actor', writeUser),
  ];
}

/** Appends the fields that a process and its parent have in common. They are empty for an unknown process. */
function writeProgram(out: ByteBuffer, process: Process | null): void {
  const exe = trimQuotes(process?.exe ?? '');
  writeMember(out, '"args":', process?.args ?? '');
  writeMember(out, ',"command_line":', process === null ? '' : commandLine(process));
  out.appendAscii(',"executable":');
  writeJsonText(out, exe);
  out.appendAscii(',"name":');
  writeJsonText(out, baseName(exe));
}

function writeIdentity(out: ByteBuffer, pidLo: number, pidHi: number, createTsLo: number, createTsHi: number): void {
  out.appendAscii(',"pid":');
  out.appendInt64(pidLo, pidHi);
  out.appendAscii(',"start":');
  writeIsoTime(out, createTsLo, createTsHi);
}

function writeProcess({ actor: { process: p, parent } }: FlatRecord, out: ByteBuffer): void {
  writeProgram(out, p);
  out.appendAscii(',"parent":{');
  writeProgram(out, parent);
  if (p?.hasParent) writeIdentity(out, p.parentPidLo, p.parentPidHi, p.parentCreateTsLo, p.parentCreateTsHi);
  else writeIdentity(out, 0, 0, 0, 0);
  out.appendAscii('}');
  if (p === null) writeIdentity(out, 0, 0, 0, 0);
  else writeIdentity(out, p.pidLo, p.pidHi, p.createTsLo, p.createTsHi);
}

function writeUser({ actor: { process: p } }: FlatRecord, out: ByteBuffer): void {
  out.appendAscii(`"user":{"group":{"id":${p?.gid ?? 0}`);
  writeName(out, p?.groupName ?? '');
  out.appendAscii(`},"id":${p?.uid ?? 0}`);
  writeName(out, p?.userName ?? '');
  out.appendAscii('}');
}

function writeName(out: ByteBuffer, name: string): void {
  if (trimQuotes(name) !== '') writeMember(out, ',"name":', name);
}

/** Event types by the action on the component. */
const K8S_TYPES: ReadonlyMap<string, string> = new Map([
  ['K8S_COMPONENT_ADDED', 'creation'],
  ['K8S_COMPONENT_DELETED', 'deletion'],
  ['K8S_COMPONENT_MODIFIED', 'change'],
  ['K8S_COMPONENT_ERROR', 'error'],
]);

function writeK8sEvent(record: FlatRecord, out: ByteBuffer): void {
  const { action, message } = record.k8sEvent!;
  out.appendAscii('"action":');
  writeJsonText(out, action);
  out.appendAscii(',"category":"orchestration","duration":0,"end":');
  writeStart(record, out);
  writeMember(out, ',"kind":"event","original":', message);
  writeReason(record, out);
  out.appendAscii(',"sf_type":"KE","start":');
  writeStart(record, out);
  out.appendAscii(`,"type":"${K8S_TYPES.get(action) ?? 'info'}"},`);
}

function writeK8sResource(record: FlatRecord, out: ByteBuffer): void {
  const { kind, name, namespace } = k8sResource(record.k8sEvent!.message);
  writeOrchestrator(out, namespace, name, kind.toLowerCase());
}

/** Returns the first item of a Kubernetes event's message; empty if the message has another structure. */
function k8sResource(message: string): { kind: string; name: string; namespace: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    parsed = null;
  }
  const [first] = asArray(member(parsed, 'items'));
  return {
    kind: asText(member(parsed, 'kind')),
    name: asText(member(first, 'name')),
    namespace: asText(member(first, 'namespace')),
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
