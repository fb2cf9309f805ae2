import assert from 'node:assert/strict';
import { mkdtemp, readFile as readWhole, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import avsc from 'avsc';
import fc from 'fast-check';
import { ContainerReader } from '../../src/sysflow/container-reader.js';
import { ContainerWriter } from '../../src/sysflow/container-writer.js';
import { TraceError } from '../../src/sysflow/errors.js';
import { NEWEST_SCHEMA } from '../../src/sysflow/newest-schema.js';
import { encodePacket } from '../../src/sysflow/record-encoder.js';
import { avscType } from './support/avsc.js';
import { readFile, written } from './support/containers.js';
import { anyRecord, exec, execNumber, plainRecord } from './support/sample-records.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sysflow-writer-'));
});
after(() => rm(folder, { recursive: true }));

for (const codec of ['null', 'deflate'] as const) {
  test(`any records are read as they were written, in blocks of any size (${codec})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord, { maxLength: 40 }),
        fc.integer({ min: 1, max: 5000 }),
        async (list, blockBytes) => {
          const { records, damage } = await readFile(await written(list, { codec, blockBytes }));
          assert.deepEqual(records, list);
          assert.deepEqual(damage, []);
        },
      ),
      { numRuns: 100, includeErrorInReport: true },
    );
  });
}

test('another implementation decodes what is written, to the last byte', () => {
  const type = avscType(NEWEST_SCHEMA);
  fc.assert(
    fc.property(plainRecord, (record) => {
      const packet = encodePacket(record);
      assert.deepEqual(type.toBuffer(type.fromBuffer(packet)), packet);
    }),
    { numRuns: 300, includeErrorInReport: true },
  );
});

test('another implementation reads the container', async () => {
  const file = await written(
    Array.from({ length: 100 }, (_, i) => exec(i)),
    { codec: 'deflate', blockBytes: 1000 },
  );
  const decoder = new avsc.streams.BlockDecoder({ parseHook: (schema) => avscType(JSON.stringify(schema)) });
  const pids: bigint[] = [];
  decoder.on('data', (data: { rec: { 'sysflow.event.ProcessEvent': { procOID: { hpid: bigint } } } }) => {
    pids.push(data.rec['sysflow.event.ProcessEvent'].procOID.hpid);
  });
  const ended = new Promise((resolve) => decoder.on('end', resolve));
  decoder.end(file);
  await ended;
  assert.deepEqual(
    pids,
    Array.from({ length: 100 }, (_, i) => BigInt(i)),
  );
});

test('a file is written and read by its path, and blocks can be ended early', async () => {
  const path = join(folder, 'trace.sf');
  const writer = await ContainerWriter.create(path);
  assert.ok(!(writer instanceof TraceError));
  await writer.write(exec(1));
  await writer.flush();
  const { records } = await readFile(await readWhole(path));
  assert.deepEqual(records, [exec(1)]);
  await writer.write(exec(2));
  assert.equal(await writer.close(), null);
  assert.equal(writer.records, 2);
  const reader = await ContainerReader.open(path);
  assert.ok(!(reader instanceof TraceError));
  assert.equal(reader.statistics.records, 0);
  assert.deepEqual((await readFile(await readWhole(path))).records.map(execNumber), [1, 2]);
  await reader.close();
});

test('a file without records has a header', async () => {
  const { records, reader } = await readFile(await written([]));
  assert.deepEqual(records, []);
  assert.equal(reader.codec, 'deflate');
  assert.equal(reader.schema, NEWEST_SCHEMA);
});

test('a path that cannot be written is an error value', async () => {
  const path = join(folder, 'missing', 'trace.sf');
  const writer = await ContainerWriter.create(path);
  assert.ok(writer instanceof TraceError);
  assert.deepEqual([writer.code, writer.message, writer.path], ['unwritable', 'cannot be written: ENOENT', path]);
});

test('a failing sink is reported once, at the end at the latest, and later records are discarded', async () => {
  let calls = 0;
  const sink = {
    write: async () => {
      if (++calls === 2) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    },
    close: async () => {
      throw Object.assign(new Error('gone'), { code: 'EIO' });
    },
  };
  const writer = new ContainerWriter(sink, 'disk', { blockBytes: 1 });
  for (let i = 0; i < 20; i++) await writer.write(exec(i));
  const error = await writer.close();
  assert.equal(error?.message, 'cannot be written: ENOSPC');
  assert.equal(writer.error, error);
  assert.equal(calls, 2);
});

test('a slow sink makes the writer ask to wait', async () => {
  const waiting: (() => void)[] = [];
  const sink = { write: () => new Promise<void>((resolve) => waiting.push(resolve)), close: async () => {} };
  const writer = new ContainerWriter(sink, 'slow', { codec: 'null', blockBytes: 1 });
  let accepted = 0;
  let asked: Promise<void> | undefined;
  while (asked === undefined && accepted < 100) {
    asked = writer.write(exec(accepted++));
  }
  assert.ok(accepted < 10, `asked after ${accepted} blocks`);
  const done = writer.close();
  let finished = false;
  void done.then(() => {
    finished = true;
  });
  while (!finished) {
    waiting.shift()?.();
    await new Promise(setImmediate);
  }
  assert.equal(await done, null);
});

test('unknown symbols and broken ids are written as the nearest that exists', async () => {
  const { records } = await readFile(
    await written([
      { kind: 'k8sEvent', ts: 1n, component: 'K8S_FUTURE', action: '', message: '{}' },
      { kind: 'fileEvent', ...thread, fileOid: 'xy12', ret: 0, newFileOid: null },
    ]),
  );
  assert.deepEqual(records, [
    { kind: 'k8sEvent', ts: 1n, component: 'K8S_UNKNOWN', action: 'K8S_COMPONENT_UNKNOWN', message: '{}' },
    { kind: 'fileEvent', ...thread, fileOid: `0012${'0'.repeat(36)}`, ret: 0, newFileOid: null },
  ]);
});

const thread = { process: { createTs: 1n, pid: 2n }, ts: 3n, tid: 4n, opFlags: 5 };
