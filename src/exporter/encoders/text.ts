/**
 * The `text` format: one line per record, for people. A line contains the time (UTC), the record type or the alert with its
 * priority, the process (name, pid, user), the operation, the ancestry and the container:
 *
 *     2026-11-24T16:25:14.570Z  PE  dpkg(105448) root      EXEC /usr/bin/dpkg --print-foreign-architectures  ← BESClient ← systemd
 *     2026-11-24T16:25:14.570Z  HIGH    Password hashes read            cat(5599) root        OPEN,READ /etc/shadow  ← sh ← node  mitre:T1003.008
 *
 * Every line has the full time: the period of an input is not known in advance, and a line found with `grep` must contain
 * the date. If records of several traces are printed, the host and the trace follow the time: `shop-1:web.sf`.
 *
 * If several rules match, the one with the highest priority comes first and the others follow the container, each after a
 * `+`.
 */
import { containerType } from '../../fields/container-fields.js';
import { PROTOCOL_NAMES } from '../../fields/falco-fields.js';
import { filePath, fileType } from '../../fields/file-fields.js';
import { baseName } from '../../fields/go-path.js';
import { commandLine } from '../../fields/process-fields.js';
import { exitText, failureText } from '../../fields/return-codes.js';
import type { Actor } from '../../records/actor.js';
import type { FlatRecord } from '../../records/flat-record.js';
import type { RecordContext } from '../../records/record-context.js';
import { formatInt64, toNumber } from '../../sysflow/int64.js';
import { formatIpv4 } from '../../sysflow/ipv4.js';
import { OpFlag, opFlagNames } from '../../sysflow/op-flags.js';
import {
  SLOT_DIP,
  SLOT_DPORT,
  SLOT_PROTO,
  SLOT_READ_BYTES,
  SLOT_SIP,
  SLOT_SPORT,
  SLOT_TS,
  SLOT_WRITE_BYTES,
} from '../../sysflow/record-batch.js';
import { RecordKind } from '../../sysflow/record-types.js';
import type { ByteBuffer } from '../byte-buffer.js';
import type { Encoder } from '../encoder.js';
import { isoTime } from './iso-time.js';
import { shorten, terminalText } from './terminal-text.js';

/** Column widths, chosen so that most values of real traces fit. */
const SOURCE_WIDTH = 26;
const WHO_WIDTH = 28;
const RULE_WIDTH = 30;
const ALERT_WHO_WIDTH = 20;
const LONGEST_COMMAND = 160;
const LONGEST_ANCESTRY = 6;

/** ANSI styles by use. */
const STYLES = {
  dim: '2',
  PE: '36',
  FF: '34',
  FE: '33',
  NF: '35',
  KE: '32',
  rule: '1',
  low: '36',
  medium: '33',
  high: '1;31',
};
type Style = keyof typeof STYLES;

const PRIORITIES: readonly Style[] = ['low', 'low', 'medium', 'high'];

/**
 * Creates a text encoder.
 *
 * @param color whether to use ANSI colours, for a terminal
 * @param sources whether to write the host and the trace of each record, for records of several traces
 */
export function createTextEncoder(color: boolean, sources = false): Encoder {
  const paint = color
    ? (style: Style, value: string): string => (value === '' ? '' : `\x1b[${STYLES[style]}m${value}\x1b[0m`)
    : (_style: Style, value: string): string => value;
  return {
    encode(record: FlatRecord, out: ByteBuffer): void {
      for (const [i, part] of lineParts(record, paint, sources).entries()) {
        if (i > 0) out.appendAscii('  ');
        out.appendText(part);
      }
    },
  };
}

type Paint = (style: Style, value: string) => string;

/**
 * Returns the parts of a line, which are joined by two spaces. They are kept apart because the whole line can exceed
 * the maximum length of a string.
 */
function lineParts(record: FlatRecord, paint: Paint, sources: boolean): string[] {
  const time = isoTime(record.slots[record.base + SLOT_TS]!, record.slots[record.base + SLOT_TS + 1]!);
  const milliseconds = time.slice(20, -1).padEnd(3, '0').slice(0, 3);
  const rules = ruleNames(record.context);
  const head = rules === null ? paint(record.type as Style, record.type) : alertText(rules, paint);
  const who = whoText(record.actor).padEnd(rules === null ? WHO_WIDTH : ALERT_WHO_WIDTH);
  const tail = [ancestryText(record.actor), placeText(record.actor)].filter((part) => part !== '').join('  ');
  const others = (rules?.names.slice(1) ?? []).map((name) => `+ ${paint('rule', name)}`).join(' ');
  const parts = [
    paint('dim', `${time.slice(0, 19)}.${milliseconds}Z`),
    sources ? paint('dim', sourceText(record).padEnd(SOURCE_WIDTH)) : '',
    head,
    who,
    whatText(record),
    paint('dim', tail),
    others,
    paint('dim', tagsText(record.context)),
  ];
  return parts.filter((part) => part !== '');
}

/** Returns the host and the trace of a record: `shop-1:web.sf`. */
function sourceText(record: FlatRecord): string {
  return terminalText(`${record.header.exporter}:${baseName(record.batch.records.trace)}`);
}

/** Returns the names of the rules that matched, highest priority first, and this priority; null if none matched. */
function ruleNames(context: RecordContext | null): { priority: number; names: string[] } | null {
  if (context === null || context.rules.length === 0) return null;
  const rules = context.rules.toSorted((a, b) => b.priority - a.priority);
  return { priority: rules[0]!.priority, names: [...new Set(rules.map((rule) => terminalText(rule.name)))] };
}

/** Formats the priority and the first rule. */
function alertText({ priority, names }: { priority: number; names: string[] }, paint: Paint): string {
  const style = PRIORITIES[priority] ?? 'high';
  return `${paint(style, style.toUpperCase().padEnd(6))}  ${paint('rule', names[0]!.padEnd(RULE_WIDTH))}`;
}

function tagsText(context: RecordContext | null): string {
  if (context === null) return '';
  const tags = new Set([...context.tags, ...context.rules.flatMap((rule) => rule.tags)]);
  const findings = [...context.findings].map(([name, value]) => `${name}=${value}`);
  return [...tags, ...findings].map(terminalText).join(' ');
}

function whoText(actor: Actor): string {
  const p = actor.process;
  if (p === null) return '';
  const user = p.userName === '' ? String(p.uid) : p.userName;
  return terminalText(`${baseName(p.exe)}(${formatInt64(p.pidLo, p.pidHi)}) ${user}`);
}

/** Returns the names of the ancestors, nearest first. Repeated names are shown once. */
function ancestryText(actor: Actor): string {
  const names = actor.ancestors.slice(1).map((p) => baseName(p.exe));
  const distinct = names.filter((name, i) => name !== names[i - 1]);
  const shown = distinct.length > LONGEST_ANCESTRY ? [...distinct.slice(0, LONGEST_ANCESTRY - 1), '…'] : distinct;
  return shown.map((name) => `← ${terminalText(name)}`).join(' ');
}

function placeText(actor: Actor): string {
  const { container, pod } = actor;
  if (container === null) return '';
  const where = pod === null ? container.name : `${pod.namespace}/${pod.name}`;
  const privileged = container.privileged ? ', privileged' : '';
  return terminalText(
    `[${where === '' ? container.id : where} ${containerType(container.type).toLowerCase()}${privileged}]`,
  );
}

function whatText(record: FlatRecord): string {
  const operations = opFlagNames(record.opFlags, record.kind === RecordKind.networkFlow).join(',');
  switch (record.kind) {
    case RecordKind.processEvent:
      return `${operations} ${processText(record)}`.trimEnd();
    case RecordKind.fileFlow:
      return `${operations} ${fileText(record)}${trafficText(record)}`;
    case RecordKind.fileEvent:
      return `${operations} ${fileText(record)}${targetText(record)}${failureText(record.ret)}`;
    case RecordKind.networkFlow:
      return `${operations} ${connectionText(record)}${trafficText(record)}`;
    default: {
      const k8s = record.k8sEvent;
      return k8s === null ? operations : terminalText(`${k8s.action} ${k8s.kind}`);
    }
  }
}

function processText(record: FlatRecord): string {
  const p = record.actor.process;
  if (p === null) return failureText(record.ret);
  if ((record.opFlags & OpFlag.exec) !== 0)
    return (
      shorten(terminalText(commandLine(p).slice(0, LONGEST_COMMAND + 1)), LONGEST_COMMAND) + failureText(record.ret)
    );
  if ((record.opFlags & OpFlag.exit) !== 0) return exitText(record.ret);
  if ((record.opFlags & OpFlag.clone) !== 0) return record.ret > 0 ? `→ ${record.ret}` : '';
  if ((record.opFlags & OpFlag.setuid) === 0) return '';
  const [user = ''] = (record.payload as readonly string[] | null) ?? [];
  return (user === '' ? '' : `to ${terminalText(user)}`) + failureText(record.ret);
}

function fileText(record: FlatRecord): string {
  const file = record.file;
  if (file === null) return 'unknown file';
  const path = filePath(file);
  return terminalText(path === '' ? `${fileType(file)}:${record.fd}` : path);
}

function targetText(record: FlatRecord): string {
  return record.newFile === null ? '' : ` → ${terminalText(filePath(record.newFile))}`;
}

function connectionText(record: FlatRecord): string {
  const at = (offset: number): number => record.slots[record.base + offset]!;
  const proto = PROTOCOL_NAMES.get(at(SLOT_PROTO)) ?? String(at(SLOT_PROTO));
  return `${proto} ${formatIpv4(at(SLOT_SIP))}:${at(SLOT_SPORT)} → ${formatIpv4(at(SLOT_DIP))}:${at(SLOT_DPORT)}`;
}

/** Formats the bytes read and written by a flow, if any. */
function trafficText(record: FlatRecord): string {
  const read = toNumber(record.slots[record.base + SLOT_READ_BYTES]!, record.slots[record.base + SLOT_READ_BYTES + 1]!);
  const written = toNumber(
    record.slots[record.base + SLOT_WRITE_BYTES]!,
    record.slots[record.base + SLOT_WRITE_BYTES + 1]!,
  );
  return `${read > 0 ? `  in ${byteText(read)}` : ''}${written > 0 ? `  out ${byteText(written)}` : ''}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

function byteText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${UNITS[unit]}`;
}
