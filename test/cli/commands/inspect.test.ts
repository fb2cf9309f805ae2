import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inspectCommand } from '../../../src/cli/commands/inspect.js';
import { RecordingIo } from '../support/io.js';
import { writeTornTrace, writeTrace } from '../support/traces.js';

const folder = mkdtempSync(join(tmpdir(), 'sfprocessor-test-'));
const trace = join(folder, 'whole.sf');
before(() => writeTrace(trace));
after(() => rmSync(folder, { recursive: true }));

async function inspect(...args: string[]): Promise<{ status: number; io: RecordingIo }> {
  const io = new RecordingIo();
  return { status: await inspectCommand.run(args, io), io };
}

test('a trace as text', async () => {
  const { status, io } = await inspect(trace);
  assert.equal(status, 0);
  assert.equal(io.stderr, '');
  const field = (name: string) =>
    io.lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length).trim());
  assert.deepEqual(field('trace'), [trace]);
  assert.match(field('size')[0]!, /^[\d.]+ (B|KiB) in 1 block, codec deflate$/);
  assert.match(field('schema')[0]!, /^12 kinds of record: SFHeader Container Process File /);
  assert.deepEqual(field('header'), ['version 5, exporter node-1, address 10.0.0.1, file /data/t.sf']);
  assert.deepEqual(field('time'), ['2023-11-14T22:13:20.5Z to 2023-11-14T22:13:24Z (3.500 s)']);
  assert.deepEqual(field('records'), [
    '11, SFHeader 1, Process 2, File 2, ProcessEvent 3, NetworkFlow 1, FileFlow 1, FileEvent 1',
  ]);
  assert.deepEqual(field('entities'), ['2 processes, 2 files, 0 containers, 0 pods']);
  assert.deepEqual(field('damage'), ['none']);
});

test('a trace as JSON, with all digits', async () => {
  const { io } = await inspect('--json', trace);
  assert.equal(io.lines.length, 1);
  assert.match(io.stdout, /"time":\{"start":1700000000500000000,"end":1700000004000000000\}/);
  const found = JSON.parse(io.stdout);
  assert.equal(found.codec, 'deflate');
  assert.equal(found.schema.length, 12);
  assert.equal(found.records.ProcessEvent, 3);
  assert.deepEqual(found.entities, { containers: 0, pods: 0, processes: 2, files: 2 });
  assert.deepEqual(found.damage, []);
});

test('a damaged trace shows its damage and gives status 1', async () => {
  const torn = join(folder, 'torn.sf');
  await writeTornTrace(torn, readFileSync(trace));
  const { status, io } = await inspect(torn);
  assert.equal(status, 1);
  assert.match(
    io.stdout,
    /^damage +torn-tail 1 time from offset \d+: an unknown number of records and \d+ bytes lost/m,
  );
  assert.match(io.stdout, /^time +no events$/m);
});

test('a trace in gzip, and one with another behind it, are shown as such', async () => {
  const bytes = readFileSync(trace);
  const packed = join(folder, 'two.sf.gz');
  writeFileSync(packed, gzipSync(Buffer.concat([bytes, bytes])));
  const { status, io } = await inspect(packed);
  assert.equal(status, 0);
  assert.match(io.stdout, /^size .* in 2 blocks, codec deflate \(decompressed from gzip\)$/m);
  assert.ok(io.lines.includes(`appended  a second trace begins at byte ${bytes.length}`));
  const { compression, appendedTraces, appendedAt } = JSON.parse((await inspect('--json', packed)).io.stdout);
  assert.deepEqual([compression, appendedTraces, appendedAt], ['gzip', 1, bytes.length]);
});

test('a header cannot forge lines or drive the terminal', async () => {
  const forged = join(folder, 'forged.sf');
  await writeTrace(forged, [
    { kind: 'header', version: 5, exporter: 'a\ndamage  none\x1b[2J', ip: '', filename: '\x9b' },
  ]);
  const { io } = await inspect(forged);
  assert.equal(io.lines.filter((line) => line.startsWith('damage')).length, 1);
  assert.doesNotMatch(io.stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  assert.doesNotMatch((await inspect('--json', forged)).io.stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

test('what is no trace, or not there, is an error with its path, and the others are shown', async () => {
  const text = join(folder, 'text');
  writeFileSync(text, 'hello');
  const { status, io } = await inspect(text, join(folder, 'absent'), trace);
  assert.equal(status, 3);
  assert.equal(io.stderr.split('\n').length, 3);
  assert.ok(io.stderr.includes(`${text} is not an Avro object container file`));
  assert.ok(io.stderr.includes('absent does not exist'));
  assert.match(io.stdout, /^records +11/m);
});

test('wrong usage', async () => {
  for (const args of [[], ['--jsn', trace], ['--json=yes', trace]]) {
    const { status, io } = await inspect(...args);
    assert.equal(status, 2);
    assert.match(io.stderr, /usage: sfprocessor inspect/);
  }
  assert.match((await inspect('--jsn', trace)).io.stderr, /unknown option '--jsn'; did you mean '--json'\?/);
});
