/** Arbitrary records of every kind, for property tests, and a few plain ones. */
import fc from 'fast-check';
import { CONTAINER_TYPES, K8S_ACTIONS, K8S_COMPONENTS } from '../../../src/sysflow/newest-schema.js';
import type { TraceRecord } from '../../../src/sysflow/trace-record.js';

const int = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31)));
const long = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: 0n, max: 300n }),
  fc.constantFrom(2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 1_531_776_682_123_456_789n),
);
/** Text of any code points. */
const plainText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
/** The same and broken bytes as lone surrogates (see `utf8.ts`): continuations of nothing, so that they stay broken. */
const anyText = fc.oneof(
  plainText,
  fc
    .array(fc.integer({ min: 0xdc80, max: 0xdcbf }), { maxLength: 5 })
    .map((units) => `a${String.fromCharCode(...units)}`),
);

/** Plain objects, as the library makes them. */
function object<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const oid = object({ createTs: long, pid: long });
const hex = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const state = fc.nat(2);
const address = fc.ipV4();
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value);
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);

const thread = { process: oid, ts: long, tid: long, opFlags: int };
const ends = { sip: int, sport: int, dip: int, dport: int, proto: int };
const counters = { endTs: long, fd: int, readOps: long, writeOps: long, readBytes: long, writeBytes: long };
/** Records of any kind with any values and the texts of an arbitrary. */
function recordsWith(text: fc.Arbitrary<string>): fc.Arbitrary<TraceRecord> {
  // No numbers as keys: objects, in which avsc holds maps, put them first.
  const key = fc.string().map((name) => `key ${name}`);
  const map = fc.dictionary(key, text, { maxKeys: 4 }).map((entries) => new Map(Object.entries(entries)));
  const port = object({ port: int, targetPort: int, nodePort: int, proto: text });
  const service = object({
    name: text,
    id: text,
    namespace: text,
    ports: fc.array(port, { maxLength: 3 }),
    clusterIps: fc.array(address, { maxLength: 3 }),
  });
  return fc.oneof<fc.Arbitrary<TraceRecord>[]>(
    object({ kind: kind('header'), version: fc.maxSafeNat(), exporter: text, ip: text, filename: text }),
    object({
      kind: kind('container'),
      id: text,
      name: text,
      image: text,
      imageId: text,
      type: fc.constantFrom(...CONTAINER_TYPES),
      privileged: fc.boolean(),
      podId: orNull(text),
    }),
    object({
      kind: kind('process'),
      state,
      oid,
      parent: orNull(oid),
      ts: long,
      exe: text,
      args: text,
      uid: int,
      userName: text,
      gid: int,
      groupName: text,
      tty: fc.boolean(),
      containerId: orNull(text),
      entry: fc.boolean(),
      cwd: text,
      env: fc.array(text, { maxLength: 4 }),
    }),
    object({
      kind: kind('file'),
      state,
      oid: hex,
      ts: long,
      resourceType: int,
      path: text,
      containerId: orNull(text),
    }),
    object({ kind: kind('processEvent'), ...thread, args: fc.array(text, { maxLength: 4 }), ret: int }),
    object({ kind: kind('networkFlow'), ...thread, ...ends, ...counters }),
    object({ kind: kind('fileFlow'), ...thread, openFlags: int, fileOid: hex, ...counters }),
    object({ kind: kind('fileEvent'), ...thread, fileOid: hex, ret: int, newFileOid: orNull(hex) }),
    object({ kind: kind('networkEvent'), ...thread, ...ends, ret: int }),
    object({
      kind: kind('processFlow'),
      process: oid,
      ts: long,
      opFlags: int,
      endTs: long,
      threadsCloned: long,
      threadsExited: long,
      cloneErrors: long,
    }),
    object({
      kind: kind('pod'),
      ts: long,
      id: text,
      name: text,
      nodeName: text,
      hostIps: fc.array(address, { maxLength: 3 }),
      internalIps: fc.array(address, { maxLength: 3 }),
      namespace: text,
      restartCount: long,
      labels: map,
      selectors: map,
      services: fc.array(service, { maxLength: 3 }),
    }),
    object({
      kind: kind('k8sEvent'),
      ts: long,
      component: fc.constantFrom(...K8S_COMPONENTS),
      action: fc.constantFrom(...K8S_ACTIONS),
      // The newline and NULs at its end are not kept.
      message: text.map((message) => `${message}.`),
    }),
  );
}

/** A record of any kind with any values. */
export const anyRecord: fc.Arbitrary<TraceRecord> = recordsWith(anyText);

/** The same with valid texts alone. */
export const plainRecord: fc.Arbitrary<TraceRecord> = recordsWith(plainText);

/** An exec of a process, told apart by a number. */
export function exec(n: number): TraceRecord {
  const process = { createTs: 1_600_000_000_000_000_000n + BigInt(n), pid: BigInt(n) };
  return { kind: 'processEvent', process, ts: process.createTs, tid: 1n, opFlags: 2, args: [`run-${n}`], ret: 0 };
}

/** The number of an {@link exec}. */
export function execNumber(record: TraceRecord): number {
  return record.kind === 'processEvent' ? Number(record.process.pid) : -1;
}
