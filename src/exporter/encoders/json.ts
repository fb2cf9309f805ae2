/**
 * The `json` format, schema 5: one object a record, laid out by the table of attributes. First the record's own
 * attributes, then a section per entity, both in alphabetical order, then the rules that matched and the tags.
 */
import { containerType } from '../../fields/container-fields.js';
import { KINDS_ALL, KINDS_FILE, KINDS_FLOW, KINDS_KE, KINDS_NF, KINDS_PROC } from '../../fields/define.js';
import type { Field, FieldSection } from '../../fields/field.js';
import { fileType } from '../../fields/file-fields.js';
import { objectId } from '../../fields/object-id.js';
import { FIELDS } from '../../fields/table.js';
import type { FlatRecord } from '../../records/flat-record.js';
import type { Process, Service } from '../../sysflow/entities.js';
import { formatInt64 } from '../../sysflow/int64.js';
import { openFlagNames } from '../../sysflow/open-flags.js';
import { SLOT_END_TS, SLOT_TS } from '../../sysflow/record-batch.js';
import { RecordKind } from '../../sysflow/record-types.js';
import type { Encoder } from '../encoder.js';
import { event, FragmentEncoder, type FragmentSource, fragment, int, type Token, text } from './fragments.js';
import { escapeJson, jsonText, trimQuotes } from './json-text.js';

/** Version of the layout, the first attribute of each record. */
export const JSON_SCHEMA_VERSION = '5';

/** The name of a section where it is not that of the attributes. */
const SECTION_KEYS: ReadonlyMap<string, string> = new Map([['ke', 'k8s']]);

/** The record kinds that have a section; all of its attributes stand in it, applicable or not. */
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

/** A section stands in a record only if there is such an entity. */
const SECTION_PRESENT: ReadonlyMap<string, (record: FlatRecord) => boolean> = new Map([
  ['container', (record) => (record.subject.container?.id ?? '') !== ''],
  ['pod', (record) => (record.subject.pod?.id ?? '') !== ''],
  ['pproc', hasParentPid],
]);

function hasParentPid(record: FlatRecord): boolean {
  const process = record.subject.process;
  return process?.hasParent === true && (process.parentPidLo !== 0 || process.parentPidHi !== 0);
}

/** A JSON encoder. Each has its own fragments; use one per output. */
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
  const sections = exportedFields(
    (field) => field.section !== 'record' && (SECTION_KINDS[field.section] & (1 << kind)) !== 0,
  );
  for (const section of new Set(sections.map((field) => field.section))) {
    tokens.push(
      ...sectionTokens(
        section,
        sections.filter((field) => field.section === section),
        kind,
      ),
    );
  }
  tokens.push(fragment('context', contextText), text('}'));
  return tokens;
}

/** Fields of the output in its order: by name. */
function exportedFields(wanted: (field: Field) => boolean): Field[] {
  return FIELDS.filter((field) => field.exported && wanted(field)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sectionTokens(section: string, fields: readonly Field[], kind: number): Token[] {
  const tokens: Token[] = [text(`,"${SECTION_KEYS.get(section) ?? section}":{`)];
  fields.forEach((field, i) => {
    tokens.push(text(`${i === 0 ? '' : ','}${key(field)}`), ...valueTokens(field, kind));
  });
  tokens.push(text('}'));
  const present = SECTION_PRESENT.get(section);
  return present === undefined ? tokens : [optional(tokens, present)];
}

/** One token for a section that depends on the subject alone and may be missing. */
function optional(tokens: readonly Token[], present: (record: FlatRecord) => boolean): Token {
  const render = (record: FlatRecord): string => {
    if (!present(record)) return '';
    return tokens.map((token) => (token.kind === 'text' ? token.text : renderFragment(token, record))).join('');
  };
  return fragment('subject', render);
}

function renderFragment(token: Token, record: FlatRecord): string {
  if (token.kind === 'fragment') return token.render(record);
  throw new TypeError('a section that may be missing must depend on the subject alone');
}

function key(field: Field): string {
  return `"${field.name.slice(field.name.lastIndexOf('.') + 1)}":`;
}

function valueTokens(field: Field, kind: number): Token[] {
  const special = SPECIAL_VALUES.get(field.name)?.(kind) ?? null;
  if (special !== null) return [special];
  // What cannot apply to the kind is the same in all its records, and melts into the text around it.
  const applies = (field.kinds & (1 << kind)) !== 0;
  return [applies ? plainToken(field) : text(ZERO_VALUES[field.type])];
}

/** How the zero value of a type is written. */
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

/** A value as its type is written: texts without bounding quotes, integers as numbers, lists as arrays. */
function plainValue(field: Field): (record: FlatRecord) => string {
  switch (field.type) {
    case 'string':
    case 'json':
      return (record) => jsonText(trimQuotes(field.read(record)));
    case 'int':
    case 'time':
      return (record) => formatInt64(field.readLow(record), field.readHigh(record));
    case 'bool':
      return (record) => String(field.read(record));
    case 'ints':
      return (record) => `[${field.read(record).join(',')}]`;
    case 'strings':
      return (record) => `[${field.read(record).map(listText).join(',')}]`;
  }
}

function listText(item: string): string {
  return jsonText(trimQuotes(item));
}

function isFlow(kind: number): boolean {
  return kind === RecordKind.fileFlow || kind === RecordKind.networkFlow;
}

/** A path's part; the original prints `.` where there is no path to take a part of. */
function orDot(field: Field): (kind: number) => Token | null {
  return (kind) => {
    if ((field.kinds & (1 << kind)) === 0) return text('"."');
    if (field.type !== 'string' || field.dependsOn === 'event') return null;
    return fragment(field.dependsOn, (record) => jsonText(trimQuotes(field.read(record)) || '.'));
  };
}

/** Path and arguments, each without its bounding quotes. */
function quotelessCommandLine(process: Process): string {
  const args = trimQuotes(process.args);
  return `"${escapeJson(trimQuotes(process.exe))}${args === '' ? '' : ` ${escapeJson(args)}`}"`;
}

function addressList(ips: readonly string[]): string {
  return `[${ips.map(jsonText).join(',')}]`;
}

function serviceText(service: Service): string {
  const ports = service.ports.map(
    (port) =>
      `{"port":${port.port},"targetport":${port.targetPort},"nodeport":${port.nodePort},"proto":${jsonText(port.proto)}}`,
  );
  const names = `"id":${jsonText(service.id)},"name":${jsonText(service.name)},"namespace":${jsonText(service.namespace)}`;
  return `{${names},"clusterIP":${addressList(service.clusterIps)},"ports":[${ports.join(',')}]}`;
}

/**
 * Values that the original prints in a way of its own; outputs keep it, rules do not see it. Each gives a token for a
 * record kind, or null where the plain value is right.
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
  // A file event has no descriptor; what stands there is the state of the second file.
  [
    'sf.file.fd',
    (kind) =>
      kind === RecordKind.fileEvent ? fragment('newfile', (record) => String(record.newFile?.state ?? 0)) : null,
  ],
  [
    'sf.file.openflags',
    () => fragment('openflags', (record) => `[${openFlagNames(record.openFlags).map(jsonText).join(',')}]`),
  ],
  ['sf.file.type', () => fragment('file', fileTypeText)],
  [
    'sf.container.privileged',
    () => fragment('subject', (record) => (record.subject.container?.privileged ? '1' : '0')),
  ],
  [
    'sf.container.type',
    () => fragment('subject', (record) => jsonText(containerType(record.subject.container?.type ?? ''))),
  ],
  ['sf.pod.hostip', () => fragment('subject', (record) => addressList(record.subject.pod?.hostIps ?? []))],
  ['sf.pod.internalip', () => fragment('subject', (record) => addressList(record.subject.pod?.internalIps ?? []))],
  [
    'sf.pod.services',
    () => fragment('subject', (record) => `[${(record.subject.pod?.services ?? []).map(serviceText).join(',')}]`),
  ],
  // Of an unknown parent the original prints two quotes as the value of each text.
  ...FIELDS.filter(
    (field) => field.section === 'pproc' && field.type === 'string' && field.name !== 'sf.pproc.oid',
  ).map((field) => [field.name, ofParent(field)] as const),
  [
    'sf.proc.acmdline',
    () => fragment('subject', (record) => `[${record.subject.ancestors.map(quotelessCommandLine).join(',')}]`),
  ],
  // Of an unknown process the original prints the id that zeros have.
  ['sf.proc.oid', () => fragment('subject', processIdText)],
]);

function fileTypeText(record: FlatRecord): string {
  return jsonText(record.file === null ? '\u0000' : trimQuotes(fileType(record.file)));
}

function ofParent(field: Field): () => Token {
  const known = field.name === 'sf.pproc.cmdline' ? parentCommandLine : plainValue(field);
  return () => fragment('subject', (record) => (record.subject.parent === null ? jsonText('""') : known(record)));
}

function parentCommandLine(record: FlatRecord): string {
  return quotelessCommandLine(record.subject.parent!);
}

function processIdText(record: FlatRecord): string {
  const p = record.subject.process;
  return jsonText(p === null ? objectId(0, 0, 0, 0) : objectId(p.pidLo, p.pidHi, p.createTsLo, p.createTsHi));
}

/** The rules that matched, the tags, and what actions noted. */
function contextText(record: FlatRecord): string {
  const context = record.context;
  if (context === null) return '';
  const rules = context.rules.map(
    (rule) => `{"id":${jsonText(rule.name)},"desc":${jsonText(rule.description)},"priority":${rule.priority}}`,
  );
  const tags = [...context.tags, ...context.rules.flatMap((rule) => rule.tags)].map(jsonText);
  const findings = [...context.findings].map(([name, value]) => `${jsonText(name)}:${jsonText(value)}`);
  const policies = rules.length === 0 ? '' : `,"policies":[${rules.join(',')}]`;
  const tagged = tags.length === 0 ? '' : `,"tags":[${tags.join(',')}]`;
  return findings.length === 0 ? policies + tagged : `${policies}${tagged},"context":{${findings.join(',')}}`;
}
