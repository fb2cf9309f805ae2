/** Random records of a stream over few entities, so that what refers to each other mostly fits, and comes again. */
import { OpFlag } from '../../../src/sysflow/op-flags.js';
import type { ProcessOid, TraceRecord } from '../../../src/sysflow/trace-record.js';
import type { Random } from '../../sysflow/support/random.js';

const HIGH = 1n << 32n;

/** Ids that differ in a single half. */
const PROCESSES: readonly ProcessOid[] = [1n, 1n + HIGH, 2n].flatMap((createTs) =>
  [5n, 6n, 5n + HIGH].map((pid) => ({ createTs, pid })),
);

/** Ids that differ in a single word. */
const FILES: readonly string[] = Array.from({ length: 6 }, (_, i) =>
  Array.from({ length: 5 }, (_, word) => (word === i ? 'f0000001' : '0000000a')).join(''),
);

/** Entities that are never announced. */
const UNKNOWN_PROCESS = { createTs: 2n + HIGH, pid: 6n };
const UNKNOWN_FILE = 'f'.repeat(40);

const CONTAINERS = ['c0', 'c1', 'c2'];
const PODS = ['p0', 'p1'];
const COUNTERS = { endTs: 9n, fd: 3, readOps: 1n, writeOps: 2n, readBytes: 3n, writeBytes: 4n };

export class EntityPool {
  readonly #random: Random;
  #last: ProcessOid = PROCESSES[0]!;
  #ts = 0n;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Records of all kinds. */
  records(count: number): TraceRecord[] {
    return Array.from({ length: count }, () => this.#record());
  }

  /** Events and flows. */
  events(count: number): TraceRecord[] {
    return Array.from({ length: count }, () => this.#event());
  }

  /** Each entity once. */
  announcements(): TraceRecord[] {
    return [
      ...PODS.map((id) => this.pod('', id)),
      ...CONTAINERS.map((id) => this.container('', id)),
      ...PROCESSES.map((oid) => this.#process(oid)),
      ...FILES.map((oid) => this.file('/etc/passwd', oid)),
    ];
  }

  header(): TraceRecord {
    const exporter = this.#random.pick(['node-1', 'node-1', 'node-2']);
    return { kind: 'header', version: 5, exporter, ip: '10.0.0.1', filename: '' };
  }

  container(name: string, id: string = this.#random.pick(CONTAINERS)): TraceRecord {
    const podId = { c0: null, c1: 'p0', c2: this.#random.pick(['p1', 'nowhere']) }[id]!;
    return { kind: 'container', id, name, image: 'i', imageId: 'i', type: 'CT_DOCKER', privileged: false, podId };
  }

  pod(name: string, id: string = this.#random.pick(PODS)): TraceRecord {
    return {
      kind: 'pod',
      ts: 0n,
      id,
      name,
      nodeName: 'node-1',
      hostIps: [],
      internalIps: [],
      namespace: 'shop',
      restartCount: 0n,
      labels: new Map(),
      selectors: new Map(),
      services: [],
    };
  }

  file(path: string, oid: string = this.#random.pick(FILES)): TraceRecord {
    const state = this.#random.chance(0.8) ? 0 : this.#random.below(3);
    return { kind: 'file', state, oid, ts: 1n, resourceType: 102, path, containerId: null };
  }

  /** A flow of a file by the process of the last event. */
  fileFlow(fileOid: string): TraceRecord {
    const process = this.#last;
    const thread = { process, ts: this.#ts++, tid: process.pid, opFlags: OpFlag.readRecv };
    return { kind: 'fileFlow', ...thread, openFlags: 0, fileOid, ...COUNTERS };
  }

  #record(): TraceRecord {
    const random = this.#random;
    const chance = random.next();
    if (chance < 0.01) return this.header();
    if (chance < 0.03) return this.container(random.pick(['a', 'b', ' a ']));
    if (chance < 0.04) return this.pod(random.pick(['a', 'b']));
    if (chance < 0.24) return this.#process(random.pick(PROCESSES));
    if (chance < 0.4) return this.file(random.pick(['/a', '/a', '/a', '/b', '/c ']));
    return this.#event();
  }

  #process(oid: ProcessOid): TraceRecord {
    const random = this.#random;
    const parent = random.pick([null, PROCESSES[0]!, PROCESSES[3]!, UNKNOWN_PROCESS]);
    // Mostly one version in each state.
    const containerId = random.chance(0.9) ? (oid.pid === 5n ? 'c1' : null) : random.pick([...CONTAINERS, 'nowhere']);
    return {
      kind: 'process',
      state: random.below(3),
      oid,
      parent: random.chance(0.9) ? PROCESSES[0]! : parent,
      ts: 1n,
      exe: random.chance(0.9) ? '/bin/sh' : random.pick(['/bin/cat', ' /bin/sh']),
      args: '',
      uid: random.chance(0.9) ? 0 : 1000,
      userName: 'root',
      gid: 0,
      groupName: 'root',
      tty: false,
      containerId,
      entry: false,
      cwd: '/',
      env: [],
    };
  }

  #event(): TraceRecord {
    const random = this.#random;
    if (random.chance(0.4)) this.#last = random.chance(0.1) ? UNKNOWN_PROCESS : random.pick(PROCESSES);
    const process = this.#last;
    const { pid } = process;
    const opFlags = random.pick([OpFlag.exit, OpFlag.exit | OpFlag.clone, OpFlag.open, OpFlag.rename]);
    const thread = { process, ts: this.#ts++, tid: random.pick([pid, pid, pid + 1n, pid + HIGH]), opFlags };
    const file = (): string => (random.chance(0.1) ? UNKNOWN_FILE : random.pick(FILES));
    const connection = { sip: random.below(2), sport: 1, dip: 2, dport: 80, proto: 6 };
    switch (random.below(20)) {
      case 0:
        return { kind: 'networkEvent', ...thread, ...connection, ret: 0 };
      case 1: {
        const { ts } = thread;
        return {
          kind: 'processFlow',
          process,
          ts,
          opFlags,
          endTs: 9n,
          threadsCloned: 1n,
          threadsExited: 1n,
          cloneErrors: 0n,
        };
      }
      case 2:
        return { kind: 'k8sEvent', ts: thread.ts, component: 'K8S_PODS', action: 'K8S_COMPONENT_ADDED', message: '{}' };
      case 3:
      case 4:
      case 5:
        return { kind: 'networkFlow', ...thread, ...connection, ...COUNTERS };
      default:
    }
    switch (random.below(3)) {
      case 0:
        return { kind: 'processEvent', ...thread, args: [], ret: random.below(2) };
      case 1:
        return { kind: 'fileFlow', ...thread, openFlags: random.below(3), fileOid: file(), ...COUNTERS };
      default:
        return {
          kind: 'fileEvent',
          ...thread,
          fileOid: file(),
          ret: 0,
          newFileOid: random.chance(0.5) ? null : file(),
        };
    }
  }
}
