import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FileDriver } from '../../src/drivers/file.js';
import { findTraces } from '../../src/drivers/trace-files.js';
import type { Receiver } from '../../src/records/receiver.js';
import { TraceError } from '../../src/sysflow/errors.js';
import type { RecordBatch } from '../../src/sysflow/record-batch.js';
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
  assert.equal(found.bytes, 30);
  assert.ok(found.folder);
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
  const driver = new FileDriver({ memory: null, traces: null, now: Date.now });
  const summary = await driver.read(trace, counter);
  assert.ok(summary !== null && !(summary instanceof TraceError));
  assert.equal(counter.records, TOTAL);
  assert.equal(summary.statistics.records, TOTAL);
  assert.deepEqual(summary.damage, []);
  assert.ok(summary.whole);
});

test('reading stops after the batch under way', async () => {
  const counter: Counter = new Counter(() => driver.stop());
  const driver = new FileDriver({ memory: null, traces: null, now: Date.now });
  const summary = await driver.read(trace, counter);
  assert.ok(summary !== null && !(summary instanceof TraceError));
  assert.equal(counter.batches, 1);
  assert.ok(!summary.whole);
});

test('a file whose first batch is refused is left at once', async () => {
  const counter = new Counter();
  assert.equal(
    await new FileDriver({ memory: null, traces: null, now: Date.now }).readIf(trace, counter, () => false),
    null,
  );
  assert.equal(counter.batches, 0);
});

test('reading lets timers and signals have their turn', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const busy = new Counter(() => {
    const until = performance.now() + 1;
    while (performance.now() < until);
  });
  for (let i = 0; i < 8; i++) await new FileDriver({ memory: null, traces: null, now: Date.now }).read(trace, busy);
  clearInterval(timer);
  assert.ok(turns > 0);
});
