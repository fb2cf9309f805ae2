/**
 * The `ecs` format: Elastic Common Schema 8.2 with the fields of SysFlow that it lacks under `sf_`, `pod` and `service`.
 * Objects have their keys in alphabetical order, the record its sections in that of the schema below.
 */
import { containerType } from '../../fields/container-fields.js';
import { PROTOCOL_NAMES } from '../../fields/falco-fields.js';
import { filePath, fileType } from '../../fields/file-fields.js';
import { baseName, directoryName } from '../../fields/go-path.js';
import { commandLine } from '../../fields/process-fields.js';
import type { FlatRecord } from '../../records/flat-record.js';
import type { Pod, Process, Service } from '../../sysflow/entities.js';
import { formatInt64, toBigInt } from '../../sysflow/int64.js';
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
import type { Encoder } from '../encoder.js';
import { communityId } from './community-id.js';
import { event, FragmentEncoder, fragment, int, type Token, text } from './fragments.js';
import { isoTime } from './iso-time.js';
import { jsonText, trimQuotes } from './json-text.js';

/** Version of the schema, in each record. */
export const ECS_VERSION = '8.2';

/** An ECS encoder. @param version the program's version, `agent.version` in each record */
export function createEcsEncoder(version: string): Encoder {
  const agent = `"agent":{"type":"SysFlow","version":${jsonText(version)}},"ecs":{"version":"${ECS_VERSION}"}`;
  const start: Token[] = [text('{"@timestamp":'), event(startTime), text(`,${agent},"event":{`)];
  const host = fragment('subject', hostText);
  const actor = [...processTokens(), fragment('context', tagsText), text('}')];
  const joined = [host, fragment('subject', containerText), fragment('subject', podText)];
  return new FragmentEncoder(
    new Map<number, readonly Token[]>([
      [RecordKind.processEvent, [...start, ...processEventTokens(), ...joined, ...actor]],
      [RecordKind.fileFlow, [...start, ...fileFlowTokens(), ...joined, ...flowFileTokens(), ...actor]],
      [RecordKind.fileEvent, [...start, ...fileEventTokens(), ...joined, event(eventFileText), ...actor]],
      [RecordKind.networkFlow, [...start, ...networkFlowTokens(), ...joined, ...networkTokens(), ...actor]],
      [
        RecordKind.k8sEvent,
        [...start, event(k8sEventText), host, event(k8sResourceText), fragment('context', tagsText), text('}')],
      ],
    ]),
  );
}

const slot = (record: FlatRecord, offset: number): number => record.slots[record.base + offset]!;
const has = (record: FlatRecord, flag: number): boolean => (record.opFlags & flag) !== 0;
const quoteless = (value: string): string => jsonText(trimQuotes(value));

function isZero(record: FlatRecord, offset: number): boolean {
  return slot(record, offset) === 0 && slot(record, offset + 1) === 0;
}

function startTime(record: FlatRecord): string {
  return `"${isoTime(slot(record, SLOT_TS), slot(record, SLOT_TS + 1))}"`;
}

/** Where the end of a flow stands; a flow without one ends when it starts. */
function endSlot(record: FlatRecord): number {
  return isZero(record, SLOT_END_TS) ? SLOT_TS : SLOT_END_TS;
}

function endTime(record: FlatRecord): string {
  const at = endSlot(record);
  return `"${isoTime(slot(record, at), slot(record, at + 1))}"`;
}

/** End minus start of a flow, wrapping like the 64-bit numbers it is made of. */
function duration(record: FlatRecord): string {
  const at = endSlot(record);
  const end = toBigInt(slot(record, at), slot(record, at + 1));
  return String(BigInt.asIntN(64, end - toBigInt(slot(record, SLOT_TS), slot(record, SLOT_TS + 1))));
}

/** The rules that matched, inside `event`. */
function reasonText(record: FlatRecord): string {
  const rules = record.context?.rules ?? [];
  if (rules.length === 0) return '';
  const severity = rules.reduce((highest, rule) => Math.max(highest, rule.priority), 1);
  return `,"reason":${jsonText(rules.map((rule) => rule.name).join(', '))},"severity":${severity}`;
}

/** The tags, and what actions noted. */
function tagsText(record: FlatRecord): string {
  const context = record.context;
  if (context === null) return '';
  const tags = [...context.tags, ...context.rules.flatMap((rule) => rule.tags)].map(jsonText);
  const labels = [...context.findings].sort(([a], [b]) => (a < b ? -1 : 1));
  const tagged = tags.length === 0 ? '' : `,"tags":[${tags.join(',')}]`;
  if (labels.length === 0) return tagged;
  return `${tagged},"labels":{${labels.map(([name, value]) => `${jsonText(name)}:${jsonText(value)}`).join(',')}}`;
}

/** An event without duration: start and end are the same. */
function instantTokens(action: Token, category: Token, result: Token[], sfType: string, type: Token): Token[] {
  return [
    text('"action":"'),
    action,
    text('","category":"'),
    category,
    text('","duration":0,"end":'),
    event(startTime),
    text(',"kind":"event"'),
    fragment('context', reasonText),
    ...result,
    text(`,"sf_type":"${sfType}","start":`),
    event(startTime),
    text(',"type":"'),
    type,
    text('"},'),
  ];
}

/** A flow from its start to its end. */
function flowTokens(action: Token, category: string, sfType: string, type: Token): Token[] {
  return [
    text('"action":"'),
    action,
    text(`","category":"${category}","duration":`),
    event(duration),
    text(',"end":'),
    event(endTime),
    text(',"kind":"event"'),
    fragment('context', reasonText),
    text(`,"sf_type":"${sfType}","start":`),
    event(startTime),
    text(',"type":"'),
    type,
    text('"},'),
  ];
}

const returnCode: Token[] = [text(',"sf_ret":'), int(SLOT_RET, false)];

function processEventTokens(): Token[] {
  return instantTokens(
    event((record) => `process-${processEventType(record)}`),
    text('process'),
    returnCode,
    'PE',
    event(processEventType),
  );
}

function processEventType(record: FlatRecord): string {
  const process = record.subject.process;
  const thread =
    slot(record, SLOT_TID) !== (process?.pidLo ?? 0) || slot(record, SLOT_TID + 1) !== (process?.pidHi ?? 0);
  if (has(record, OpFlag.exit)) return thread ? 'thread-exit' : 'exit';
  if (has(record, OpFlag.clone) || has(record, OpFlag.exec)) return thread ? 'thread-start' : 'start';
  return has(record, OpFlag.setuid) ? 'change' : 'start';
}

function fileFlowTokens(): Token[] {
  return flowTokens(
    event(fileFlowAction),
    'file',
    'FF',
    event((record) => (hasWritten(record) ? 'change' : 'access')),
  );
}

function hasWritten(record: FlatRecord): boolean {
  return has(record, OpFlag.writeSend) && !(isZero(record, SLOT_WRITE_BYTES) && isZero(record, SLOT_WRITE_OPS));
}

function fileFlowAction(record: FlatRecord): string {
  const hasRead = has(record, OpFlag.readRecv) && !(isZero(record, SLOT_READ_BYTES) && isZero(record, SLOT_READ_OPS));
  return `file-access${hasRead ? '-read' : ''}${hasWritten(record) ? '-write' : ''}`;
}

/** What a file event did: action, category and type. */
function fileEventClass(record: FlatRecord): readonly [action: string, category: string, type: string] {
  if (has(record, OpFlag.mkdir)) return ['directory-create', 'directory', 'creation'];
  if (has(record, OpFlag.rmdir)) return ['directory-delete', 'directory', 'deletion'];
  if (has(record, OpFlag.unlink)) return ['file-delete', 'file', 'deletion'];
  if (has(record, OpFlag.symlink) || has(record, OpFlag.link)) return ['file-link', 'file', 'change'];
  return has(record, OpFlag.rename) ? ['file-rename', 'file', 'change'] : ['file-change', 'file', 'change'];
}

function fileEventTokens(): Token[] {
  return instantTokens(
    fragment('signature', (record) => fileEventClass(record)[0]),
    fragment('signature', (record) => fileEventClass(record)[1]),
    returnCode,
    'FE',
    fragment('signature', (record) => fileEventClass(record)[2]),
  );
}

function networkFlowTokens(): Token[] {
  return flowTokens(text('network-connection-traffic'), 'network', 'NF', text('connection'));
}

/** File types by SysFlow's letter. */
const FILE_TYPES: ReadonlyMap<string, string> = new Map([
  ['f', 'file'],
  ['d', 'dir'],
  ['u', 'socket'],
  ['p', 'pipe'],
]);

function flowFileTokens(): Token[] {
  const named = (record: FlatRecord): boolean =>
    record.file !== null && record.file.path !== '' && !has(record, OpFlag.symlink);
  return [fragment('file', (record) => fileText(record, record.fd, ''), named), event(fileActionText)];
}

/** The file of an event, with the second one as the target of a link or rename. */
function eventFileText(record: FlatRecord): string {
  const linked = has(record, OpFlag.symlink) || has(record, OpFlag.link) || has(record, OpFlag.rename);
  const other = has(record, OpFlag.mkdir) || has(record, OpFlag.rmdir) || has(record, OpFlag.unlink);
  const target =
    linked && !other ? `,"target_path":${quoteless(record.newFile === null ? '' : filePath(record.newFile))}` : '';
  return fileText(record, record.newFile?.state ?? 0, target);
}

/** @param descriptor names a file that has no path, in the form of the proc file system */
function fileText(record: FlatRecord, descriptor: number, target: string): string {
  const letter = record.file === null ? '' : fileType(record.file);
  const type = has(record, OpFlag.symlink) ? 'symlink' : (FILE_TYPES.get(letter) ?? 'unknown');
  const process = record.subject.process;
  const pid = process === null ? '0' : formatInt64(process.pidLo, process.pidHi);
  const known = record.file === null ? '' : trimQuotes(filePath(record.file));
  const path = known === '' ? `/proc/${pid}/fd/${descriptor}` : known;
  const name = known === '' ? String(descriptor) : baseName(path);
  if (type === 'dir') return `,"file":{"directory":${jsonText(path)}${target},"type":"dir"}`;
  const full = path === name ? '' : `,"path":${jsonText(path)}`;
  return `,"file":{"directory":${jsonText(directoryName(path))},"name":${jsonText(name)}${full}${target},"type":"${type}"}`;
}

const decimal = (record: FlatRecord, offset: number): string =>
  formatInt64(slot(record, offset), slot(record, offset + 1));

function fileActionText(record: FlatRecord): string {
  const idle =
    isZero(record, SLOT_READ_BYTES) &&
    isZero(record, SLOT_READ_OPS) &&
    isZero(record, SLOT_WRITE_BYTES) &&
    isZero(record, SLOT_WRITE_OPS);
  if (idle) return '';
  const bytes = `"bytes_read":${decimal(record, SLOT_READ_BYTES)},"bytes_written":${decimal(record, SLOT_WRITE_BYTES)}`;
  return `,"sf_file_action":{${bytes},"read_ops":${decimal(record, SLOT_READ_OPS)},"write_ops":${decimal(record, SLOT_WRITE_OPS)}}`;
}

function networkTokens(): Token[] {
  return [
    text(',"network":{"bytes":'),
    event(totalBytes),
    event(connectionText),
    text('},"source":{'),
    ...endpointTokens(SLOT_SIP, SLOT_WRITE_BYTES, SLOT_WRITE_OPS, SLOT_SPORT),
    text('},"destination":{'),
    ...endpointTokens(SLOT_DIP, SLOT_READ_BYTES, SLOT_READ_OPS, SLOT_DPORT),
    text('}'),
  ];
}

function totalBytes(record: FlatRecord): string {
  const read = toBigInt(slot(record, SLOT_READ_BYTES), slot(record, SLOT_READ_BYTES + 1));
  const written = toBigInt(slot(record, SLOT_WRITE_BYTES), slot(record, SLOT_WRITE_BYTES + 1));
  return String(BigInt.asIntN(64, read + written));
}

function connectionText(record: FlatRecord): string {
  const proto = slot(record, SLOT_PROTO);
  const id = communityId(
    slot(record, SLOT_SIP),
    slot(record, SLOT_SPORT),
    slot(record, SLOT_DIP),
    slot(record, SLOT_DPORT),
    proto,
  );
  return `,"community_id":"${id}","iana_number":"${proto}","protocol":"${PROTOCOL_NAMES.get(proto) ?? ''}"`;
}

function endpointTokens(ip: number, bytes: number, packets: number, port: number): Token[] {
  return [
    event((record) => `"address":"${formatIpv4(slot(record, ip))}","bytes":`),
    int(bytes, true),
    event((record) => `,"ip":"${formatIpv4(slot(record, ip))}","packets":`),
    int(packets, true),
    text(',"port":'),
    int(port, false),
  ];
}

function hostText(record: FlatRecord): string {
  const { exporter, ip } = record.subject.header;
  return `"host":{"id":${quoteless(exporter)},"ip":${quoteless(ip)}}`;
}

function containerText(record: FlatRecord): string {
  const container = record.subject.container;
  if (container === null || trimQuotes(container.id) === '') return '';
  const image =
    container.imageId === ''
      ? ''
      : `"image":{"id":${quoteless(container.imageId)},"name":${quoteless(container.image)}},`;
  const runtime = `"runtime":${jsonText(containerType(container.type))},"sf_privileged":${container.privileged}`;
  return `,"container":{"id":${quoteless(container.id)},${image}"name":${quoteless(container.name)},${runtime}}`;
}

function orchestratorText(namespace: string, name: string, type: string): string {
  const resource = `{"name":${jsonText(name)},"type":${jsonText(type)}}`;
  return `,"orchestrator":{"namespace":${jsonText(namespace)},"resource":${resource},"type":"kubernetes"}`;
}

function podText(record: FlatRecord): string {
  const pod = record.subject.pod;
  if (pod === null || pod.id === '') return '';
  const orchestrator = orchestratorText(trimQuotes(pod.namespace), trimQuotes(pod.name), 'pod');
  const services = pod.services.length === 0 ? '' : `,"service":[${pod.services.map(serviceText).join(',')}]`;
  return `${orchestrator},"pod":{${podFields(pod)}}${services}`;
}

function podFields(pod: Pod): string {
  const addresses = `"hostip":${addressList(pod.hostIps)},"id":${quoteless(pod.id)},"internalip":${addressList(pod.internalIps)}`;
  const names = `"name":${quoteless(pod.name)},"namespace":${quoteless(pod.namespace)},"nodename":${quoteless(pod.nodeName)}`;
  const restarts = formatInt64(pod.restartCountLo, pod.restartCountHi);
  return `${addresses},${names},"restartcnt":${restarts},"ts":"${isoTime(pod.tsLo, pod.tsHi)}"`;
}

function addressList(ips: readonly string[]): string {
  return `[${ips.map(jsonText).join(',')}]`;
}

function serviceText(service: Service): string {
  const ports = service.ports.map(
    (port) =>
      `{"nodeport":${port.nodePort},"port":${port.port},"proto":${jsonText(port.proto)},"targetport":${port.targetPort}}`,
  );
  const names = `"id":${jsonText(service.id)},"name":${jsonText(service.name)},"namespace":${jsonText(service.namespace)}`;
  return `{"clusterip":${addressList(service.clusterIps)},${names},"ports":[${ports.join(',')}]}`;
}

function processTokens(): Token[] {
  return [
    text(',"process":{'),
    fragment('subject', processText),
    text(',"thread":{"id":'),
    int(SLOT_TID, true),
    text('}},'),
    fragment('subject', userText),
  ];
}

/** What a process and its parent have in common; of an unknown one the values are empty. */
function programText(process: Process | null): string {
  const exe = trimQuotes(process?.exe ?? '');
  const args = quoteless(process?.args ?? '');
  const command = quoteless(process === null ? '' : commandLine(process));
  return `"args":${args},"command_line":${command},"executable":${jsonText(exe)},"name":${jsonText(baseName(exe))}`;
}

function processText(record: FlatRecord): string {
  const p = record.subject.process;
  const parentPid = p?.hasParent ? formatInt64(p.parentPidLo, p.parentPidHi) : '0';
  const parentStart = p?.hasParent ? isoTime(p.parentCreateTsLo, p.parentCreateTsHi) : isoTime(0, 0);
  const parent = `{${programText(record.subject.parent)},"pid":${parentPid},"start":"${parentStart}"}`;
  const pid = p === null ? '0' : formatInt64(p.pidLo, p.pidHi);
  const start = p === null ? isoTime(0, 0) : isoTime(p.createTsLo, p.createTsHi);
  return `${programText(p)},"parent":${parent},"pid":${pid},"start":"${start}"`;
}

function userText(record: FlatRecord): string {
  const p = record.subject.process;
  const name = (value: string): string => (trimQuotes(value) === '' ? '' : `,"name":${quoteless(value)}`);
  return `"user":{"group":{"id":${p?.gid ?? 0}${name(p?.groupName ?? '')}},"id":${p?.uid ?? 0}${name(p?.userName ?? '')}}`;
}

/** Event types by what happened to the component. */
const K8S_TYPES: ReadonlyMap<string, string> = new Map([
  ['K8S_COMPONENT_ADDED', 'creation'],
  ['K8S_COMPONENT_DELETED', 'deletion'],
  ['K8S_COMPONENT_MODIFIED', 'change'],
  ['K8S_COMPONENT_ERROR', 'error'],
]);

function k8sEventText(record: FlatRecord): string {
  const { action, message } = record.k8sEvent!;
  const time = startTime(record);
  const original = quoteless(message);
  const what = `"action":${jsonText(action)},"category":"orchestration","duration":0,"end":${time},"kind":"event"`;
  const type = K8S_TYPES.get(action) ?? 'info';
  return `${what},"original":${original}${reasonText(record)},"sf_type":"KE","start":${time},"type":"${type}"},`;
}

function k8sResourceText(record: FlatRecord): string {
  const { kind, name, namespace } = k8sResource(record.k8sEvent!.message);
  return orchestratorText(namespace, name, kind.toLowerCase());
}

/** The first item of a Kubernetes event's message; empty where the message is not of that shape. */
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
