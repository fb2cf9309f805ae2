/** What reading a record must give, worked out from the value that was written, apart from all decoding. */
import type { ProcessOid, TraceRecord } from '../../../src/sysflow/trace-record.js';
import type { Value } from './evolution.js';

/** A field's value without the wrap of a union; undefined where it is missing or null. */
function field(value: Value, name: string): unknown {
  const found = (value as Record<string, unknown>)[name];
  if (found === null || found === undefined) return undefined;
  const isWrap = typeof found === 'object' && Object.getPrototypeOf(found) === Object.prototype;
  const entries = isWrap ? Object.entries(found) : [];
  const wrapped =
    entries.length === 1 && /^(string|bytes|int|long|boolean|array|map|sysflow\..*)$/.test(entries[0]![0]);
  return wrapped ? entries[0]![1] : found;
}

class Fields {
  readonly #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  text<T>(name: string, missing: T): string | T {
    const found = field(this.#value, name);
    return found === undefined ? missing : Buffer.isBuffer(found) ? found.toString('utf8') : (found as string);
  }
  long(name: string, missing = 0n): bigint {
    return BigInt((field(this.#value, name) as bigint | number | undefined) ?? missing);
  }
  int(name: string): number {
    return (field(this.#value, name) as number | undefined) ?? 0;
  }
  bool(name: string): boolean {
    return (field(this.#value, name) as boolean | undefined) ?? false;
  }
  state(): number {
    return Math.max(0, ['CREATED', 'MODIFIED', 'REUP'].indexOf(this.text('state', '')));
  }
  processOid(name: string): ProcessOid | null {
    const oid = field(this.#value, name);
    if (oid === undefined) return null;
    const fields = new Fields(oid);
    return { createTs: fields.long('createTS'), pid: fields.long('hpid') };
  }
  hex(name: string): string | null {
    return (field(this.#value, name) as Buffer | undefined)?.toString('hex') ?? null;
  }
  list<T>(name: string): T[] {
    return (field(this.#value, name) as T[] | undefined) ?? [];
  }
  addresses(name: string): string[] {
    return this.list<bigint>(name).map((address) =>
      [0n, 8n, 16n, 24n].map((shift) => String((address >> shift) & 255n)).join('.'),
    );
  }
  map(name: string): ReadonlyMap<string, string> {
    return new Map(Object.entries((field(this.#value, name) as Record<string, string> | undefined) ?? {}));
  }
}

const NOBODY: ProcessOid = { createTs: 0n, pid: 0n };
const NO_FILE = '0'.repeat(40);

/** The record for a value of a branch, by the branch's name without namespace; null for kinds that are not known. */
export function expectedRecord(name: string, value: Value): TraceRecord | null {
  const f = new Fields(value);
  const activity = { process: f.processOid('procOID') ?? NOBODY, ts: f.long('ts'), opFlags: f.int('opFlags') };
  const thread = { ...activity, tid: f.long('tid') };
  const ends = {
    sip: f.int('sip'),
    sport: f.int('sport'),
    dip: f.int('dip'),
    dport: f.int('dport'),
    proto: f.int('proto'),
  };
  const counters = {
    endTs: f.long('endTs'),
    fd: f.int('fd'),
    readOps: f.long('numRRecvOps'),
    writeOps: f.long('numWSendOps'),
    readBytes: f.long('numRRecvBytes'),
    writeBytes: f.long('numWSendBytes'),
  };
  const fileOid = f.hex('fileOID') ?? NO_FILE;
  switch (name) {
    case 'SFHeader':
      return {
        kind: 'header',
        version: Number(f.long('version', 5n)),
        exporter: f.text('exporter', ''),
        ip: f.text('ip', 'NA'),
        filename: f.text('filename', ''),
      };
    case 'Container':
      return {
        kind: 'container',
        id: f.text('id', ''),
        name: f.text('name', ''),
        image: f.text('image', ''),
        imageId: f.text('imageid', ''),
        type: f.text('type', ''),
        privileged: f.bool('privileged'),
        podId: f.text('podId', null),
      };
    case 'Process':
      return {
        kind: 'process',
        state: f.state(),
        oid: f.processOid('oid') ?? NOBODY,
        parent: f.processOid('poid'),
        ts: f.long('ts'),
        exe: f.text('exe', ''),
        args: f.text('exeArgs', ''),
        uid: f.int('uid'),
        userName: f.text('userName', ''),
        gid: f.int('gid'),
        groupName: f.text('groupName', ''),
        tty: f.bool('tty'),
        containerId: f.text('containerId', null),
        entry: f.bool('entry'),
        cwd: f.text('cwd', null),
        env: field(value, 'env') === undefined ? null : f.list<string>('env'),
      };
    case 'File':
      return {
        kind: 'file',
        state: f.state(),
        oid: f.hex('oid') ?? '',
        ts: f.long('ts'),
        resourceType: f.int('restype'),
        path: f.text('path', ''),
        containerId: f.text('containerId', null),
      };
    case 'ProcessEvent':
      return { kind: 'processEvent', ...thread, args: f.list<string>('args'), ret: f.int('ret') };
    case 'NetworkFlow':
      return { kind: 'networkFlow', ...thread, ...ends, ...counters };
    case 'FileFlow':
      return { kind: 'fileFlow', ...thread, openFlags: f.int('openFlags'), fileOid, ...counters };
    case 'FileEvent':
      return { kind: 'fileEvent', ...thread, fileOid, ret: f.int('ret'), newFileOid: f.hex('newFileOID') };
    case 'NetworkEvent':
      return { kind: 'networkEvent', ...thread, ...ends, ret: f.int('ret') };
    case 'ProcessFlow':
      return {
        kind: 'processFlow',
        ...activity,
        endTs: f.long('endTs'),
        threadsCloned: f.long('numThreadsCloned'),
        threadsExited: f.long('numThreadsExited'),
        cloneErrors: f.long('numCloneErrors'),
      };
    case 'Pod':
      return {
        kind: 'pod',
        ts: f.long('ts'),
        id: f.text('id', ''),
        name: f.text('name', ''),
        nodeName: f.text('nodeName', ''),
        hostIps: f.addresses('hostIP'),
        internalIps: f.addresses('internalIP'),
        namespace: f.text('namespace', ''),
        restartCount: f.long('restartCount'),
        labels: f.map('labels'),
        selectors: f.map('selectors'),
        services: f.list<Value>('services').map(service),
      };
    case 'K8sEvent':
      return {
        kind: 'k8sEvent',
        ts: f.long('ts'),
        component: f.text('kind', ''),
        action: f.text('action', ''),
        message: f.text('message', '').replace(/\0+$/, '').replace(/\n$/, ''),
      };
    default:
      return null;
  }
}

function service(value: Value) {
  const f = new Fields(value);
  return {
    name: f.text('name', ''),
    id: f.text('id', ''),
    namespace: f.text('namespace', ''),
    ports: f.list<Value>('portList').map((port) => {
      const p = new Fields(port);
      return {
        port: p.int('port'),
        targetPort: p.int('targetPort'),
        nodePort: p.int('nodePort'),
        proto: p.text('proto', ''),
      };
    }),
    clusterIps: f.addresses('clusterIP'),
  };
}
