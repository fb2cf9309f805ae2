import { isoTime } from '../exporter/encoders/iso-time.js';
import { terminalText } from '../exporter/encoders/terminal-text.js';
import { PROTOCOL_NAMES } from '../fields/falco-fields.js';
import { filePath } from '../fields/file-fields.js';
import { baseName } from '../fields/go-path.js';
import { commandLine } from '../fields/process-fields.js';
import { exitText, failureText } from '../fields/return-codes.js';
import type { Actor } from '../records/actor.js';
import type { FlatBatch } from '../records/flat-batch.js';
import {
  type Container,
  type File,
  formatInt64,
  formatIpv4,
  type Header,
  highHalf,
  lowHalf,
  OpFlag,
  openFlagNames,
  opFlagNames,
  type Pod,
  type Process,
  RECORD_KIND_NAMES,
  RECORD_TYPE_CODES,
  type RecordBatch,
  recordAt,
  type TraceRecord,
} from '../sysflow/index.js';

const STATES: readonly string[] = ['CREATED', 'MODIFIED', 'REUP'];

/**
 * Formats a record as a line of text: time, type, process with pid (and thread id if different), user, and details:
 *
 *     2026-11-24T18:25:14.570000001Z FF bash(105448/105450) root  OPEN,READ,CLOSE 3 /etc/passwd {RDONLY} read 712 B in 2 +0.000120s
 *
 * @param flat the batch joined with its entities; null if nothing in it could be
 */
export function printLine(batch: RecordBatch, row: number, flat: FlatBatch): string {
  const record = recordAt(batch, row);
  switch (record.kind) {
    case 'header':
      return headerLine(record);
    case 'container':
      return containerLine(record);
    case 'pod':
      return podLine(batch.payloads[row] as Pod);
    case 'process':
      return processLine(batch.payloads[row] as Process);
    case 'file':
      return fileLine(record);
    default:
      return activityLine(record, batch, row, flat);
  }
}

/** Formats a time with all nine digits, so that columns align. */
function timeText(lo: number, hi: number): string {
  const [seconds, fraction = ''] = isoTime(lo, hi).slice(0, -1).split('.');
  return `${seconds}.${fraction.padEnd(9, '0')}Z`;
}

function headerLine({ version, exporter, ip, filename }: Header): string {
  return terminalText(`SFHeader version ${version} exporter ${exporter} address ${ip} file ${filename}`);
}

function containerLine({ id, name, image, type, privileged }: Container): string {
  return terminalText(`Container ${id} ${name} ${image} ${type}${privileged ? ' privileged' : ''}`);
}

function podLine({ tsLo, tsHi, id, namespace, name, nodeName }: Pod): string {
  return terminalText(`${timeText(tsLo, tsHi)} Pod ${id} ${namespace}/${name} on ${nodeName}`);
}

function processLine(p: Process): string {
  const parent = p.hasParent ? `parent ${formatInt64(p.parentPidLo, p.parentPidHi)}` : 'no parent';
  const group = p.groupName === '' ? p.gid : p.groupName;
  const where = p.cwd === null || p.cwd === '' ? '' : ` in ${p.cwd}`;
  const pid = formatInt64(p.pidLo, p.pidHi);
  const rest = `${user(p)}:${group} ${parent}${p.tty ? ' tty' : ''}  ${commandLine(p)}${where}`;
  return terminalText(`${timeText(p.tsLo, p.tsHi)} Process ${STATES[p.state] ?? p.state} ${pid} ${rest}`);
}

function fileLine({ ts, state, resourceType, path }: Extract<TraceRecord, { kind: 'file' }>): string {
  const type = String.fromCharCode(resourceType);
  return terminalText(`${timeText(lowHalf(ts), highHalf(ts))} File ${STATES[state] ?? state} ${type} ${path}`);
}

type Activity = Exclude<TraceRecord, { kind: 'header' | 'container' | 'pod' | 'process' | 'file' }>;

function activityLine(record: Activity, batch: RecordBatch, row: number, flat: FlatBatch): string {
  const code = RECORD_TYPE_CODES[batch.kinds[row]!] || RECORD_KIND_NAMES[batch.kinds[row]!];
  const who = 'process' in record ? ` ${whoText(record, flat.actor(row))} ` : '';
  const what = activityText(record, flat.file(row), flat.newFile(row), flat.actor(row));
  return terminalText(`${timeText(lowHalf(record.ts), highHalf(record.ts))} ${code}${who} ${what}`);
}

function whoText(record: Extract<Activity, { process: unknown }>, actor: Actor | null): string {
  const { pid } = record.process;
  const thread = 'tid' in record && record.tid !== pid ? `/${record.tid}` : '';
  const p = actor?.process ?? null;
  return p === null ? `?(${pid}${thread})` : `${baseName(p.exe)}(${pid}${thread}) ${user(p)}`;
}

function user(p: Process): string {
  return p.userName === '' ? String(p.uid) : p.userName;
}

function activityText(record: Activity, file: File | null, newFile: File | null, actor: Actor | null): string {
  switch (record.kind) {
    case 'processEvent':
      return processEventText(record, actor);
    case 'fileEvent': {
      const second = record.newFileOid === null ? '' : ` -> ${pathText(newFile)}`;
      return `${operations(record.opFlags, false)} ${pathText(file)}${second}${failureText(record.ret)}`;
    }
    case 'fileFlow': {
      const open = (record.opFlags & OpFlag.open) === 0 ? '' : ` {${openFlagNames(record.openFlags)}}`;
      return `${operations(record.opFlags, false)} ${record.fd} ${pathText(file)}${open}${traffic(record, 'read', 'written')}`;
    }
    case 'networkFlow':
      return `${operations(record.opFlags, true)} ${record.fd} ${ends(record)}${traffic(record, 'received', 'sent')}`;
    case 'networkEvent':
      return `${operations(record.opFlags, true)} ${ends(record)}${failureText(record.ret)}`;
    case 'processFlow':
      return `threads cloned ${record.threadsCloned}, exited ${record.threadsExited}, failed ${record.cloneErrors}`;
    case 'k8sEvent':
      return `${record.action} ${record.component} ${record.message}`;
  }
}

function processEventText(record: Extract<Activity, { kind: 'processEvent' }>, actor: Actor | null): string {
  const { opFlags, ret, args } = record;
  const words = [operations(opFlags, false)];
  if ((opFlags & OpFlag.exec) !== 0 && ret >= 0 && actor?.process != null) words.push(commandLine(actor.process));
  if ((opFlags & OpFlag.exit) !== 0) words.push(exitText(ret));
  if ((opFlags & OpFlag.clone) !== 0 && ret > 0) words.push(`-> ${ret}`);
  if (args.length > 0) words.push(`[${args.join(', ')}]`);
  return words.join(' ') + ((opFlags & OpFlag.exit) === 0 ? failureText(ret) : '');
}

function operations(opFlags: number, network: boolean): string {
  return opFlagNames(opFlags, network).join(',');
}

function pathText(file: File | null): string {
  return file === null ? 'unknown file' : filePath(file);
}

function ends({
  proto,
  sip,
  sport,
  dip,
  dport,
}: {
  proto: number;
  sip: number;
  sport: number;
  dip: number;
  dport: number;
}): string {
  const name = PROTOCOL_NAMES.get(proto) ?? String(proto);
  return `${name} ${formatIpv4(sip)}:${sport} -> ${formatIpv4(dip)}:${dport}`;
}

interface Traffic {
  readonly ts: bigint;
  readonly endTs: bigint;
  readonly readOps: bigint;
  readonly readBytes: bigint;
  readonly writeOps: bigint;
  readonly writeBytes: bigint;
}

/** Formats bytes and operations in both directions, omitting zeros, and the duration of a flow. */
function traffic(flow: Traffic, inward: string, outward: string): string {
  const read = flow.readOps === 0n ? '' : ` ${inward} ${flow.readBytes} B in ${flow.readOps}`;
  const written = flow.writeOps === 0n ? '' : ` ${outward} ${flow.writeBytes} B in ${flow.writeOps}`;
  return `${read}${written} +${(Number(flow.endTs - flow.ts) / 1e9).toFixed(6)}s`;
}
