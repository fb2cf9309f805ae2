/** Converts the events of a test into records. */
import type { Node } from 'yaml';
import { PROTOCOL_NAMES } from '../../fields/falco-fields.js';
import { parseIpv4 } from '../../sysflow/ipv4.js';
import { OpFlag } from '../../sysflow/op-flags.js';
import { OpenFlag } from '../../sysflow/open-flags.js';
import type { ProcessOid, ProcessRecord, TraceRecord } from '../../sysflow/trace-record.js';
import { type Declarations, EntityWriter, FIRST_TS, SECOND } from './entities.js';
import { EVENT, OPEN_FLAGS, OPERATIONS } from './keys.js';
import { DescribedMap, type ReadContext, reportValue } from './yaml-map.js';

/** Operations of process events. SETNS belongs to a file flow if the file that identifies the namespace is known. */
const PROCESS_OPS = OpFlag.clone | OpFlag.exec | OpFlag.exit | OpFlag.setuid;
const TWO_FILE_OPS = OpFlag.link | OpFlag.symlink | OpFlag.rename;
const FOLDER_OPS = OpFlag.mkdir | OpFlag.rmdir;
const FILE_EVENT_OPS = TWO_FILE_OPS | FOLDER_OPS | OpFlag.unlink;

/** Arguments of SETUID that are a user name: not a number, and not a placeholder such as `<NA>`. */
const USER_NAME = /^(?!\d+$)[^<]/;

/** Properties that events and flows share. */
interface Activity {
  readonly process: ProcessOid;
  readonly tid: bigint;
  readonly ts: bigint;
  readonly opFlags: number;
}

/** Converts events into records, each preceded by the entities that it refers to, as in a trace. */
export class EventWriter {
  readonly #context: ReadContext;
  readonly #records: TraceRecord[] = [
    { kind: 'header', version: 5, exporter: 'test', ip: '127.0.0.1', filename: 'test.sf' },
  ];
  readonly #entities: EntityWriter;
  #ts = FIRST_TS - SECOND;

  constructor(context: ReadContext, declared: Declarations) {
    this.#context = context;
    this.#entities = new EntityWriter(context, declared, this.#records);
  }

  /** Returns the records so far. */
  get records(): readonly TraceRecord[] {
    return this.#records;
  }

  /** Adds an event. */
  add(node: Node): void {
    const event = new DescribedMap(this.#context, EVENT, node);
    const ts = event.integer('ts') ?? this.#ts + SECOND;
    this.#ts = ts;
    if (event.has('component') || event.has('action')) this.#k8sEvent(event, ts);
    else this.#activity(event, ts);
  }

  #k8sEvent(event: DescribedMap, ts: bigint): void {
    this.#records.push({
      kind: 'k8sEvent',
      ts,
      component: event.text('component') ?? 'K8S_UNKNOWN',
      action: event.text('action') ?? 'K8S_COMPONENT_UNKNOWN',
      message: event.text('message') ?? '',
    });
  }

  #activity(event: DescribedMap, ts: bigint): void {
    event.require('process');
    event.require('ops');
    const name = event.text('process');
    const process = name === undefined ? null : this.#entities.process(name, event.value('process')!);
    const opFlags = (event.texts('ops') ?? []).reduce((bits, op) => bits | OPERATIONS.get(op)!, 0);
    if (process === null || opFlags === 0) return;
    const activity = { process: process.oid, tid: event.integer('tid') ?? process.oid.pid, ts, opFlags };
    if (event.has('connection')) this.#networkFlow(event, activity);
    else if ((opFlags & PROCESS_OPS) !== 0 || (opFlags === OpFlag.setns && !event.has('file')))
      this.#processEvent(event, activity, name!);
    else if (!event.has('file')) event.require('file');
    else if ((opFlags & FILE_EVENT_OPS) !== 0) this.#fileEvent(event, activity, process);
    else this.#fileFlow(event, activity, process);
  }

  /** @param process the name of the process in the event */
  #processEvent(event: DescribedMap, activity: Activity, process: string): void {
    const args = event.texts('args') ?? [];
    const ret = event.number('ret') ?? 0;
    const [user = ''] = args;
    const { opFlags, tid } = activity;
    // Only the main thread changes the user of the process.
    const changesUser = (opFlags & OpFlag.setuid) !== 0 && ret === 0 && tid === activity.process.pid;
    if (changesUser && USER_NAME.test(user)) this.#entities.changeUser(process, user);
    this.#records.push({ kind: 'processEvent', ...activity, args, ret });
  }

  #fileEvent(event: DescribedMap, activity: Activity, process: ProcessRecord): void {
    const type = (activity.opFlags & FOLDER_OPS) !== 0 ? 'd' : 'f';
    if ((activity.opFlags & TWO_FILE_OPS) !== 0) event.require('newfile');
    const fileOid = this.#fileOid(event, 'file', type, process)!;
    const newFileOid = this.#fileOid(event, 'newfile', type, process);
    this.#records.push({ kind: 'fileEvent', ...activity, fileOid, newFileOid, ret: event.number('ret') ?? 0 });
  }

  #fileFlow(event: DescribedMap, activity: Activity, process: ProcessRecord): void {
    const openFlags = event.texts('openflags')?.reduce((bits, name) => bits | OPEN_FLAGS.get(name)!, 0);
    this.#records.push({
      kind: 'fileFlow',
      ...activity,
      openFlags: openFlags ?? defaultOpenFlags(activity.opFlags),
      fileOid: this.#fileOid(event, 'file', 'f', process)!,
      ...counters(event, activity),
    });
  }

  #networkFlow(event: DescribedMap, activity: Activity): void {
    const text = event.text('connection') ?? '';
    const ends = parseConnection(text);
    if (ends !== null) {
      this.#records.push({ kind: 'networkFlow', ...activity, ...ends, ...counters(event, activity) });
      return;
    }
    const hint = 'write 10.0.0.5:40000 -> 198.51.100.7:443, with tcp, udp or icmp in front where it matters';
    reportValue(this.#context, event.value('connection'), `'${text}' is not a connection`, hint);
  }

  #fileOid(event: DescribedMap, key: 'file' | 'newfile', type: string, process: ProcessRecord): string | null {
    const path = event.text(key);
    if (path === undefined) return null;
    return this.#entities.file(path, event.text('filetype') ?? type, process.containerId);
  }
}

/** Returns default open flags for operations; 0 if they do not open the file. */
function defaultOpenFlags(opFlags: number): number {
  if ((opFlags & OpFlag.open) === 0) return 0;
  if ((opFlags & OpFlag.writeSend) === 0) return OpenFlag.rdonly;
  return (opFlags & OpFlag.readRecv) === 0 ? OpenFlag.wronly : OpenFlag.rdwr;
}

function counters(event: DescribedMap, { ts, opFlags }: Activity) {
  return {
    endTs: event.integer('endts') ?? ts,
    fd: event.number('fd') ?? 3,
    readOps: event.integer('rops') ?? BigInt((opFlags & OpFlag.readRecv) !== 0),
    writeOps: event.integer('wops') ?? BigInt((opFlags & OpFlag.writeSend) !== 0),
    readBytes: event.integer('rbytes') ?? 0n,
    writeBytes: event.integer('wbytes') ?? 0n,
  };
}

const CONNECTION = /^(?:(\w+) +)?([\d.]+):(\d{1,5}) *(?:->|→) *([\d.]+):(\d{1,5})$/;
const PROTOCOLS: ReadonlyMap<string, number> = new Map([...PROTOCOL_NAMES].map(([number, name]) => [name, number]));

/** Both ends of a connection; null if the text is none. */
function parseConnection(text: string) {
  const [, protocol = 'tcp', source = '', sport, destination = '', dport] = CONNECTION.exec(text) ?? [];
  const ends = {
    sip: parseIpv4(source),
    sport: Number(sport),
    dip: parseIpv4(destination),
    dport: Number(dport),
    proto: PROTOCOLS.get(protocol.toLowerCase()),
  };
  const { sip, dip, proto } = ends;
  if (sip === null || dip === null || proto === undefined || ends.sport > 65535 || ends.dport > 65535) return null;
  return { ...ends, sip, dip, proto };
}
