import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpFlag } from '../../src/sysflow/op-flags.js';
import { RecordKind } from '../../src/sysflow/record-types.js';
import { BatchBuilder, makeContainer, makeFile, makePod, makeProcess, readAll } from '../support/records.js';

const INIT = { createTs: 1n, pid: 1n };
const SHELL = { createTs: 1_669_702_299_665_947_927n, pid: 12705n };
const CHILD = { createTs: 1_669_702_299_666_036_282n, pid: 2n ** 40n + 5n };

test('an event is joined with its process, ancestors, container and pod', () => {
  const { records } = readAll([
    new BatchBuilder()
      .header()
      .pod(makePod())
      .container(makeContainer({ podId: 'pod-1' }))
      .process(makeProcess(INIT, { exe: '/sbin/init', args: '' }))
      .process(makeProcess(SHELL, { exe: '/bin/sh', containerId: 'c0ffee' }, INIT))
      .process(makeProcess(CHILD, { exe: '/bin/cat', containerId: 'c0ffee' }, SHELL))
      .event(RecordKind.processEvent, { process: CHILD, opFlags: OpFlag.exec, ts: 7n, tid: CHILD.pid }).batch,
  ]);
  assert.equal(records.length, 1);
  const [record] = records;
  assert.equal(record!.type, 'PE');
  assert.equal(record!.tid, CHILD.pid);
  assert.deepEqual(
    record!.actor.ancestors.map((p) => p.exe),
    ['/bin/cat', '/bin/sh', '/sbin/init'],
  );
  assert.equal(record!.parent?.exe, '/bin/sh');
  assert.equal(record!.container?.name, 'web');
  assert.equal(record!.pod?.name, 'web-0');
  assert.equal(record!.header.exporter, 'node-1');
});

test('entities announced in another batch are known, and a header forgets them', () => {
  const file = makeFile('aa');
  const open = { process: SHELL, file, opFlags: OpFlag.open };
  const { records, reader } = readAll([
    new BatchBuilder().header().process(makeProcess(SHELL)).file(file).batch,
    new BatchBuilder().event(RecordKind.fileFlow, open).header().event(RecordKind.fileFlow, open).batch,
  ]);
  assert.equal(records[0]!.process?.exe, '/bin/sh');
  assert.equal(records[0]!.file?.path, '/etc/passwd');
  assert.equal(records[1]!.process, null);
  assert.equal(records[1]!.file, null);
  assert.equal(reader.statistics.tables.unknownProcess, 1);
  assert.equal(reader.statistics.tables.unknownFile, 1);
});

test('a modified process wins over a created one, and that over one announced again', () => {
  const exec = { process: SHELL, opFlags: OpFlag.exec };
  const { records } = readAll([
    new BatchBuilder()
      .process(makeProcess(SHELL, { state: 2, exe: '/reup' }))
      .event(RecordKind.processEvent, exec)
      .process(makeProcess(SHELL, { state: 0, exe: '/created' }))
      .event(RecordKind.processEvent, exec)
      .process(makeProcess(SHELL, { state: 1, exe: '/modified' }))
      .event(RecordKind.processEvent, exec)
      .process(makeProcess(SHELL, { state: 0, exe: '/created-again' }))
      .event(RecordKind.processEvent, exec).batch,
  ]);
  assert.deepEqual(
    records.map((record) => record.process?.exe),
    ['/reup', '/created', '/modified', '/modified'],
  );
  // The ancestry stays as it was at the first event, as in the original.
  assert.deepEqual(
    records.map((record) => record.actor.ancestors[0]?.exe),
    ['/reup', '/reup', '/reup', '/reup'],
  );
});

test('the user id from before is known where a process is announced with its new user before the event', () => {
  const setuid = { process: SHELL, opFlags: OpFlag.setuid };
  const exec = { process: SHELL, opFlags: OpFlag.exec };
  const { records } = readAll([
    new BatchBuilder()
      .header()
      .process(makeProcess(SHELL, { uid: 1000 }))
      .event(RecordKind.processEvent, exec)
      .process(makeProcess(SHELL, { state: 1, uid: 33 }))
      .event(RecordKind.processEvent, setuid)
      .process(makeProcess(SHELL, { state: 1, uid: 0 }))
      .event(RecordKind.processEvent, setuid)
      .event(RecordKind.processEvent, setuid)
      .process(makeProcess(SHELL, { state: 1, uid: 0 }))
      .event(RecordKind.processEvent, setuid)
      .process(makeProcess(SHELL, { state: 1, uid: 33 }))
      .process(makeProcess(SHELL, { state: 1, uid: 33, exe: '/bin/ls' }))
      .event(RecordKind.processEvent, exec).batch,
  ]);
  assert.deepEqual(
    records.map(({ actor }) => [actor.process?.uid, actor.uidBefore]),
    [
      [1000, null],
      [33, 1000],
      [0, 33],
      [0, 33],
      [0, null],
      [33, null],
    ],
  );
});

test('the user id from before is not that of another stream', () => {
  const setuid = { process: SHELL, opFlags: OpFlag.setuid };
  const becomesRoot = (builder: BatchBuilder): BatchBuilder =>
    builder
      .header()
      .process(makeProcess(SHELL, { uid: 1000 }))
      .process(makeProcess(SHELL, { state: 1, uid: 0 }))
      .event(RecordKind.processEvent, setuid);
  const { records } = readAll([
    becomesRoot(new BatchBuilder()).batch,
    new BatchBuilder()
      .header()
      .process(makeProcess(SHELL, { state: 1, uid: 0 }))
      .event(RecordKind.processEvent, setuid).batch,
    becomesRoot(new BatchBuilder()).batch,
  ]);
  assert.deepEqual(
    records.map(({ actor }) => actor.uidBefore),
    [1000, null, 1000],
  );
});

test('an entity announced again unchanged keeps its version and its actor', () => {
  const file = makeFile('aa');
  const open = { process: SHELL, file, opFlags: OpFlag.open };
  const { records } = readAll([
    new BatchBuilder()
      .container(makeContainer())
      .process(makeProcess(SHELL, { containerId: 'c0ffee' }))
      .file(file)
      .event(RecordKind.fileFlow, open)
      .container(makeContainer())
      .process(makeProcess(SHELL, { containerId: 'c0ffee' }))
      .file(makeFile('aa'))
      .event(RecordKind.fileFlow, open)
      .container(makeContainer({ name: 'renamed' }))
      .event(RecordKind.fileFlow, open).batch,
  ]);
  assert.equal(records[0]!.actor, records[1]!.actor);
  assert.equal(records[0]!.file, records[1]!.file);
  assert.notEqual(records[1]!.actor, records[2]!.actor);
  assert.equal(records[2]!.container?.name, 'renamed');
});

test('what is announced again unchanged after a header keeps its version, and nothing else of before is known', () => {
  const file = makeFile('aa');
  const open = { process: SHELL, file, opFlags: OpFlag.open };
  const announce = (builder: BatchBuilder): BatchBuilder =>
    builder
      .header()
      .container(makeContainer())
      .process(makeProcess(INIT, { exe: '/sbin/init' }))
      .process(makeProcess(SHELL, { containerId: 'c0ffee' }, INIT))
      .file(makeFile('aa'));
  const { records } = readAll([
    announce(new BatchBuilder()).event(RecordKind.fileFlow, open).batch,
    announce(new BatchBuilder()).event(RecordKind.fileFlow, open).batch,
    new BatchBuilder().header().event(RecordKind.fileFlow, open).batch,
    announce(new BatchBuilder()).event(RecordKind.fileFlow, open).batch,
    announce(new BatchBuilder())
      .container(makeContainer({ name: 'renamed' }))
      .event(RecordKind.fileFlow, open).batch,
  ]);
  assert.equal(records[1]!.actor, records[0]!.actor);
  assert.equal(records[1]!.file, records[0]!.file);
  assert.equal(records[2]!.process, null);
  assert.equal(records[2]!.file, null);
  assert.equal(records[3]!.process?.exe, '/bin/sh');
  assert.notEqual(records[4]!.actor, records[3]!.actor);
  assert.equal(records[4]!.container?.name, 'renamed');
});

test('surrounding white space is removed as the original does', () => {
  const file = makeFile('aa', { path: '\u0085/tmp/x\u3000' });
  const { records } = readAll([
    new BatchBuilder()
      .process(makeProcess(SHELL, { exe: ' /bin/sh\n', args: '\ufeff -c ' }))
      .file(file)
      .event(RecordKind.fileFlow, { process: SHELL, file }).batch,
  ]);
  assert.equal(records[0]!.process?.exe, '/bin/sh');
  assert.equal(records[0]!.process?.args, '\ufeff -c');
  assert.equal(records[0]!.file?.path, '/tmp/x');
});

test('processes that name each other as parents do not hang the join', () => {
  const { records } = readAll([
    new BatchBuilder()
      .process(makeProcess(SHELL, {}, CHILD))
      .process(makeProcess(CHILD, {}, SHELL))
      .event(RecordKind.processEvent, { process: SHELL }).batch,
  ]);
  assert.equal(records[0]!.actor.ancestors.length, 2);
});

test('a second file is joined only where the record has one', () => {
  const [from, to] = [makeFile('aa', { path: '/a' }), makeFile('bb', { path: '/b' })];
  const { records, reader } = readAll([
    new BatchBuilder()
      .file(from)
      .file(to)
      .event(RecordKind.fileEvent, { file: from, newFile: to, opFlags: OpFlag.rename })
      .event(RecordKind.fileEvent, { file: from, opFlags: OpFlag.unlink })
      .event(RecordKind.fileEvent, { file: from, newFile: makeFile('cc'), opFlags: OpFlag.link }).batch,
  ]);
  assert.deepEqual(
    records.map((record) => record.newFile?.path ?? null),
    ['/b', null, null],
  );
  assert.equal(reader.statistics.tables.unknownFile, 1);
});

test('missing containers and pods are counted and the record goes on', () => {
  const { records, reader } = readAll([
    new BatchBuilder()
      .process(makeProcess(SHELL, { containerId: 'nope' }))
      .event(RecordKind.processEvent, { process: SHELL })
      .container(makeContainer({ id: 'nope', podId: 'nopod' }))
      .event(RecordKind.processEvent, { process: SHELL }).batch,
  ]);
  assert.equal(records.length, 2);
  assert.equal(reader.statistics.tables.unknownContainer, 1);
  assert.equal(reader.statistics.tables.unknownPod, 1);
});

test('process flows and network events are counted and not handed on', () => {
  const { records, reader } = readAll([
    new BatchBuilder().event(RecordKind.processFlow, {}).event(RecordKind.networkEvent, {}).batch,
  ]);
  assert.equal(records.length, 0);
  assert.equal(reader.statistics.records[RecordKind.processFlow], 1);
  assert.equal(reader.statistics.records[RecordKind.networkEvent], 1);
});

test('full tables drop ended processes first and never a parent of one that stays', () => {
  const id = (n: number): { createTs: bigint; pid: bigint } => ({ createTs: BigInt(n), pid: BigInt(n) });
  const builder = new BatchBuilder().process(makeProcess(id(1), { exe: '/sbin/init' }));
  for (let n = 2; n <= 8; n++) builder.process(makeProcess(id(n), {}, id(n === 8 ? 7 : 1)));
  for (const n of [3, 5])
    builder.event(RecordKind.processEvent, { process: id(n), tid: BigInt(n), opFlags: OpFlag.exit });
  builder.process(makeProcess(id(9), {}, id(8)));
  for (const n of [1, 3, 5, 7, 8, 9]) builder.event(RecordKind.processEvent, { process: id(n) });
  const { records, reader } = readAll([builder.batch], {
    rateLimit: null,
    limits: { processes: 8, files: 8, containers: 8, pods: 8 },
  });
  const known = records.slice(2).map((record) => record.process !== null);
  assert.deepEqual(known, [true, false, false, true, true, true]);
  assert.equal(records.at(-1)!.actor.ancestors.length, 4);
  assert.equal(reader.statistics.tables.evictedProcesses, 2);
});

test('a stream of ever new entities stays within the limits', () => {
  const limits = { processes: 64, files: 64, containers: 8, pods: 8 };
  const batches = Array.from({ length: 40 }, (_, b) => {
    const builder = new BatchBuilder();
    for (let i = 0; i < 20; i++) {
      const n = b * 20 + i;
      const file = makeFile(n.toString(16), { path: `/f${n}` });
      const process = { createTs: BigInt(n), pid: BigInt(n) };
      builder
        .container(makeContainer({ id: `c${n}` }))
        .pod(makePod({ id: `p${n}` }))
        .process(makeProcess(process, {}, n === 0 ? null : { createTs: BigInt(n - 1), pid: BigInt(n - 1) }))
        .file(file)
        .event(RecordKind.fileFlow, { process, file });
    }
    return builder.batch;
  });
  const { records, reader } = readAll(batches, { rateLimit: null, limits });
  assert.ok(records.every((record) => record.process !== null && record.file !== null));
  const { tables } = reader.statistics;
  for (const evicted of [tables.evictedProcesses, tables.evictedFiles]) assert.ok(evicted >= 800 - 64);
  assert.equal(tables.evictedContainers, 800 - 8);
  assert.equal(tables.evictedPods, 800 - 8);
});

test('the same announcement in several streams gives the same version, with white space removed once', () => {
  const process = makeProcess(SHELL, { args: '-c ', exe: ' /bin/sh' });
  const file = makeFile('aa', { path: ' /tmp/x' });
  const stream = (): BatchBuilder =>
    new BatchBuilder().header().process(process).file(file).event(RecordKind.fileFlow, { process: SHELL, file });
  const { records } = readAll([
    stream().batch,
    stream().batch,
    // Changed, and changed back.
    stream()
      .process(makeProcess(SHELL, { args: '-x' }))
      .event(RecordKind.fileFlow, { process: SHELL, file }).batch,
    stream().batch,
  ]);
  assert.equal(records[0]!.process?.exe, '/bin/sh');
  assert.equal(records[0]!.file?.path, '/tmp/x');
  assert.deepEqual(
    records.map((record) => record.process?.args),
    ['-c', '-c', '-c', '-x', '-c'],
  );
  for (const record of records) assert.equal(record.file, records[0]!.file);
  assert.equal(records[1]!.process, records[0]!.process);
  assert.equal(records[1]!.actor, records[0]!.actor);
  assert.equal(records[2]!.actor, records[0]!.actor);
});

test('files of streams before make room first, and count as no eviction', () => {
  const limits = { processes: 64, files: 64, containers: 8, pods: 8 };
  const stream = (name: string, count: number): BatchBuilder => {
    const builder = new BatchBuilder().header().process(makeProcess(SHELL));
    for (let i = 0; i < count; i++) {
      const file = makeFile(`${name}${i.toString(16)}`, { path: `/${name}/${i}` });
      builder.file(file).event(RecordKind.fileFlow, { process: SHELL, file });
    }
    return builder;
  };
  const streams = Array.from({ length: 30 }, (_, i) => stream(i.toString(16), 1 + ((i * 7) % 64)).batch);
  const { records, reader } = readAll(streams, { rateLimit: null, limits });
  assert.ok(records.every((record) => record.file !== null));
  assert.equal(reader.statistics.tables.evictedFiles, 0);
  const full = readAll([stream('a', 64).batch, stream('b', 65).batch], { rateLimit: null, limits });
  assert.ok(full.records.every((record) => record.file !== null));
  assert.equal(full.reader.statistics.tables.evictedFiles, 16);
});

test('the rate limiter lets a repetition pass only after its time', () => {
  let now = 0;
  const file = makeFile('aa');
  const entities = new BatchBuilder().process(makeProcess(SHELL)).file(file).batch;
  const events = (): BatchBuilder =>
    new BatchBuilder()
      .event(RecordKind.fileFlow, { process: SHELL, file, opFlags: OpFlag.open, ts: 1n })
      .event(RecordKind.fileFlow, { process: SHELL, file, opFlags: OpFlag.open, ts: 2n })
      .event(RecordKind.fileFlow, { process: SHELL, file, opFlags: OpFlag.close, ts: 3n });
  const options = { rateLimit: { maxAge: 1000, now: () => now } };
  const first = readAll([entities, events().batch], options);
  assert.deepEqual(
    first.records.map((record) => record.ts),
    [1n, 3n],
  );
  assert.equal(first.reader.statistics.suppressed, 1);
  now = 999;
  assert.equal(first.reader.push(events().batch), undefined);
  assert.equal(first.reader.statistics.suppressed, 4);
  now = 1000;
  first.reader.push(events().batch);
  assert.equal(first.reader.statistics.suppressed, 5);
});

test('the rate limiter tells connections apart by addresses, destination port and protocol, not by source port', () => {
  const flow = { process: SHELL, sip: '10.0.0.1', dip: '10.0.0.2', sport: 1, dport: 80, proto: 6 };
  const { records } = readAll(
    [
      new BatchBuilder()
        .process(makeProcess(SHELL))
        .event(RecordKind.networkFlow, flow)
        .event(RecordKind.networkFlow, { ...flow, sport: 2 })
        .event(RecordKind.networkFlow, { ...flow, dport: 81 })
        .event(RecordKind.networkFlow, { ...flow, proto: 17 })
        .event(RecordKind.networkFlow, { ...flow, dip: '10.0.0.3' }).batch,
    ],
    { rateLimit: { maxAge: 1000, now: () => 0 } },
  );
  assert.equal(records.length, 4);
});
