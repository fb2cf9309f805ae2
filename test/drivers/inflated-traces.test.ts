import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { mutate } from '../../bench/fuzz/mutate.js';
import { compressed, makeSamples } from '../../bench/fuzz/samples.js';
import { InflatedTraces } from '../../src/drivers/inflated-traces.js';
import { type InflaterThread, startInflaterThread } from '../../src/drivers/inflater-thread.js';
import { TraceFileReader } from '../../src/drivers/trace-file-reader.js';
import type { Receiver } from '../../src/streams/receiver.js';
import { plainDecoding } from '../../src/sysflow/decoding.js';
import { TraceError } from '../../src/sysflow/errors.js';
import { announcedFile, type RecordBatch, ROW_SLOTS, SLOT_STORED } from '../../src/sysflow/record-batch.js';
import { DecoderFactory } from '../../src/sysflow/record-decoder.js';
import { RecordKind } from '../../src/sysflow/record-types.js';
import { openStream } from '../accel/support/decoding.js';
import { RECORDS, writeTrace } from '../cli/support/traces.js';
import { projectRoot } from '../house/support/project.js';
import { header } from '../sysflow/support/containers.js';
import { Random } from '../sysflow/support/random.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-threaded-'));
after(() => rm(folder, { recursive: true }));
const entry = new URL('../../src/cli/trace-inflater-thread.js', import.meta.url);
const EVENTS = RECORDS.filter(({ kind }) => /Event$|Flow$/.test(kind));

/** A trace of many batches, more than may be on their way at once. */
const large = join(folder, 'large.sf');
await writeTrace(large, [...RECORDS, ...Array.from({ length: 16_000 }, () => EVENTS).flat()]);

/** Keeps all of each record. */
class Keeper implements Receiver<RecordBatch> {
  readonly rows: string[] = [];
  readonly #onBatch: () => Promise<void> | undefined;
  constructor(onBatch: () => Promise<void> | undefined = () => undefined) {
    this.#onBatch = onBatch;
  }
  push(batch: RecordBatch): Promise<void> | undefined {
    for (let row = 0; row < batch.length; row++) {
      const slots = [...batch.slots.subarray(row * ROW_SLOTS, (row + 1) * ROW_SLOTS)].with(SLOT_STORED, 0);
      const payload = JSON.stringify(
        batch.kinds[row] === RecordKind.file ? announcedFile(batch, row) : batch.payloads[row],
        (_, value) => (value instanceof Map ? [...value] : value),
      );
      this.rows.push(`${batch.kinds[row]} ${slots.join(' ')} ${payload}`);
    }
    batch.release();
    return this.#onBatch();
  }
  async end(): Promise<void> {}
}

/** What a driver gives for each of some files. */
async function readAll(driver: TraceFileReader, paths: readonly string[]): Promise<unknown[]> {
  const given: unknown[] = [];
  for (const path of paths) {
    const keeper = new Keeper();
    const summary = await driver.read(path, keeper);
    given.push({ summary: structuredClone(summary), rows: keeper.rows });
  }
  return given;
}

function driverOf(thread: InflaterThread, failures: string[]): TraceFileReader {
  const traces = new InflatedTraces(thread, (message) => failures.push(message));
  return new TraceFileReader({ decoding: openStream(), traces, now: Date.now });
}

/** A driver that reads by itself, in JavaScript alone. */
function plainDriver(): TraceFileReader {
  return new TraceFileReader({ decoding: plainDecoding(new DecoderFactory()), traces: null, now: Date.now });
}

function threaded(paths: readonly string[], module: URL = entry, failures: string[] = []): TraceFileReader {
  return driverOf(startInflaterThread(module, paths), failures);
}

test('the same records as on one thread, with all that goes with them', async () => {
  const bundled = ['shell-session', 'npm-install', 'web-attack', 'package-install'];
  const paths = [large, ...bundled.map((name) => join(projectRoot, 'resources/traces', `${name}.sf`)), large];
  const one = await readAll(plainDriver(), paths);
  assert.deepEqual(await readAll(threaded(paths), paths), one);
  assert.ok(one.every((file) => (file as { rows: string[] }).rows.length > 100));
});

test('compressed files, and files of several traces, give the same as on one thread', async () => {
  const bytes = await readFile(large);
  const other = await readFile(join(projectRoot, 'resources/traces/npm-install.sf'));
  const torn = bytes.subarray(0, Math.floor(bytes.length * 0.6));
  const contents = [
    gzipSync(bytes),
    gzipSync(bytes).subarray(0, -1000),
    Buffer.concat([other, bytes, other]),
    gzipSync(Buffer.concat([torn, other])),
    Buffer.from('BZh91AY&SY'),
  ];
  const paths = await Promise.all(
    contents.map(async (content, i) => {
      const path = join(folder, `packed-${i}`);
      await writeFile(path, content);
      return path;
    }),
  );
  const one = (await readAll(plainDriver(), paths)) as {
    summary: { statistics?: { appendedTraces: number } };
  }[];
  assert.deepEqual(await readAll(threaded(paths), paths), one);
  assert.deepEqual(
    one.map(({ summary }) => summary.statistics?.appendedTraces),
    [0, 0, 2, 1, undefined],
  );
});

test('broken files give the same records, errors and damage as on one thread', async () => {
  const random = new Random(20);
  const { containers } = await makeSamples(join(projectRoot, 'resources/traces'));
  const paths: string[] = [];
  for (let i = 0; i < 300; i++) {
    const sample = random.pick(containers);
    const other = random.pick(containers);
    const path = join(folder, `${i}.sf`);
    // One half breaks records, whose blocks are whole; the other half breaks the file.
    const broken = { ...sample, blocks: sample.blocks.map((block) => mutate(random, block, other.blocks[0]!)) };
    const whole = Buffer.concat([header(sample), compressed(i % 2 === 0 ? broken : sample)]);
    await writeFile(path, i % 2 === 0 ? whole : mutate(random, whole, compressed(other)));
    paths.push(path);
  }
  const one = (await readAll(plainDriver(), paths)) as {
    summary: { damage?: unknown[]; code?: string };
  }[];
  assert.deepEqual(await readAll(threaded(paths), paths), one);
  assert.ok(one.filter(({ summary }) => summary.damage !== undefined && summary.damage.length > 0).length > 100);
  assert.ok(one.some(({ summary }) => summary.code !== undefined));
});

test('a receiver that is slow, and keeps batches, is waited for', async () => {
  const held: RecordBatch[] = [];
  let records = 0;
  const receiver: Receiver<RecordBatch> = {
    push: (batch) => {
      records += batch.length;
      held.push(batch);
      // In the other order than they came.
      if (held.length === 5) for (const one of held.splice(0).reverse()) one.release();
      return records % 3 === 0 ? new Promise((resolve) => setTimeout(resolve, 1)) : undefined;
    },
    end: async () => {},
  };
  const summary = await threaded([large]).read(large, receiver);
  assert.ok(!(summary instanceof TraceError) && summary.whole);
  assert.equal(records, RECORDS.length + 16_000 * EVENTS.length);
  assert.equal(records, summary.statistics.records);
});

test('reading stops after the batch under way', async () => {
  const driver = threaded([large, large]);
  const keeper = new Keeper(() => {
    driver.stop();
    return undefined;
  });
  const summary = await driver.read(large, keeper);
  assert.ok(!(summary instanceof TraceError) && !summary.whole);
  assert.equal(keeper.rows.length, summary.statistics.records);
});

test('the files of a thread that dies are read without it, and the death is told', async () => {
  const failures: string[] = [];
  const paths = [large, join(folder, 'nowhere.sf')];
  const driver = threaded(paths, new URL('./no-such-module.js', import.meta.url), failures);
  assert.deepEqual(await readAll(driver, paths), await readAll(plainDriver(), paths));
  assert.equal(failures.length, 1);
  assert.match(failures[0]!, /no-such-module/);
});

test('a file whose thread dies in the middle is damaged, and the next one is read', async () => {
  let die: (failure: string) => void = () => {};
  let given = 0;
  const failures: string[] = [];
  const thread = startInflaterThread(entry, [large, large]);
  const mortal: InflaterThread = {
    ...thread,
    // The beginning of a file and three of its blocks.
    onMessage: (receive) => thread.onMessage((message) => (given++ < 4 ? receive(message) : undefined)),
    onEnd: (receive) => {
      die = (failure) => {
        thread.stop();
        receive(failure);
      };
    },
  };
  const driver = driverOf(mortal, failures);
  const half = new Keeper(() => {
    if (given >= 4 && failures.length === 0) die('out of memory');
    return undefined;
  });
  const cut = await driver.read(large, half);
  assert.ok(!(cut instanceof TraceError));
  assert.deepEqual(
    cut.damage.map(({ kind, detail }) => [kind, detail]),
    [['unreadable', 'the thread that read it died']],
  );
  assert.ok(half.rows.length < RECORDS.length + 16_000 * EVENTS.length);
  const whole = new Keeper();
  const summary = await driver.read(large, whole);
  assert.ok(!(summary instanceof TraceError) && summary.whole && summary.damage.length === 0);
  assert.equal(whole.rows.length, RECORDS.length + 16_000 * EVENTS.length);
  assert.deepEqual(failures, ['out of memory']);
});
