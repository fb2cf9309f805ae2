/**
 * The `json` format, schema 5: one object per record, laid out by the table of attributes. First come the record's own
 * attributes, then a section per entity, both in alphabetical order, then the rules that matched and the tags.
 */
import { containerType } from '../../fields/container-fields.js';
import { KINDS_ALL, KINDS_FILE, KINDS_FLOW, KINDS_KE, KINDS_NF, KINDS_PROC } from '../../fields/define.js';
import type { Field, FieldSection } from '../../fields/field.js';
import { fileType } from '../../fields/file-fields.js';
import { objectId } from '../../fields/object-id.js';
import { FIELDS } from '../../fields/table.js';
import type { Actor } from '../../records/actor.js';
import type { FlatRecord } from '../../records/flat-record.js';
import type { MatchedRule } from '../../records/record-context.js';
import type { Process, Service, ServicePort } from '../../sysflow/entities.js';
import { openFlagNames } from '../../sysflow/open-flags.js';
import { SLOT_DIP, SLOT_DPORT, SLOT_END_TS, SLOT_SIP, SLOT_SPORT, SLOT_TS } from '../../sysflow/record-batch.js';
import { RECORD_TYPE_CODES, RecordKind } from '../../sysflow/record-types.js';
import type { ByteBuffer } from '../byte-buffer.js';
import type { Encoder } from '../encoder.js';
import { FragmentEncoder } from './fragments.js';
import { textEnd, textStart, writeEscaped, writeJsonText, writeList, writeQuoteless, writeTexts } from './json-text.js';
import {
  boundary,
  event,
  type FragmentSource,
  fragment,
  int,
  ipv4,
  sequence,
  type Token,
  text,
  type Write,
} from './tokens.js';

/** Version of the layout, written as the first attribute of each record. */
export const JSON_SCHEMA_VERSION = '5';

/** The names of sections that differ from those of the attributes. */
const SECTION_KEYS: ReadonlyMap<string, string> = new Map([['ke', 'k8s']]);

/** The record kinds that have a section. A section contains all of its attributes, even those that do not apply. */
const SECTION_KINDS: Readonly<Record<Exclude<FieldSection, 'record'>, number>> = {
  container: KINDS_PROC,
  file: KINDS_FILE,
  flow: KINDS_FLOW,
  ke: KINDS_KE,
  meta: KINDS_ALL,
  net: KINDS_NF,
  node: KINDS_ALL,
  pod: KINDS_PROC,
  pproc: KINDS_PROC,
  proc: KINDS_PROC,
};

/**
 * Sections that are not merged with their neighbours, since the neighbours differ by record kind. Thus the sections of
 * an actor are the same in all kinds.
 */
const SECTIONS_APART: ReadonlySet<FieldSection> = new Set<FieldSection>(['container', 'meta', 'net']);

/** A section is only written if the record has such an entity. */
const SECTION_PRESENT: ReadonlyMap<string, (record: FlatRecord) => boolean> = new Map([
  ['container', (record) => (record.actor.container?.id ?? '') !== ''],
  ['pod', (record) => (record.actor.pod?.id ?? '') !== ''],
  ['pproc', hasParentPid],
]);

function hasParentPid(record: FlatRecord): boolean {
  const process = record.actor.process;
  return process?.hasParent === true && (process.parentPidLo !== 0 || process.parentPidHi !== 0);
}

/** Creates a JSON encoder. Each has its own fragment cache; use one per output. */
export function createJsonEncoder(): Encoder {
  const plans = new Map<number, Token[]>();
  for (const kind of [
    RecordKind.processEvent,
    RecordKind.fileFlow,
    RecordKind.fileEvent,
    RecordKind.networkFlow,
    RecordKind.k8sEvent,
  ]) {
    plans.set(kind, recordTokens(kind));
  }
  return new FragmentEncoder(plans);
}

function recordTokens(kind: number): Token[] {
  const own = exportedFields((field) => field.section === 'record');
  const tokens: Token[] = [text(`{"version":${JSON_SCHEMA_VERSION}`)];
  for (const field of own) tokens.push(text(`,${key(field)}`), ...valueTokens(field, kind));
  const fields = exportedFields(
    (field) => field.section !== 'record' && (SECTION_KINDS[field.section] & (1 << kind)) !== 0,
  );
  for (const section of new Set(fields.map((field) => field.section))) {
    const ofSection = fields.filter((field) => field.section === section);
    const apart = SECTIONS_APART.has(section) ? [boundary] : [];
    tokens.push(...apart, ...sectionTokens(section, ofSection, kind), ...apart);
  }
  tokens.push(fragment('context', writeContext), text('}'));
  return tokens;
}

/** Returns the fields of the output in order, by name. */
function exportedFields(wanted: (field: Field) => boolean): Field[] {
  return FIELDS.filter((field) => field.exported && wanted(field)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sectionTokens(section: FieldSection, fields: readonly Field[], kind: number): readonly Token[] {
  const values = fields.flatMap((field, i) => [
    text(`${i === 0 ? '' : ','}${key(field)}`),
    ...valueTokens(field, kind),
  ]);
  const tokens = [text(`,"${SECTION_KEYS.get(section) ?? section}":{`), ...values, text('}')];
  const present = SECTION_PRESENT.get(section);
  if (present === undefined) return tokens;
  return [onceFor(section, () => optional(tokens, present))];
}

/** Creates one token for a section that depends on the actor alone and can be absent. */
function optional(tokens: readonly Token[], present: (record: FlatRecord) => boolean): Token {
  const write = sequence(tokens);
  return fragment('actor', (record, out) => {
    if (present(record)) write(record, out);
  });
}

/** Tokens by the section or attribute that they write. */
const tokensByName = new Map<string, Token>();

/** Returns the token of a section or attribute, which is the same for all record kinds. */
function onceFor(name: string, create: () => Token): Token {
  let token = tokensByName.get(name);
  if (token === undefined) {
    token = create();
    tokensByName.set(name, token);
  }
  return token;
}

function key(field: Field): string {
  return `"${field.name.slice(field.name.lastIndexOf('.') + 1)}":`;
}

function valueTokens(field: Field, kind: number): readonly Token[] {
  const special = SPECIAL_VALUES.get(field.name)?.(kind) ?? null;
  if (special !== null) return [special];
  // An attribute that does not apply to the record kind is constant, and becomes part of the text around it.
  if ((field.kinds & (1 << kind)) === 0) return [text(ZERO_VALUES[field.type])];
  return NETWORK_VALUES.get(field.name) ?? [onceFor(field.name, () => plainToken(field))];
}

/** Values of a network flow that consist of numbers in its row. */
const NETWORK_VALUES: ReadonlyMap<string, readonly Token[]> = new Map([
  ['sf.net.sip', [text('"'), ipv4(SLOT_SIP), text('"')]],
  ['sf.net.dip', [text('"'), ipv4(SLOT_DIP), text('"')]],
  ['sf.net.ip', [text('["'), ipv4(SLOT_SIP), text('","'), ipv4(SLOT_DIP), text('"]')]],
  ['sf.net.port', [text('['), int(SLOT_SPORT, false), text(','), int(SLOT_DPORT, false), text(']')]],
]);

/** The text of a type's zero value. */
const ZERO_VALUES: Readonly<Record<Field['type'], string>> = {
  string: '""',
  json: '""',
  int: '0',
  time: '0',
  bool: 'false',
  strings: '[]',
  ints: '[]',
};

function plainToken(field: Field): Token {
  if (field.dependsOn === 'event') {
    if ('slot' in field && field.slot !== undefined) return int(field.slot.offset, field.slot.wide);
    return event(plainValue(field));
  }
  return fragment(field.dependsOn satisfies FragmentSource, plainValue(field));
}

/** Writes a value by its type: texts without surrounding quotes, integers as numbers, lists as arrays. */
function plainValue(field: Field): Write {
  switch (field.type) {
    case 'string':
    case 'json':
      return (record, out) => writeQuoteless(out, field.read(record));
    case 'int':
    case 'time':
      return (record, out) => out.appendInt64(field.readLow(record), field.readHigh(record));
    case 'bool':
      return (record, out) => out.appendAscii(field.read(record) ? 'true' : 'false');
    case 'ints':
      return (record, out) => writeList(out, field.read(record), writeNumber);
    case 'strings':
      return (record, out) => writeList(out, field.read(record), writeQuoteless);
  }
}

function writeNumber(out: ByteBuffer, decimal: string): void {
  out.appendAscii(decimal);
}

function isFlow(kind: number): boolean {
  return kind === RecordKind.fileFlow || kind === RecordKind.networkFlow;
}

/** A part of a path. The original prints `.` if the path is empty. */
function orDot(field: Field): (kind: number) => Token | null {
  if (field.type !== 'string' || field.dependsOn === 'event') return () => null;
  const token = fragment(field.dependsOn, (record, out) => {
    const value = field.read(record);
    writeQuoteless(out, textStart(value) === textEnd(value) ? '.' : value);
  });
  return (kind) => ((field.kinds & (1 << kind)) === 0 ? text('"."') : token);
}

/** Writes path and arguments, each without surrounding quotes. */
function writeCommandLine(out: ByteBuffer, { exe, args }: Process): void {
  out.appendAscii('"');
  writeEscaped(out, exe, textStart(exe), textEnd(exe));
  const [start, end] = [textStart(args), textEnd(args)];
  if (start < end) out.appendAscii(' ');
  writeEscaped(out, args, start, end);
  out.appendAscii('"');
}

function writeService(out: ByteBuffer, service: Service): void {
  out.appendAscii('{"id":');
  writeJsonText(out, service.id);
  out.appendAscii(',"name":');
  writeJsonText(out, service.name);
  out.appendAscii(',"namespace":');
  writeJsonText(out, service.namespace);
  out.appendAscii(',"clusterIP":');
  writeList(out, service.clusterIps, writeJsonText);
  out.appendAscii(',"ports":');
  writeList(out, service.ports, writePort);
  out.appendAscii('}');
}

function writePort(out: ByteBuffer, port: ServicePort): void {
  out.appendAscii(`{"port":${port.port},"targetport":${port.targetPort},"nodeport":${port.nodePort},"proto":`);
  writeJsonText(out, port.proto);
  out.appendAscii('}');
}

/**
 * Values that the original prints in a special way, which only affects outputs and not rules. Each function returns a
 * token for a record kind, or null if the value is written as usual.
 */
const SPECIAL_VALUES: ReadonlyMap<string, (kind: number) => Token | null> = new Map<
  string,
  (kind: number) => Token | null
>([
  ...FIELDS.filter((field) => /^sf\.(proc\.name|file\.(new)?(name|directory))$/.test(field.name)).map(
    (field) => [field.name, orDot(field)] as const,
  ),
  [
    'sf.endts',
    (kind) => (kind === RecordKind.k8sEvent ? int(SLOT_TS, true) : isFlow(kind) ? int(SLOT_END_TS, true) : null),
  ],
  // The type is constant for a record kind.
  ['sf.type', (kind) => text(`"${RECORD_TYPE_CODES[kind]}"`)],
  // A file event has no descriptor; the original prints the state of the second file instead.
  [
    'sf.file.fd',
    (kind) =>
      kind === RecordKind.fileEvent
        ? fragment('newfile', (record, out) => out.appendAscii(String(record.newFile?.state ?? 0)))
        : null,
  ],
  [
    'sf.file.openflags',
    (kind) =>
      kind === RecordKind.fileFlow
        ? fragment('openflags', (record, out) => writeList(out, openFlagNames(record.openFlags), writeJsonText))
        : text('["NONE"]'),
  ],
  ['sf.file.type', () => fragment('file', writeFileType)],
  ['sf.container.privileged', ofActor(({ container }, out) => out.appendAscii(container?.privileged ? '1' : '0'))],
  ['sf.container.type', ofActor(({ container }, out) => writeJsonText(out, containerType(container?.type ?? '')))],
  ['sf.pod.hostip', ofActor(({ pod }, out) => writeList(out, pod?.hostIps ?? [], writeJsonText))],
  ['sf.pod.internalip', ofActor(({ pod }, out) => writeList(out, pod?.internalIps ?? [], writeJsonText))],
  ['sf.pod.services', ofActor(({ pod }, out) => writeList(out, pod?.services ?? [], writeService))],
  // For an unknown parent the original prints two quotes as the value of each text.
  ...FIELDS.filter(
    (field) => field.section === 'pproc' && field.type === 'string' && field.name !== 'sf.pproc.oid',
  ).map((field) => [field.name, ofParent(field)] as const),
  ['sf.proc.acmdline', ofActor(({ ancestors }, out) => writeList(out, ancestors, writeCommandLine))],
  // For an unknown process the original prints the id of the zero values.
  ['sf.proc.oid', ofActor(writeProcessId)],
]);

function ofActor(write: (actor: Actor, out: ByteBuffer) => void): () => Token {
  const token = fragment('actor', (record, out) => write(record.actor, out));
  return () => token;
}

function writeFileType({ file }: FlatRecord, out: ByteBuffer): void {
  if (file === null) writeJsonText(out, '\u0000');
  else writeQuoteless(out, fileType(file));
}

function ofParent(field: Field): () => Token {
  const writeKnown = field.name === 'sf.pproc.cmdline' ? writeParentCommandLine : plainValue(field);
  const token = fragment('actor', (record, out) => {
    if (record.actor.parent === null) writeJsonText(out, '""');
    else writeKnown(record, out);
  });
  return () => token;
}

function writeParentCommandLine(record: FlatRecord, out: ByteBuffer): void {
  writeCommandLine(out, record.actor.parent!);
}

function writeProcessId({ process: p }: Actor, out: ByteBuffer): void {
  writeJsonText(out, p === null ? objectId(0, 0, 0, 0) : objectId(p.pidLo, p.pidHi, p.createTsLo, p.createTsHi));
}

/** Appends the rules that matched, the tags, and the findings of actions. */
function writeContext({ context }: FlatRecord, out: ByteBuffer): void {
  if (context === null) return;
  if (context.rules.length > 0) {
    out.appendAscii(',"policies":');
    writeList(out, context.rules, writeRule);
  }
  const tags = [...context.tags, ...context.rules.flatMap((rule) => rule.tags)];
  if (tags.length > 0) {
    out.appendAscii(',"tags":');
    writeList(out, tags, writeJsonText);
  }
  if (context.findings.size > 0) {
    out.appendAscii(',"context":');
    writeTexts(out, [...context.findings]);
  }
}

function writeRule(out: ByteBuffer, rule: MatchedRule): void {
  out.appendAscii('{"id":');
  writeJsonText(out, rule.name);
  out.appendAscii(',"desc":');
  writeJsonText(out, rule.description);
  out.appendAscii(`,"priority":${rule.priority}}`);
}
