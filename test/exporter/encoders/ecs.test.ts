import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from '../../../src/exporter/byte-buffer.js';
import { createEcsEncoder } from '../../../src/exporter/encoders/ecs.js';
import type { FlatRecord } from '../../../src/records/flat-record.js';
import { OpFlag } from '../../../src/sysflow/op-flags.js';
import { RecordKind } from '../../../src/sysflow/record-types.js';
import { BatchBuilder, makeContainer, makeFile, makePod, makeProcess, readAll } from '../../support/records.js';

const SHELL = { createTs: 1_669_701_713_069_783_102n, pid: 12705n };

/** The record as parsed; key order is checked on the bytes. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into parsed JSON.
function encode(record: FlatRecord): any {
  const out = new ByteBuffer(16);
  createEcsEncoder('9.9.9').encode(record, out);
  const line = Buffer.from(out.bytes.subarray(0, out.length)).toString();
  const parsed = JSON.parse(line);
  for (const section of Object.values(parsed)) {
    if (typeof section === 'object' && !Array.isArray(section)) {
      const keys = Object.keys(section as object);
      assert.deepEqual(keys, [...keys].sort());
    }
  }
  return parsed;
}

function one(builder: BatchBuilder): FlatRecord {
  return readAll([builder.batch]).records[0]!;
}

test('process events are classified by operation and thread', () => {
  const type = (opFlags: number, tid: bigint): string =>
    encode(
      one(
        new BatchBuilder()
          .process(makeProcess(SHELL))
          .event(RecordKind.processEvent, { process: SHELL, opFlags, tid, ret: -1 }),
      ),
    ).event.type;
  assert.equal(type(OpFlag.exec, SHELL.pid), 'start');
  assert.equal(type(OpFlag.clone, 1n), 'thread-start');
  assert.equal(type(OpFlag.exit, SHELL.pid), 'exit');
  assert.equal(type(OpFlag.exit, 1n), 'thread-exit');
  assert.equal(type(OpFlag.setuid, 1n), 'change');
});

test('a file flow contains the bytes read and written once', () => {
  const file = makeFile('ab', { path: '/etc/hosts' });
  const flow = { process: SHELL, file, fd: 3, ts: 1_000_000_000n, endTs: 3_500_000_000n };
  const read = encode(
    one(
      new BatchBuilder()
        .process(makeProcess(SHELL))
        .file(file)
        .event(RecordKind.fileFlow, { ...flow, opFlags: OpFlag.readRecv, rbytes: 2n ** 40n, rops: 2n }),
    ),
  );
  assert.equal(read.event.action, 'file-access-read');
  assert.equal(read.event.duration, 2_500_000_000);
  assert.equal(read.event.end, '1970-01-01T00:00:03.5Z');
  assert.deepEqual(read.sf_file_action, { bytes_read: 2 ** 40, bytes_written: 0, read_ops: 2, write_ops: 0 });
  assert.deepEqual(read.file, { directory: '/etc', name: 'hosts', path: '/etc/hosts', type: 'file' });
  const idle = encode(one(new BatchBuilder().process(makeProcess(SHELL)).file(file).event(RecordKind.fileFlow, flow)));
  assert.equal(idle.event.action, 'file-access');
  assert.equal(idle.sf_file_action, undefined);
});

test('a file without a path is named by its descriptor', () => {
  const pipe = makeFile('ab', { path: '', resourceType: 'p'.charCodeAt(0) });
  const builder = new BatchBuilder().process(makeProcess(SHELL)).file(pipe);
  for (const fd of [9, 14]) builder.event(RecordKind.fileFlow, { process: SHELL, file: pipe, fd });
  const records = readAll([builder.batch]).records;
  assert.deepEqual(
    records.map((record) => encode(record).file.path),
    ['/proc/12705/fd/9', '/proc/12705/fd/14'],
  );
});

test('links and renames name their target, deletions none', () => {
  const [from, to] = [makeFile('aa', { path: '/a' }), makeFile('bb', { path: '/b' })];
  const event = (opFlags: number): { event: { action: string }; file: { target_path?: string; type: string } } =>
    encode(
      one(
        new BatchBuilder()
          .process(makeProcess(SHELL))
          .file(from)
          .file(to)
          .event(RecordKind.fileEvent, { process: SHELL, file: from, newFile: to, opFlags }),
      ),
    );
  assert.equal(event(OpFlag.rename).file.target_path, '/b');
  assert.equal(event(OpFlag.link).event.action, 'file-link');
  assert.equal(event(OpFlag.symlink).file.type, 'symlink');
  assert.equal(event(OpFlag.unlink).file.target_path, undefined);
  assert.equal(event(OpFlag.unlink).event.action, 'file-delete');
  assert.equal(event(OpFlag.rmdir).event.action, 'directory-delete');
});

test('a network flow has both ends and the community id', () => {
  const flow = encode(
    one(
      new BatchBuilder()
        .header()
        .pod(makePod())
        .container(makeContainer({ podId: 'pod-1' }))
        .process(makeProcess(SHELL, { containerId: 'c0ffee' }))
        .event(RecordKind.networkFlow, {
          process: SHELL,
          sip: '128.232.110.120',
          sport: 34855,
          dip: '66.35.250.204',
          dport: 80,
          proto: 6,
          rbytes: 10n,
          wbytes: 4n,
          wops: 1n,
        }),
    ),
  );
  assert.deepEqual(flow.network, {
    bytes: 14,
    community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
    iana_number: '6',
    protocol: 'tcp',
  });
  assert.equal(flow.source.bytes, 4);
  assert.equal(flow.destination.bytes, 10);
  assert.equal(flow.orchestrator.resource.name, 'web-0');
  assert.deepEqual(flow.pod.internalip, ['172.17.0.2', '172.17.0.3']);
  assert.equal(flow.container.runtime, 'DOCKER');
  assert.equal(flow.agent.version, '9.9.9');
});

test('a Kubernetes event names its first item, whatever the message', () => {
  const resource = (message: string): unknown =>
    encode(one(new BatchBuilder().header().k8sEvent({ kind: 'K8S_PODS', action: 'K8S_COMPONENT_ADDED', message }, 5n)))
      .orchestrator;
  assert.deepEqual(resource('{"kind":"Pod","items":[{"name":"web-0","namespace":"shop"}]}'), {
    namespace: 'shop',
    resource: { name: 'web-0', type: 'pod' },
    type: 'kubernetes',
  });
  for (const odd of ['', 'null', '[1]', '{"items":{}}', '{"items":[3],"kind":4}', '{"items":[']) {
    assert.deepEqual(resource(odd), { namespace: '', resource: { name: '', type: '' }, type: 'kubernetes' });
  }
});

test('durations and sums of bytes are exact, and wrap like the 64-bit numbers they are made of', () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(int64, int64, int64, int64, (ts, endTs, rbytes, wbytes) => {
      const flow = { process: SHELL, ts, endTs, rbytes, wbytes };
      const out = new ByteBuffer(16);
      const builder = new BatchBuilder().process(makeProcess(SHELL)).event(RecordKind.networkFlow, flow);
      createEcsEncoder('1').encode(one(builder), out);
      const line = out.bytes.toString('utf8', 0, out.length);
      const duration = BigInt.asIntN(64, (endTs === 0n ? ts : endTs) - ts);
      assert.ok(line.includes(`"duration":${duration},`), line);
      assert.ok(line.includes(`"network":{"bytes":${BigInt.asIntN(64, rbytes + wbytes)},`), line);
    }),
  );
});
