/** Converts entities that a test declares by name into the records that announce them. */
import { createHash } from 'node:crypto';
import type { Node } from 'yaml';
import { nearestName } from '../../diagnostics/nearest.js';
import { ObjectState } from '../../sysflow/entities.js';
import { parseIpv4 } from '../../sysflow/ipv4.js';
import type { ProcessRecord, TraceRecord } from '../../sysflow/trace-record.js';
import { CONTAINER, type MapDescription, POD, PROCESS } from './keys.js';
import { DescribedMap, type Entry, type ReadContext, reportValue } from './yaml-map.js';

/** Start of the first event: 2023-11-14T22:13:20Z. */
export const FIRST_TS = 1_700_000_000_000_000_000n;
export const SECOND = 1_000_000_000n;
const FIRST_CREATION = FIRST_TS - 3600n * SECOND;
const FIRST_PID = 1000n;

/** Declarations of a file and a test by name; those of the test take precedence. */
export interface Declarations {
  readonly processes: ReadonlyMap<string, Entry>;
  readonly containers: ReadonlyMap<string, Entry>;
  readonly pods: ReadonlyMap<string, Entry>;
}

/**
 * Writes the record of an entity before the first record that refers to it, and before that the entities that it refers
 * to itself.
 */
export class EntityWriter {
  readonly #context: ReadContext;
  readonly #declared: Declarations;
  readonly #records: TraceRecord[];
  readonly #podIds = new Map<string, string>();
  readonly #containerIds = new Map<string, string>();
  /** Null while a process is being written, to detect one that is its own ancestor. */
  readonly #processes = new Map<string, ProcessRecord | null>();
  readonly #files = new Set<string>();

  /** @param records receives the records of entities */
  constructor(context: ReadContext, declared: Declarations, records: TraceRecord[]) {
    this.#context = context;
    this.#declared = declared;
    this.#records = records;
  }

  /** A process by its name, or by a command line that starts with `/`; null if there is none. */
  process(name: string, at: Node): ProcessRecord | null {
    const known = this.#processes.get(name);
    if (known === null) reportValue(this.#context, at, `the process '${name}' is its own ancestor`);
    if (known !== undefined) return known;
    const commandLine = name.startsWith('/') && !this.#declared.processes.has(name);
    const map = commandLine
      ? new DescribedMap(this.#context, PROCESS, at)
      : this.#declaration('processes', PROCESS, name, at, 'a command line starts with /');
    if (map === null) return null;
    this.#processes.set(name, null);
    const process = this.#processRecord(map, BigInt(this.#processes.size - 1));
    this.#processes.set(name, process);
    this.#records.push(process);
    return process;
  }

  /**
   * Writes a process record with another user, as the collector does before the SETUID event.
   *
   * @param name the name given to {@link process}
   */
  changeUser(name: string, userName: string): void {
    const process = this.#processes.get(name);
    if (process === undefined || process === null || process.userName === userName) return;
    const changed = { ...process, state: ObjectState.modified, uid: uidOf(userName), userName };
    this.#processes.set(name, changed);
    this.#records.push(changed);
  }

  /** Returns the object id of a file, which is derived from the path and the process's container. */
  file(path: string, type: string, containerId: string | null): string {
    const oid = createHash('sha1')
      .update(`${containerId ?? ''}\0${type}\0${path}`)
      .digest('hex');
    if (this.#files.has(oid)) return oid;
    this.#files.add(oid);
    const resourceType = type.codePointAt(0) ?? 0;
    this.#records.push({ kind: 'file', state: 0, oid, ts: FIRST_TS, resourceType, path, containerId });
    return oid;
  }

  /** The map that declares an entity; reported if there is none. */
  #declaration(
    table: keyof Declarations,
    description: MapDescription,
    name: string,
    at: Node,
    otherwise?: string,
  ): DescribedMap | null {
    const entry = this.#declared[table].get(name);
    if (entry !== undefined) {
      // `web:` without a value has all defaults.
      return new DescribedMap(this.#context, description, entry.value ?? entry.keyNode);
    }
    const nearest = nearestName(name, this.#declared[table].keys());
    const hint = nearest === undefined ? otherwise : `did you mean '${nearest}'?`;
    reportValue(this.#context, at, `'${name}' is not declared under '${table}'`, hint);
    return null;
  }

  #processRecord(map: DescribedMap, number: bigint): ProcessRecord {
    const [exe, args] = splitCommandLine(map.text('cmdline') ?? '');
    const parent = map.text('parent');
    const userName = map.text('user') ?? 'root';
    const uid = map.number('uid') ?? uidOf(userName);
    const container = map.text('container');
    return {
      kind: 'process',
      state: 0,
      oid: {
        createTs: map.integer('created') ?? FIRST_CREATION + number * SECOND,
        pid: map.integer('pid') ?? FIRST_PID + number,
      },
      parent: parent === undefined ? null : (this.process(parent, map.value('parent')!)?.oid ?? null),
      ts: FIRST_TS,
      exe: map.text('exe') ?? exe,
      args: map.text('args') ?? args,
      uid,
      userName,
      gid: map.number('gid') ?? uid,
      groupName: map.text('group') ?? userName,
      tty: map.boolean('tty') ?? false,
      containerId: container === undefined ? null : this.#container(container, map.value('container')!),
      entry: map.boolean('entry') ?? false,
      cwd: map.text('cwd') ?? null,
      env: map.texts('env') ?? null,
    };
  }

  /** The id of a container by its name; null if there is none. */
  #container(name: string, at: Node): string | null {
    const known = this.#containerIds.get(name);
    if (known !== undefined) return known;
    const map = this.#declaration('containers', CONTAINER, name, at);
    if (map === null) return null;
    const id = map.text('id') ?? idOf(name).slice(0, 12);
    const image = map.text('image') ?? '';
    const pod = map.text('pod');
    this.#containerIds.set(name, id);
    this.#records.push({
      kind: 'container',
      id,
      name,
      image,
      imageId: map.text('imageid') ?? idOf(image),
      type: `CT_${map.text('type') ?? 'DOCKER'}`,
      privileged: map.boolean('privileged') ?? false,
      podId: pod === undefined ? null : this.#pod(pod, map.value('pod')!),
    });
    return id;
  }

  /** The id of a pod by its name; null if there is none. */
  #pod(name: string, at: Node): string | null {
    const known = this.#podIds.get(name);
    if (known !== undefined) return known;
    const map = this.#declaration('pods', POD, name, at);
    if (map === null) return null;
    const id = map.text('id') ?? idOf(name).slice(0, 32);
    this.#podIds.set(name, id);
    this.#records.push({
      kind: 'pod',
      ts: FIRST_TS,
      id,
      name,
      nodeName: map.text('nodename') ?? 'test',
      hostIps: this.#addresses(map, 'hostip'),
      internalIps: this.#addresses(map, 'internalip'),
      namespace: map.text('namespace') ?? 'default',
      restartCount: map.integer('restartcnt') ?? 0n,
      labels: this.#labels(map),
      selectors: new Map(),
      services: [],
    });
    return id;
  }

  #labels(map: DescribedMap): Map<string, string> {
    const labels = new Map<string, string>();
    for (const text of map.texts('labels') ?? []) {
      const end = text.indexOf('=');
      if (end <= 0) reportValue(this.#context, map.value('labels'), `'${text}' is not a label (NAME=VALUE)`);
      else labels.set(text.slice(0, end), text.slice(end + 1));
    }
    return labels;
  }

  #addresses(map: DescribedMap, key: string): string[] {
    const addresses = map.texts(key) ?? [];
    for (const address of addresses) {
      if (parseIpv4(address) === null)
        reportValue(this.#context, map.value(key), `'${address}' is not an IPv4 address`);
    }
    return addresses;
  }
}

/** Derives an id from a name: the same in each run, with the form of a real id. */
function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** Returns the default id of a user. */
function uidOf(userName: string): number {
  return userName === 'root' ? 0 : 1000;
}

/** Splits a command line at the first space into executable and arguments. */
function splitCommandLine(text: string): [exe: string, args: string] {
  const blank = text.indexOf(' ');
  return blank === -1 ? [text, ''] : [text.slice(0, blank), text.slice(blank + 1)];
}
