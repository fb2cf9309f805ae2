import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TraceFileReader } from '../../src/drivers/trace-file-reader.js';
import { expandTraces, findTraces, isSkippedFile } from '../../src/drivers/trace-files.js';
import type { Receiver } from '../../src/streams/receiver.js';
import { plainDecoding } from '../../src/sysflow/decoding.js';
import { TraceError, type TraceErrorCode } from '../../src/sysflow/errors.js';
import type { RecordBatch } from '../../src/sysflow/record-batch.js';
import { DecoderFactory } from '../../src/sysflow/record-decoder.js';
import { RECORDS, writeTrace } from '../cli/support/traces.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-driver-'));
after(() => rm(folder, { recursive: true }));
const trace = join(folder, 'many.sf');
const EVENTS = RECORDS.filter(({ kind }) => /Event$|Flow$/.test(kind));
await writeTrace(trace, [...RECORDS, ...Array.from({ length: 2000 }, () => EVENTS).flat()]);
const TOTAL = RECORDS.length + 2000 * EVENTS.length;

/** Counts records. */
class Counter implements Receiver<RecordBatch> {
  records = 0;
  batches = 0;
  readonly #onBatch: () => void;
  constructor(onBatch: () => void = () => {}) {
    this.#onBatch = onBatch;
  }
  push(batch: RecordBatch): undefined {
    this.records += batch.length;
    this.batches++;
    batch.release();
    this.#onBatch();
  }
  async end(): Promise<void> {}
}

function makeDriver(): TraceFileReader {
  return new TraceFileReader({ decoding: plainDecoding(new DecoderFactory()), traces: null, now: Date.now });
}

test('the files of a folder come once, in the order of the bytes of their names, without folders in it', async () => {
  const many = join(folder, 'many');
  await mkdir(join(many, 'c'), { recursive: true });
  for (const name of ['b', 'a10', 'a9', 'B', '\u{1f600}', '\uff5e']) await writeFile(join(many, name), '12345');
  await symlink(join(many, 'b'), join(many, 'z-link'));
  await symlink(join(many, 'nowhere'), join(many, 'y-broken'));
  await symlink(join(many, 'x-loop'), join(many, 'x-loop'));
  const found = findTraces(many);
  assert.ok(!(found instanceof TraceError));
  assert.deepEqual(
    found.paths,
    ['B', 'a10', 'a9', 'b', 'x-loop', 'y-broken', '\uff5e', '\u{1f600}'].map((name) => join(many, name)),
  );
  assert.equal(
    found.sizes.reduce((sum, size) => sum + size, 0),
    30,
  );
  assert.ok(found.folder);
});

test('a trace whose name is not UTF-8 was passed over in silence', async () => {
  const odd = join(folder, 'odd');
  await mkdir(odd);
  await writeFile(
    Buffer.concat([Buffer.from(`${odd}/`), Buffer.from([0x61, 0xff, 0x2e, 0x73, 0x66])]),
    await readFile(trace),
  );
  const found = findTraces(odd);
  assert.ok(!(found instanceof TraceError));
  assert.equal(found.paths.length, 1);
  const counter = new Counter();
  const summary = await makeDriver().read(found.paths[0]!, counter);
  assert.ok(!(summary instanceof TraceError));
  assert.equal(counter.records, TOTAL);
});

test('a link that leads nowhere was passed over in silence', async () => {
  const broken = join(folder, 'broken');
  await mkdir(broken);
  await symlink('nowhere', join(broken, 'a.sf'));
  const found = findTraces(broken);
  assert.ok(!(found instanceof TraceError));
  const error = await makeDriver().read(found.paths[0]!, new Counter());
  assert.ok(error instanceof TraceError);
  assert.equal(error.message, 'is a link to a file that does not exist');
});

test('of a folder what is no trace is passed over, and what is one and cannot be read is not', () => {
  const passedOver = (code: TraceErrorCode, path: string): boolean =>
    isSkippedFile(new TraceError(code, '', path), true);
  assert.deepEqual(
    (['empty', 'not-avro', 'bad-schema', 'broken-header', 'unknown-codec', 'unreadable'] as const).map((code) => [
      passedOver(code, 'notes.txt'),
      passedOver(code, 'a.sf'),
      passedOver(code, 'a.sf.gz'),
    ]),
    [
      [true, true, true],
      [true, false, false],
      [true, false, false],
      [false, false, false],
      [false, false, false],
      [false, false, false],
    ],
  );
  assert.ok(!isSkippedFile(new TraceError('not-avro', '', 'notes.txt'), false), 'one that is named is not passed over');
});

test('arguments are traces, folders of them, and standard input once', async () => {
  const two = join(folder, 'two');
  await mkdir(join(two, 'none'), { recursive: true });
  for (const name of ['b', 'a']) await writeFile(join(two, name), '');
  const shown = expandTraces(['-', trace, two, join(two, 'none'), 'absent', '-', trace]).map(
    ({ path, folder: listed, error }) =>
      `${path}${listed ? ' listed' : ''}${error === null ? '' : `: ${error.message}`}`,
  );
  assert.deepEqual(shown, [
    '-',
    trace,
    `${join(two, 'a')} listed`,
    `${join(two, 'b')} listed`,
    `${join(two, 'none')} listed: is a folder without files`,
    'absent: does not exist',
    'standard input: is named twice and can be read only once',
    trace,
  ]);
});

test('a path is a trace by itself; one that does not exist is an error with its name', async () => {
  const found = findTraces(trace);
  assert.ok(!(found instanceof TraceError));
  assert.deepEqual([found.paths, found.folder], [[trace], false]);
  const missing = findTraces(join(folder, 'none'));
  assert.ok(missing instanceof TraceError);
  assert.equal(missing.path, join(folder, 'none'));
  assert.equal(missing.message, 'does not exist');
});

test('a trace is read to its end', async () => {
  const counter = new Counter();
  const driver = makeDriver();
  const summary = await driver.read(trace, counter);
  assert.ok(summary !== null && !(summary instanceof TraceError));
  assert.equal(counter.records, TOTAL);
  assert.equal(summary.statistics.records, TOTAL);
  assert.deepEqual(summary.damage, []);
  assert.ok(summary.whole);
});

test('reading stops after the batch under way', async () => {
  const counter: Counter = new Counter(() => driver.stop());
  const driver = makeDriver();
  const summary = await driver.read(trace, counter);
  assert.ok(summary !== null && !(summary instanceof TraceError));
  assert.equal(counter.batches, 1);
  assert.ok(!summary.whole);
});

test('reading lets timers and signals have their turn', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const busy = new Counter(() => {
    const until = performance.now() + 1;
    while (performance.now() < until);
  });
  for (let i = 0; i < 8; i++) await makeDriver().read(trace, busy);
  clearInterval(timer);
  assert.ok(turns > 0);
});
