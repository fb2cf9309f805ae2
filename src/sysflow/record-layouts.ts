/**
 * The reader's side of schema resolution: for each record kind, where each known field is stored, as JavaScript
 * fragments from which the decoders are generated.
 *
 * The fragments come from this module only: anything from a schema (names, symbols, sizes) is passed to generated code
 * as a number or as an element of a table. In the fragments, `bytes`, `p` and `end` are the input, `slots` and `o` the
 * row, `t` a scratch array, `values` a `ValueReader`, `int` and `oid` functions that read numbers.
 *
 * If the writer's schema lacks a field, or its value is null although SysFlow does not allow null, the variable or slot
 * keeps its initial value, which is the reader's default.
 */
import { type AvroType, type RecordType, unqualified } from './avro-schema.js';
import { OpFlag } from './op-flags.js';
import {
  SLOT_DIP,
  SLOT_DPORT,
  SLOT_END_TS,
  SLOT_FD,
  SLOT_FILE_OID,
  SLOT_HAS_NEW_FILE,
  SLOT_NEW_FILE_OID,
  SLOT_OP_FLAGS,
  SLOT_OPEN_FLAGS,
  SLOT_PROC_CREATE_TS,
  SLOT_PROC_PID,
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
} from './record-batch.js';
import { RecordKind } from './record-types.js';

/** Functions that fragments use to generate code. */
export interface Generator {
  /** Returns the name, in generated code, of a table of an enum's symbols or their numbers. */
  table(values: readonly string[] | readonly number[]): string;
  /**
   * Generates statements that read a record's fields in the writer's order; returns null if the type is not a record.
   */
  record(type: AvroType, fields: Fields): string | null;
}

/** One or several numbers at a fixed position. Flows consist of nothing else. */
export interface NumberSink {
  readonly kind: 'number';
  /**
   * `long` is a 64-bit integer in two elements, `time` the same but usually encoded in 9 bytes, `int` a 32-bit integer,
   * `earlyFlags` flags whose bits have been renumbered since, `oid` a file's 160-bit id in five elements.
   */
  readonly form: 'long' | 'time' | 'int' | 'earlyFlags' | 'oid';
  readonly array: 'slots' | 't';
  readonly index: number;
  /** A slot that is set to 1 if there is a value; null for none. */
  readonly flag: number | null;
  /** A variable that also gets the value, an `oid`, as text; null for none. */
  readonly text: string | null;
}

/** A nested record. */
export interface RecordSink {
  readonly kind: 'record';
  readonly members: Fields;
  /** Statements to add after it. */
  readonly after: string;
}

/**
 * Generates statements that read a value of the writer's type, which is neither a union nor null; returns null if the
 * type does not resolve.
 */
export type ScriptSink = (type: AvroType, generator: Generator) => string | null;

/** Where a field is stored. */
export type Sink = NumberSink | RecordSink | ScriptSink;

/** The fields of a record by name. */
export type Fields = ReadonlyMap<string, Sink>;

/** How a record kind is decoded. */
export interface RecordLayout {
  readonly kind: RecordKind;
  /** Declares the variables with the reader's defaults. */
  readonly locals: string;
  readonly fields: Fields;
  /** The payload of the row, as an expression; empty if there is none. */
  readonly payload: string;
  /** The field that must be present and not empty for a payload; null if there is always a payload. */
  readonly payloadOf: string | null;
}

function fields(byName: Readonly<Record<string, Sink>>): Fields {
  return new Map(Object.entries(byName));
}

function long(array: 'slots' | 't', index: number): NumberSink {
  return { kind: 'number', form: 'long', array, index, flag: null, text: null };
}

function time(array: 'slots' | 't', index: number): NumberSink {
  return { kind: 'number', form: 'time', array, index, flag: null, text: null };
}

function int(index: number): NumberSink {
  return { kind: 'number', form: 'int', array: 'slots', index, flag: null, text: null };
}

function fileOid(index: number, flag: number | null = null): NumberSink {
  return { kind: 'number', form: 'oid', array: 'slots', index, flag, text: null };
}

/** Reads a 32-bit integer into a variable. */
function intInto(name: string): ScriptSink {
  return ({ kind }) => (kind === 'int' ? `p = int(bytes, p, t, 8); ${name} = t[8];` : null);
}

/** Reads a string, or bytes, into a variable. */
function text(name: string): ScriptSink {
  return ({ kind }) =>
    kind === 'string' || kind === 'bytes' ? `p = values.readText(bytes, p, end); ${name} = values.text;` : null;
}

/** Reads a string that is rarely repeated into a variable. */
function rareText(name: string): ScriptSink {
  return (type, generator) =>
    type.kind === 'string'
      ? `p = values.readRareText(bytes, p, end); ${name} = values.text;`
      : text(name)(type, generator);
}

/** Reads the symbol of an enum into a variable. */
function symbol(name: string): ScriptSink {
  return (type, generator) =>
    type.kind === 'enum'
      ? `p = values.readSymbol(bytes, p, end, ${generator.table(type.symbols)}); ${name} = values.text;`
      : text(name)(type, generator);
}

/** Reads the number of an enum symbol into a variable or slot; 0 for an unknown symbol. */
function code(target: string, numbers: ReadonlyMap<string, number>): ScriptSink {
  return (type, generator) => {
    if (type.kind !== 'enum') return null;
    const table = generator.table(type.symbols.map((name) => numbers.get(name) ?? 0));
    return `p = values.readCode(bytes, p, end, ${table}); ${target} = values.code;`;
  };
}

function bool(name: string): ScriptSink {
  return ({ kind }) => (kind === 'boolean' ? `${name} = bytes[p++] === 1;` : null);
}

function texts(name: string): ScriptSink {
  return (type) =>
    type.kind === 'array' && type.items.kind === 'string'
      ? `p = values.readTexts(bytes, p, end); ${name} = values.texts;`
      : null;
}

function addresses(name: string): ScriptSink {
  return (type) =>
    type.kind === 'array' && (type.items.kind === 'long' || type.items.kind === 'int')
      ? `p = values.readAddresses(bytes, p, end); ${name} = values.texts;`
      : null;
}

function textMap(name: string): ScriptSink {
  return (type) =>
    type.kind === 'map' && type.values.kind === 'string'
      ? `p = values.readTextMap(bytes, p, end); ${name} = values.map;`
      : null;
}

/** Reads an array of records: `name` becomes an array of `item`, an expression over `locals`. */
function list(name: string, locals: string, members: Fields, item: string): ScriptSink {
  return (type, generator) => {
    const body = type.kind === 'array' ? generator.record(type.items, members) : null;
    if (body === null) return null;
    return `${name} = [];
for (;;) {
  p = values.readCount(bytes, p, end, ${name}.length);
  let left = values.count;
  if (left === 0) break;
  for (; left > 0 && p <= end; left--) {
    ${locals}
    ${body}
    ${name}.push(${item});
  }
}`;
  };
}

/** Reads the id of a process. */
function processOid(array: 'slots' | 't', index: number, after = ''): RecordSink {
  return { kind: 'record', members: fields({ createTS: time(array, index), hpid: long(array, index + 2) }), after };
}

/** Symbols of the state of a process or file, as `ObjectState`. */
export const STATES: ReadonlyMap<string, number> = new Map([
  ['CREATED', 0],
  ['MODIFIED', 1],
  ['REUP', 2],
]);

const OPERATIONS: ReadonlyMap<string, number> = new Map(
  Object.entries(OpFlag).map(([name, bit]) => [name.toUpperCase(), bit]),
);

const header: RecordLayout = {
  kind: RecordKind.header,
  locals: "let exporter = '', ip = 'NA', filename = ''; t[0] = 5; t[1] = 0;",
  fields: fields({ version: long('t', 0), exporter: text('exporter'), ip: text('ip'), filename: text('filename') }),
  payload: '{ version: t[1] * 4294967296 + (t[0] >>> 0), exporter, ip, filename }',
  payloadOf: null,
};

const container: RecordLayout = {
  kind: RecordKind.container,
  locals: "let id = '', name = '', image = '', imageId = '', type = '', privileged = false, podId = null;",
  fields: fields({
    id: text('id'),
    name: text('name'),
    image: text('image'),
    imageid: text('imageId'),
    type: symbol('type'),
    privileged: bool('privileged'),
    podId: text('podId'),
  }),
  payload: '{ id, name, image, imageId, type, privileged, podId }',
  payloadOf: null,
};

const process: RecordLayout = {
  kind: RecordKind.process,
  locals: `let state = 0, hasParent = false, exe = '', args = '', uid = 0, userName = '', gid = 0, groupName = '';
let tty = false, containerId = null, entry = false, cwd = null, env = null;
t[0] = t[1] = t[2] = t[3] = 0;`,
  fields: fields({
    state: code('state', STATES),
    // The field name in the oldest traces.
    type: code('state', STATES),
    oid: processOid('slots', SLOT_PROC_CREATE_TS),
    poid: processOid('t', 0, ' hasParent = true;'),
    ts: time('slots', SLOT_TS),
    exe: text('exe'),
    exeArgs: text('args'),
    uid: intInto('uid'),
    userName: text('userName'),
    gid: intInto('gid'),
    groupName: text('groupName'),
    tty: bool('tty'),
    containerId: text('containerId'),
    entry: bool('entry'),
    cwd: text('cwd'),
    env: texts('env'),
  }),
  payload: `{
  state,
  createTsLo: slots[o + ${SLOT_PROC_CREATE_TS}], createTsHi: slots[o + ${SLOT_PROC_CREATE_TS + 1}],
  pidLo: slots[o + ${SLOT_PROC_PID}], pidHi: slots[o + ${SLOT_PROC_PID + 1}],
  hasParent, parentCreateTsLo: t[0], parentCreateTsHi: t[1], parentPidLo: t[2], parentPidHi: t[3],
  tsLo: slots[o + ${SLOT_TS}], tsHi: slots[o + ${SLOT_TS + 1}],
  exe, args, uid, userName, gid, groupName, tty, containerId, entry, cwd, env, memo: []
}`,
  payloadOf: null,
};

const file: RecordLayout = {
  kind: RecordKind.file,
  locals: "let state = 0, hex = '', resourceType = 0, path = '', containerId = null;",
  fields: fields({
    state: code('state', STATES),
    oid: { ...fileOid(SLOT_FILE_OID), text: 'hex' },
    ts: time('slots', SLOT_TS),
    restype: intInto('resourceType'),
    path: rareText('path'),
    containerId: text('containerId'),
  }),
  payload: '{ state, oid: hex, resourceType, path, containerId, memo: [] }',
  payloadOf: null,
};

/** The first fields of all events and flows. */
const common = {
  procOID: processOid('slots', SLOT_PROC_CREATE_TS),
  ts: time('slots', SLOT_TS),
  tid: long('slots', SLOT_TID),
  opFlags: int(SLOT_OP_FLAGS),
};

/**
 * The operation bits of traces from 2018 and early 2019, before SETUID and SETNS were inserted: the bits from ACCEPT on
 * were two positions lower.
 */
const earlyOpFlags: NumberSink = {
  kind: 'number',
  form: 'earlyFlags',
  array: 'slots',
  index: SLOT_OP_FLAGS,
  flag: null,
  text: null,
};

const addressing = {
  sip: int(SLOT_SIP),
  sport: int(SLOT_SPORT),
  dip: int(SLOT_DIP),
  dport: int(SLOT_DPORT),
  proto: int(SLOT_PROTO),
};

const counters = {
  fd: int(SLOT_FD),
  numRRecvOps: long('slots', SLOT_READ_OPS),
  numWSendOps: long('slots', SLOT_WRITE_OPS),
  numRRecvBytes: long('slots', SLOT_READ_BYTES),
  numWSendBytes: long('slots', SLOT_WRITE_BYTES),
};

const processEvent: RecordLayout = {
  kind: RecordKind.processEvent,
  locals: 'let args = [];',
  fields: fields({
    ...common,
    // In the oldest traces the operation is an enum with this field name.
    type: code(`slots[o + ${SLOT_OP_FLAGS}]`, OPERATIONS),
    args: texts('args'),
    ret: int(SLOT_RET),
  }),
  payload: 'args.length === 0 ? null : args',
  payloadOf: 'args',
};

const networkFlow: RecordLayout = {
  kind: RecordKind.networkFlow,
  locals: '',
  fields: fields({ ...common, endTs: time('slots', SLOT_END_TS), ...addressing, ...counters }),
  payload: '',
  payloadOf: null,
};

const fileFlow: RecordLayout = {
  kind: RecordKind.fileFlow,
  locals: '',
  fields: fields({
    ...common,
    openFlags: int(SLOT_OPEN_FLAGS),
    endTs: time('slots', SLOT_END_TS),
    fileOID: fileOid(SLOT_FILE_OID),
    ...counters,
  }),
  payload: '',
  payloadOf: null,
};

const fileEvent: RecordLayout = {
  kind: RecordKind.fileEvent,
  locals: '',
  fields: fields({
    ...common,
    fileOID: fileOid(SLOT_FILE_OID),
    ret: int(SLOT_RET),
    newFileOID: fileOid(SLOT_NEW_FILE_OID, SLOT_HAS_NEW_FILE),
  }),
  payload: '',
  payloadOf: null,
};

const networkEvent: RecordLayout = {
  kind: RecordKind.networkEvent,
  locals: '',
  fields: fields({ ...common, ...addressing, ret: int(SLOT_RET) }),
  payload: '',
  payloadOf: null,
};

const processFlow: RecordLayout = {
  kind: RecordKind.processFlow,
  locals: '',
  fields: fields({
    ...common,
    endTs: time('slots', SLOT_END_TS),
    numThreadsCloned: long('slots', SLOT_READ_OPS),
    numThreadsExited: long('slots', SLOT_WRITE_OPS),
    numCloneErrors: long('slots', SLOT_READ_BYTES),
  }),
  payload: '',
  payloadOf: null,
};

const port = fields({
  port: intInto('port'),
  targetPort: intInto('targetPort'),
  nodePort: intInto('nodePort'),
  proto: text('proto'),
});

const service = fields({
  name: text('name'),
  id: text('id'),
  namespace: text('namespace'),
  portList: list(
    'ports',
    "let port = 0, targetPort = 0, nodePort = 0, proto = '';",
    port,
    '{ port, targetPort, nodePort, proto }',
  ),
  clusterIP: addresses('clusterIps'),
});

const pod: RecordLayout = {
  kind: RecordKind.pod,
  locals: `let id = '', name = '', nodeName = '', hostIps = [], internalIps = [], namespace = '', labels = new Map();
let selectors = new Map(), services = [];
t[0] = t[1] = 0;`,
  fields: fields({
    ts: time('slots', SLOT_TS),
    id: text('id'),
    name: text('name'),
    nodeName: text('nodeName'),
    hostIP: addresses('hostIps'),
    internalIP: addresses('internalIps'),
    namespace: text('namespace'),
    restartCount: long('t', 0),
    labels: textMap('labels'),
    selectors: textMap('selectors'),
    services: list(
      'services',
      "let name = '', id = '', namespace = '', ports = [], clusterIps = [];",
      service,
      '{ name, id, namespace, ports, clusterIps }',
    ),
  }),
  payload: `{
  tsLo: slots[o + ${SLOT_TS}], tsHi: slots[o + ${SLOT_TS + 1}], id, name, nodeName, hostIps, internalIps, namespace,
  restartCountLo: t[0], restartCountHi: t[1], labels, selectors, services
}`,
  payloadOf: null,
};

const k8sEvent: RecordLayout = {
  kind: RecordKind.k8sEvent,
  locals: "let kind = '', action = '', message = '';",
  fields: fields({
    kind: symbol('kind'),
    action: symbol('action'),
    ts: time('slots', SLOT_TS),
    message: text('message'),
  }),
  payload: '{ kind, action, message: trimMessage(message) }',
  payloadOf: null,
};

const LAYOUTS: ReadonlyMap<string, RecordLayout> = new Map([
  ['SFHeader', header],
  ['Container', container],
  ['Process', process],
  ['File', file],
  ['ProcessEvent', processEvent],
  ['NetworkFlow', networkFlow],
  ['FileFlow', fileFlow],
  ['FileEvent', fileEvent],
  ['NetworkEvent', networkEvent],
  ['ProcessFlow', processFlow],
  ['Pod', pod],
  ['K8sEvent', k8sEvent],
]);

/** Returns the layout of a record in traces from before `ProcessEvent`. */
function early(layout: RecordLayout): RecordLayout {
  return { ...layout, fields: new Map([...layout.fields, ['opFlags', earlyOpFlags]]) };
}

const EARLY_LAYOUTS: ReadonlyMap<string, RecordLayout> = new Map([
  ...LAYOUTS,
  ['ProcessFlow', early(processEvent)],
  ['NetworkFlow', early(networkFlow)],
  ['FileFlow', early(fileFlow)],
]);

/**
 * Returns the layouts for a schema, by record name without namespace.
 *
 * Traces of 2018 and early 2019 call process events process flows. These have a return code, which real flows never
 * had.
 */
export function layoutsFor(records: readonly RecordType[]): ReadonlyMap<string, RecordLayout> {
  const isEarly = records.some(
    (record) => unqualified(record.name) === 'ProcessFlow' && record.fields.some((field) => field.name === 'ret'),
  );
  return isEarly ? EARLY_LAYOUTS : LAYOUTS;
}
