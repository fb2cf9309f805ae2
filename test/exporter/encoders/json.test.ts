import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuffer } from '../../../src/exporter/byte-buffer.js';
import { createEcsEncoder } from '../../../src/exporter/encoders/ecs.js';
import { createJsonEncoder } from '../../../src/exporter/encoders/json.js';
import type { FlatRecord } from '../../../src/records/flat-record.js';
import { OpFlag } from '../../../src/sysflow/op-flags.js';
import { OpenFlag } from '../../../src/sysflow/open-flags.js';
import { RecordKind } from '../../../src/sysflow/record-types.js';
import { attach, BatchBuilder, makeContainer, makeFile, makePod, makeProcess, readAll } from '../../support/records.js';

const SHELL = { createTs: 1_669_701_713_069_783_102n, pid: 12705n };

function encode(record: FlatRecord): string {
  const out = new ByteBuffer(16);
  createJsonEncoder().encode(record, out);
  return Buffer.from(out.bytes.subarray(0, out.length)).toString();
}

function one(builder: BatchBuilder): FlatRecord {
  return readAll([builder.batch]).records[0]!;
}

test('a process event has its sections in order and 64-bit numbers exact', () => {
  const init = { createTs: 1_669_701_713_069_783_102n, pid: 12704n };
  const record = one(
    new BatchBuilder()
      .header()
      .process(makeProcess(init, { exe: '/sbin/init', args: '' }))
      .process(makeProcess(SHELL, { uid: -1 }, init))
      .event(RecordKind.processEvent, {
        process: SHELL,
        opFlags: OpFlag.exec,
        ts: 9_223_372_036_854_775_807n,
        tid: -9_223_372_036_854_775_808n,
        ret: -2,
      }),
  );
  assert.equal(
    encode(record),
    '{"version":5,"endts":0,"opflags":["EXEC"],"ret":-2,"ts":9223372036854775807,"type":"PE",' +
      '"meta":{"schema":5,"tracename":"trace.sf"},"node":{"id":"node-1","ip":"10.0.0.1"},' +
      '"pproc":{"args":"","cmdline":"/sbin/init","createts":1669701713069783102,"entry":false,"exe":"/sbin/init","gid":0,"group":"root",' +
      '"name":"init","oid":"8408cc3028398211","pid":12704,"tty":false,"uid":0,"user":"root"},' +
      '"proc":{"acmdline":["/bin/sh -c id","/sbin/init"],"aexe":["/bin/sh","/sbin/init"],"aname":["sh","init"],' +
      '"apid":[12705,12704],"args":"-c id","cmdline":"/bin/sh -c id","createts":1669701713069783102,"entry":false,' +
      '"exe":"/bin/sh","gid":0,"group":"root","name":"sh","oid":"ec53c3723015ac25","pid":12705,' +
      '"tid":-9223372036854775808,"tty":false,"uid":-1,"user":"root"}}',
  );
});

test('a file flow has file, flow, container and pod with commas between addresses', () => {
  const file = makeFile('ab', { path: '/etc/ssl/cert.pem' });
  const parsed = JSON.parse(
    encode(
      one(
        new BatchBuilder()
          .header()
          .pod(
            makePod({
              services: [
                {
                  name: 's',
                  id: 'i',
                  namespace: 'n',
                  clusterIps: ['1.1.1.1', '2.2.2.2'],
                  ports: [
                    { port: 1, targetPort: 2, nodePort: 3, proto: 'TCP' },
                    { port: 4, targetPort: 5, nodePort: 6, proto: 'UDP' },
                  ],
                },
              ],
            }),
          )
          .container(makeContainer({ podId: 'pod-1', privileged: true }))
          .process(makeProcess(SHELL, { containerId: 'c0ffee' }))
          .file(file)
          .event(RecordKind.fileFlow, {
            process: SHELL,
            file,
            fd: 3,
            opFlags: OpFlag.open | OpFlag.readRecv,
            openFlags: OpenFlag.rdonly | OpenFlag.cloexec,
            rbytes: 4096n,
            rops: 2n,
          }),
      ),
    ),
  );
  assert.deepEqual(parsed.opflags, ['OPEN', 'READ']);
  assert.deepEqual(parsed.flow, { rbytes: 4096, rops: 2, wbytes: 0, wops: 0 });
  assert.deepEqual(parsed.container, {
    id: 'c0ffee',
    image: 'shop/web:1.0',
    imageid: 'abc',
    name: 'web',
    privileged: 1,
    type: 'DOCKER',
  });
  assert.deepEqual(parsed.pod.internalip, ['172.17.0.2', '172.17.0.3']);
  assert.deepEqual(parsed.pod.services[0].clusterIP, ['1.1.1.1', '2.2.2.2']);
  assert.equal(parsed.pod.services[0].ports.length, 2);
  assert.equal(parsed.file.directory, '/etc/ssl');
  assert.equal(parsed.file.newname, '.');
  assert.deepEqual(parsed.file.openflags, ['RDONLY', 'CLOEXEC']);
  assert.equal(parsed.file.oid, 'ab'.padStart(40, '0'));
});

test('a network flow names its operations as network operations', () => {
  const parsed = JSON.parse(
    encode(
      one(
        new BatchBuilder().process(makeProcess(SHELL)).event(RecordKind.networkFlow, {
          process: SHELL,
          opFlags: OpFlag.readRecv | OpFlag.writeSend,
          sip: '10.0.0.1',
          sport: 47200,
          dip: '192.168.255.254',
          dport: 443,
          proto: 6,
          fd: 5,
        }),
      ),
    ),
  );
  assert.deepEqual(parsed.opflags, ['SEND', 'RECV']);
  assert.equal(parsed.file, undefined);
  assert.deepEqual(parsed.net, {
    dip: '192.168.255.254',
    dport: 443,
    ip: ['10.0.0.1', '192.168.255.254'],
    port: [47200, 443],
    proto: 6,
    sip: '10.0.0.1',
    sport: 47200,
  });
});

test('event data cannot forge a record or drive a terminal', () => {
  const hostile = 'a"}\n{"version":5\u001b[31m\u009b1m\u007f\u2028\udc80é😀<&>';
  const record = one(
    new BatchBuilder()
      .process(makeProcess(SHELL, { args: hostile }))
      .event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.exec }),
  );
  const line = encode(record);
  assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028]/);
  assert.equal(JSON.parse(line).proc.args, hostile.replace('\udc80', '\ufffd'));
  assert.match(line, /\\u001b\[31m\\u009b1m\\u007f\\u2028\\ufffdé😀\\u003c\\u0026\\u003e/);
});

test('records of the same entities give the same bytes from kept fragments', () => {
  const file = makeFile('ab');
  const flow = { process: SHELL, file, fd: 3, opFlags: OpFlag.open };
  const { records } = readAll([
    new BatchBuilder()
      .process(makeProcess(SHELL))
      .file(file)
      .event(RecordKind.fileFlow, flow)
      .event(RecordKind.fileFlow, flow)
      .event(RecordKind.fileFlow, { ...flow, fd: 4 }).batch,
  ]);
  const encoder = createJsonEncoder();
  const [a, b, c] = records.map((record) => {
    const out = new ByteBuffer(16);
    encoder.encode(record, out);
    return Buffer.from(out.bytes.subarray(0, out.length)).toString();
  });
  assert.equal(a, b);
  assert.equal(c, a!.replace('"fd":3', '"fd":4'));
});

test('of an unknown process and file the zero values are printed', () => {
  const parsed = JSON.parse(
    encode(one(new BatchBuilder().event(RecordKind.fileFlow, { file: makeFile('ab'), tid: 7n }))),
  );
  assert.equal(parsed.pproc, undefined);
  assert.equal(parsed.proc.name, '.');
  assert.equal(parsed.proc.tid, 7);
  assert.equal(parsed.file.path, '');
  assert.equal(parsed.file.type, '\u0000');
});

test('a Kubernetes event carries its message', () => {
  const message = '{"kind":"Pod","items":[{"name":"web-0"}]}';
  const parsed = JSON.parse(
    encode(one(new BatchBuilder().header().k8sEvent({ kind: 'K8S_PODS', action: 'K8S_COMPONENT_ADDED', message }, 5n))),
  );
  assert.deepEqual(parsed, {
    version: 5,
    endts: 5,
    opflags: [],
    ret: 0,
    ts: 5,
    type: 'KE',
    k8s: { action: 'K8S_COMPONENT_ADDED', kind: 'K8S_PODS', message },
    meta: { schema: 5, tracename: 'trace.sf' },
    node: { id: 'node-1', ip: '10.0.0.1' },
  });
});

test('rules, tags and findings of actions come last in JSON and ECS', () => {
  const [record] = readAll([
    new BatchBuilder()
      .process(makeProcess(SHELL))
      .event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.exec }).batch,
  ]).records;
  const rule = { name: 'R "1"', description: 'd\n', priority: 3, tags: ['mitre:T1059'] };
  const context = { rules: [rule], tags: ['own'], findings: new Map([['sha256', 'ab<']]) };
  attach(record!, context);
  assert.match(
    encode(record!),
    /,"policies":\[\{"id":"R \\"1\\"","desc":"d\\n","priority":3\}\],"tags":\["own","mitre:T1059"\],"context":\{"sha256":"ab\\u003c"\}\}$/,
  );
  const out = new ByteBuffer(16);
  createEcsEncoder('1').encode(record!, out);
  const ecs = JSON.parse(Buffer.from(out.bytes.subarray(0, out.length)).toString());
  assert.deepEqual(ecs.tags, ['own', 'mitre:T1059']);
  assert.deepEqual(ecs.labels, { sha256: 'ab<' });
  assert.equal(ecs.event.reason, 'R "1"');
  assert.equal(ecs.event.severity, 3);
});
