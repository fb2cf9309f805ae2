import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '../../src/fields/field.js';
import { baseName, cleanPath, directoryName } from '../../src/fields/go-path.js';
import { splitLinkedPath } from '../../src/fields/linked-path.js';
import { FIELDS, fieldNames, findField, pathOfArgument } from '../../src/fields/table.js';
import { jsonPath } from '../../src/policy/json-path/json-path.js';
import type { FlatRecord } from '../../src/records/flat-record.js';
import { toBigInt } from '../../src/sysflow/int64.js';
import { OpFlag } from '../../src/sysflow/op-flags.js';
import { RecordKind } from '../../src/sysflow/record-types.js';
import { BatchBuilder, makeContainer, makeFile, makePod, makeProcess, readAll } from '../support/records.js';

const SHELL = { createTs: 2n, pid: 12705n };

function read(field: Field, record: FlatRecord): unknown {
  if ('readLow' in field) return toBigInt(field.readLow(record), field.readHigh(record));
  return field.read(record);
}

function value(name: string, record: FlatRecord): unknown {
  return read(findField(name)!.field, record);
}

/** One record of each kind, all joined with everything. */
function sampleRecords(): FlatRecord[] {
  const [file, newFile] = [makeFile('aa', { state: 2 }), makeFile('bb', { state: 2, path: '/b' })];
  const event = { process: SHELL, tid: 1n, fd: 7, openFlags: 3, ret: -1, ts: 5n, endTs: 6n };
  const net = { ...event, openFlags: 0, sip: '1.2.3.4', dip: '5.6.7.8', sport: 1, dport: 2, proto: 6 };
  return readAll([
    new BatchBuilder()
      .header()
      .pod(makePod())
      .container(makeContainer({ podId: 'pod-1' }))
      .process(makeProcess(SHELL, { containerId: 'c0ffee' }, { createTs: 1n, pid: 1n }))
      .file(file)
      .file(newFile)
      .event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.setuid, args: ['www-data'], ret: -1 })
      .event(RecordKind.fileFlow, { ...event, file, opFlags: OpFlag.open, ret: 0 })
      .event(RecordKind.fileEvent, { process: SHELL, file, newFile, opFlags: OpFlag.rename })
      .event(RecordKind.networkFlow, { ...net, opFlags: OpFlag.connect | OpFlag.readRecv, ret: 0 })
      .k8sEvent({ kind: 'K8S_PODS', action: 'K8S_COMPONENT_ADDED', message: '{}' }, 5n).batch,
  ]).records;
}

test('names are unique over fields, aliases and misnomers', () => {
  const names = FIELDS.flatMap((field) => [field.name, ...field.aliases, ...field.misnomers]);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual([...fieldNames()].sort(), [...names].sort());
});

test('a field that does not apply to a record has its zero value, never that of another (B11)', () => {
  const zero: Record<Field['type'], unknown> = {
    string: '',
    json: '',
    int: 0n,
    time: 0n,
    bool: false,
    strings: [],
    ints: [],
  };
  for (const record of sampleRecords()) {
    for (const field of FIELDS) {
      if ((field.kinds & (1 << record.kind)) !== 0 || field.dependsOn === 'signature') continue;
      assert.deepEqual(read(field, record), zero[field.type], `${field.name} of a ${record.type} record`);
    }
  }
});

test('without a container its type is host (B9), and flow counters are not doubled (B10)', () => {
  const file = makeFile('aa');
  const [record] = readAll([
    new BatchBuilder()
      .process(makeProcess(SHELL))
      .file(file)
      .event(RecordKind.fileFlow, { process: SHELL, file, rbytes: 396n, rops: 4n }).batch,
  ]).records;
  assert.equal(value('sf.container.type', record!), 'host');
  assert.equal(value('container.id', record!), 'host');
  assert.equal(value('sf.container.id', record!), '');
  assert.equal(value('sf.flow.rbytes', record!), 396n);
  assert.equal(value('sf.flow.rops', record!), 4n);
});

test("Falco's names have Falco's meaning (B6, B7, B8)", () => {
  const [setuid, open, rename, connect] = sampleRecords();
  assert.deepEqual(value('evt.type', open!), ['open', 'openat', 'openat2', 'creat']);
  assert.ok((value('evt.type', connect!) as string[]).includes('recvfrom'));
  assert.equal(value('evt.res', setuid!), 'EPERM');
  assert.equal(value('evt.rawres', setuid!), -1n);
  assert.equal(value('evt.arg.uid', setuid!), 'www-data');
  assert.equal(value('evt.arg.newpath', rename!), '/b');
  assert.equal(value('fd.name', open!), '/etc/passwd');
  assert.equal(value('fd.name', connect!), '1.2.3.4:1->5.6.7.8:2');
  assert.equal(value('fd.sip', connect!), '5.6.7.8');
  assert.equal(value('fd.cip', connect!), '1.2.3.4');
  assert.equal(value('fd.typechar', connect!), '4');
  assert.equal(value('fd.typechar', open!), 'f');
  assert.deepEqual(value('fd.net', connect!), ['1.2.3.4', '5.6.7.8']);
  assert.deepEqual(value('fd.cnet', connect!), ['1.2.3.4']);
  assert.deepEqual(value('fd.snet', connect!), ['5.6.7.8']);
  assert.deepEqual(value('fd.net', open!), []);
  assert.equal(value('fd.l4proto', connect!), 'tcp');
  assert.equal(value('container.image.repository', open!), 'shop/web');
  assert.deepEqual(value('proc.aname', open!), []);
  const field = findField('proc.aname')!.field;
  assert.ok(field.type === 'strings' && field.readIndexed !== undefined);
  assert.deepEqual(field.readIndexed(open!), ['sh']);
});

/** A record of a process in a container with that image. */
function recordWithImage(image: string): FlatRecord {
  const batch = new BatchBuilder()
    .container(makeContainer({ image }))
    .process(makeProcess(SHELL, { containerId: 'c0ffee' }))
    .event(RecordKind.processEvent, { process: SHELL }).batch;
  return readAll([batch]).records[0]!;
}

test('the tag of an image is not its port, and the digest belongs to neither repository nor tag', () => {
  const id = `sha256:${'0123456789abcdef'.repeat(4)}`;
  for (const [image, repository, tag] of [
    ['nginx', 'nginx', ''],
    ['nginx:1.25', 'nginx', '1.25'],
    ['localhost:5000/shop/web', 'localhost:5000/shop/web', ''],
    ['localhost:5000/shop/web:2', 'localhost:5000/shop/web', '2'],
    [`registry:5000/web:2@${id}`, 'registry:5000/web', '2'],
    [`web@${id}`, 'web', ''],
    [id, '', ''],
    ['', '', ''],
  ] as const) {
    const record = recordWithImage(image);
    assert.equal(value('container.image.repository', record), repository, image);
    assert.equal(value('container.image.tag', record), tag, image);
  }
});

test('labels of the pod are found by name and as name:value', () => {
  const labels = new Map([
    ['role', 'frontend'],
    ['app.kubernetes.io/name', 'web "1"'],
    ['__proto__', 'x'],
  ]);
  const batch = new BatchBuilder()
    .pod(makePod({ labels }))
    .container(makeContainer({ podId: 'pod-1' }))
    .process(makeProcess(SHELL, { containerId: 'c0ffee' }))
    .event(RecordKind.processEvent, { process: SHELL }).batch;
  const record = readAll([batch]).records[0]!;
  for (const [name, label] of labels) {
    const { field, key } = findField(`k8s.pod.label.${name}`)!;
    assert.equal(jsonPath(pathOfArgument(field, key!)).textAt(value('k8s.pod.label', record) as string), label);
  }
  const { field } = findField('k8s.pod.label')!;
  for (const name of ['rol', 'app', 'r*', '@this', '#']) {
    assert.equal(jsonPath(pathOfArgument(field, name)).textAt(value('k8s.pod.label', record) as string), '');
  }
  assert.deepEqual(value('k8s.pod.labels', record), ['role:frontend', 'app.kubernetes.io/name:web "1"', '__proto__:x']);
  assert.equal(findField('k8s.pod.label.'), undefined);
});

test('arguments of calls are found by their number', () => {
  const [file, newFile] = [makeFile('aa', { path: '/a' }), makeFile('bb', { path: '/b' })];
  const event = { process: SHELL, file };
  const { records } = readAll([
    new BatchBuilder()
      .process(makeProcess(SHELL))
      .file(file)
      .file(newFile)
      .event(RecordKind.fileEvent, { ...event, opFlags: OpFlag.mkdir, ret: -2 })
      .event(RecordKind.fileEvent, { ...event, newFile, opFlags: OpFlag.rename })
      .event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.exec })
      .event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.exit })
      .event(RecordKind.fileFlow, { ...event, opFlags: OpFlag.open | OpFlag.readRecv, fd: 7 })
      .event(RecordKind.fileFlow, { ...event, opFlags: OpFlag.readRecv, fd: 7 }).batch,
  ]);
  assert.deepEqual(
    records.map((record) => value('evt.arg', record)),
    [['', '/a'], ['', '/a', '/b'], ['', '/bin/sh'], [], ['', '/a'], []],
  );
});

test('the command line has no trailing space if there are no arguments (B4)', () => {
  const [record] = readAll([
    new BatchBuilder().process(makeProcess(SHELL, { args: '' })).event(RecordKind.processEvent, { process: SHELL })
      .batch,
  ]).records;
  assert.equal(value('sf.proc.cmdline', record!), '/bin/sh');
});

test('names that only the documentation had are found as misnomers (B20)', () => {
  for (const [name, real] of [
    ['sf.schema.version', 'sf.meta.schema'],
    ['sf.container.image.id', 'sf.container.imageid'],
    ['sf.proc.username', 'sf.proc.user'],
    ['sf.file.typechar', 'sf.file.type'],
    ['sf.is_open_write', 'sf.file.is_open_write'],
  ] as const) {
    assert.deepEqual(findField(name), { field: findField(real)!.field, misnomer: true });
  }
  assert.equal(findField('sf.res')?.misnomer, false);
});

test("path parts are Go's", () => {
  for (const [path, base, directory] of [
    ['', '.', '.'],
    ['/', '/', '/'],
    ['//', '/', '/'],
    ['a', 'a', '.'],
    ['/a', 'a', '/'],
    ['/a/b/', 'b', '/a/b'],
    ['/a//b/../c', 'c', '/a'],
    ['../x', 'x', '..'],
    ['pipe:[1]', 'pipe:[1]', '.'],
  ] as const) {
    assert.equal(baseName(path), base, path);
    assert.equal(directoryName(path), directory, path);
  }
  assert.equal(cleanPath('a/../..'), '..');
  assert.equal(cleanPath('/..'), '/');
});

test('addresses before a unix socket path are split off', () => {
  assert.deepEqual(splitLinkedPath('ffff9ce02054c800->ffff9ce02054c000 /run/my sock'), {
    path: '/run/my sock',
    link: 'ffff9ce02054c800->ffff9ce02054c000',
  });
  assert.deepEqual(splitLinkedPath('/tmp/a->b c'), { path: '/tmp/a->b c', link: '' });
  assert.deepEqual(splitLinkedPath('ab->cd'), { path: 'ab->cd', link: '' });
});
