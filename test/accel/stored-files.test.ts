import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { TraceFileReader } from '../../src/drivers/trace-file-reader.js';
import type { TableLimits } from '../../src/reader/entity-tables.js';
import { createReader, type Reader } from '../../src/reader/reader.js';
import type { Actor } from '../../src/records/actor.js';
import type { FlatBatch } from '../../src/records/flat-batch.js';
import type { JoinedEntities } from '../../src/records/joined-entities.js';
import type { Receiver } from '../../src/streams/receiver.js';
import { ContainerReader } from '../../src/sysflow/container-reader.js';
import { plainDecoding, type StreamDecoding } from '../../src/sysflow/decoding.js';
import type { File } from '../../src/sysflow/entities.js';
import { TraceError } from '../../src/sysflow/errors.js';
import { toBigInt } from '../../src/sysflow/int64.js';
import { ROW_SLOTS, SLOT_STORED } from '../../src/sysflow/record-batch.js';
import { DecoderFactory } from '../../src/sysflow/record-decoder.js';
import { recordAt, type TraceRecord } from '../../src/sysflow/trace-record.js';
import { writeTrace } from '../cli/support/traces.js';
import { projectRoot } from '../house/support/project.js';
import { EntityPool } from '../reader/support/streams.js';
import { written } from '../sysflow/support/containers.js';
import { Random } from '../sysflow/support/random.js';
import { openStream } from './support/decoding.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-joiner-'));
after(() => rm(folder, { recursive: true }));
const both = openStream();
const alone = plainDecoding(new DecoderFactory());

/** What entities hold, and which records have the same one. */
class Met {
  readonly #texts = new Map<object, string>();
  readonly #numbers = new Map<object, number>();
  /** For each entity asked for, its number by the order in which they were met. */
  readonly numbers: number[] = [];

  text(entity: Actor | File | null): string | null {
    if (entity === null) return null;
    const number = this.#numbers.get(entity) ?? this.#numbers.size;
    this.#numbers.set(entity, number);
    this.numbers.push(number);
    return this.#textOf(entity);
  }

  #textOf(entity: object): string {
    const known = this.#texts.get(entity);
    if (known !== undefined) return known;
    const text = JSON.stringify(entity, (key, value: unknown) => {
      if (key === 'memo' || key === 'number') return null;
      return value instanceof Map ? [...value] : value;
    });
    this.#texts.set(entity, text);
    return text;
  }
}

/** Checks that a record was joined with the process and files that it names, or with none. */
function checkIds(batch: FlatBatch, row: number): void {
  const [file, newFile] = [batch.file(row), batch.newFile(row)];
  const { process } = batch.actor(row);
  const record = recordAt(batch.records, row);
  if (process !== null) {
    const { createTsLo, createTsHi, pidLo, pidHi } = process;
    const oid = { createTs: toBigInt(createTsLo, createTsHi), pid: toBigInt(pidLo, pidHi) };
    assert.deepEqual(oid, 'process' in record && record.process);
  }
  if (file !== null) assert.equal(file.oid, 'fileOid' in record && record.fileOid);
  if (newFile !== null) assert.equal(newFile.oid, 'newFileOid' in record && record.newFileOid);
}

/** A reader with all that it gave. */
class Reading implements Receiver<FlatBatch> {
  readonly reader: Reader;
  readonly records: unknown[] = [];
  readonly met = new Met();
  readonly lists = new Set<JoinedEntities>();

  constructor(limits: TableLimits | null, rateLimit: { maxAge: number; now: () => number } | null) {
    this.reader = createReader({ rateLimit, ...(limits === null ? {} : { limits }) }, this);
  }

  push(batch: FlatBatch): undefined {
    this.lists.add(batch.entities);
    const { slots, kinds, payloads } = batch.records;
    for (const row of batch.rows.subarray(0, batch.count)) {
      checkIds(batch, row);
      this.records.push({
        kind: kinds[row],
        slots: [...slots.subarray(row * ROW_SLOTS, (row + 1) * ROW_SLOTS)].with(SLOT_STORED, 0),
        payload: payloads[row],
        actor: this.met.text(batch.actor(row)),
        file: this.met.text(batch.file(row)),
        newFile: this.met.text(batch.newFile(row)),
      });
    }
    batch.release();
  }

  async end(): Promise<void> {}

  /** All that is to be the same. */
  get given(): unknown {
    const { records, tables, suppressed, passed } = this.reader.statistics;
    const statistics = { records: [...records], tables: { ...tables }, suppressed, passed };
    return { statistics, records: this.records };
  }

  /** Reads a container; its files may be only stored. */
  async read(container: Buffer, { decoders, pool }: Pick<StreamDecoding, 'decoders' | 'pool'>): Promise<void> {
    const reader = await ContainerReader.from([container], 'memory', { decoders, inflate: 'inline' });
    if (reader instanceof TraceError) assert.fail(reader.message);
    for await (const batch of reader.batches(pool)) this.reader.push(batch);
    assert.deepEqual(reader.damage, []);
  }
}

/** A reader of batches with stored files, and one of batches without. */
function twoReadings(limits: TableLimits | null = null, maxAge: number | null = null): [Reading, Reading] {
  const make = (): Reading => {
    let time = 0;
    const reading: Reading = new Reading(limits, maxAge === null ? null : { maxAge, now: () => time });
    const { push } = reading.reader;
    reading.reader.push = (batch) => {
      time++;
      return push.call(reading.reader, batch);
    };
    return reading;
  };
  return [make(), make()];
}

/** Reads parts of a stream one after the other, each a container of its own, and gives what both readers gave. */
async function readTwice(
  parts: readonly (readonly TraceRecord[])[],
  [one, two]: readonly [Reading, Reading],
  isApart: (part: number) => boolean = () => false,
): Promise<void> {
  for (const [i, records] of parts.entries()) {
    const container = await written(records, { codec: 'null' });
    await one.read(container, isApart(i) ? alone : both);
    await two.read(container, alone);
  }
  compare([one, two]);
}

/** Checks that both gave the same, and that records which share a version on one side do so on the other. */
function compare([one, two]: readonly [Reading, Reading]): void {
  assert.deepEqual(one.given, two.given);
  const oneOf = new Map<number, number>();
  for (const [i, number] of two.met.numbers.entries()) {
    const its = oneOf.get(number) ?? one.met.numbers[i]!;
    oneOf.set(number, its);
    assert.equal(one.met.numbers[i], its, 'a version that was kept');
  }
}

test('files that are only stored are joined as those that are objects', async () => {
  const seen = { evictedProcesses: 0, evictedFiles: 0, unknownPod: 0, suppressed: 0 };
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const random = new Random(seed);
      const few = (): number => 3 + random.below(4);
      const limits = random.chance(0.5) ? null : { processes: few(), files: few(), containers: 2, pods: 1 };
      const readings = twoReadings(limits, random.chance(0.3) ? 3 : null);
      const pool = new EntityPool(random);
      const parts = Array.from({ length: 12 }, () => pool.records(5 + random.below(80)));
      // Some batches lie elsewhere.
      const apart = random.chance(0.2) ? 0.3 : 0;
      await readTwice(parts, readings, () => {
        // Each part is read to its end, so nothing is on its way.
        if (random.chance(0.2)) both.memory.files.renew();
        return random.chance(apart);
      });
      const { tables, suppressed } = readings[0].reader.statistics;
      seen.evictedProcesses += tables.evictedProcesses;
      seen.evictedFiles += tables.evictedFiles;
      seen.unknownPod += tables.unknownPod;
      seen.suppressed += suppressed;
    }),
    { numRuns: 60, includeErrorInReport: true },
  );
  for (const [what, times] of Object.entries(seen)) assert.ok(times > 100, `${what} ${times}`);
});

test('the numbers of actors and files hold after the list of the joined ones was begun anew', async () => {
  const pool = new EntityPool(new Random(2));
  const parts: TraceRecord[][] = [[pool.header(), ...pool.announcements(), ...pool.events(300)]];
  for (let part = 0; part < 24; part++) {
    const records: TraceRecord[] = [];
    // More than 16,384 files that are out of use after some parts.
    for (let i = 0; i < 800; i++) {
      if (part % 2 === 0) records.push(pool.container(`name ${part} ${i}`));
      records.push(pool.file(`/path ${part} ${i}`), ...pool.events(1));
    }
    parts.push(records, pool.events(300), pool.announcements(), pool.events(100));
  }
  const readings = twoReadings();
  await readTwice(parts, readings);
  for (const { lists } of readings) assert.ok(lists.size >= 2, `${lists.size}`);
});

test('more files than fit in the store are joined correctly while it is restarted', async () => {
  const pool = new EntityPool(new Random(3));
  const oid = (i: number): string => i.toString(16).padStart(40, '0');
  const records: TraceRecord[] = [pool.header(), ...pool.announcements()];
  // Twice as many as it holds, and each once more when others came in between.
  for (let i = 0; i < 80_000; i++) {
    records.push(pool.file(`/path ${i % 50_000}`, oid(i % 50_000)), ...pool.events(i % 8 === 0 ? 1 : 0));
    if (i % 4 === 0) records.push(pool.fileFlow(oid((i * 7) % 50_000)));
  }
  const path = join(folder, 'files.sf');
  await writeTrace(path, records);
  const readings = twoReadings();
  const decoding = openStream();
  const one = new Reading(null, null);
  const drivers = [
    new TraceFileReader({ decoding, traces: null, now: Date.now }),
    new TraceFileReader({ decoding: alone, traces: null, now: Date.now }),
  ];
  await drivers[0]!.read(path, one.reader);
  await drivers[1]!.read(path, readings[1].reader);
  compare([one, readings[1]]);
  assert.ok(decoding.memory.files.generation >= 2);
});

test('shipped traces are joined as by JavaScript alone, all in a row and twice', async () => {
  const names = ['shell-session', 'npm-install', 'web-attack', 'package-install'];
  const paths = [...names, ...names].map((name) => join(projectRoot, 'resources/traces', `${name}.sf`));
  const readings = twoReadings();
  const drivers = [
    new TraceFileReader({ decoding: both, traces: null, now: Date.now }),
    new TraceFileReader({ decoding: alone, traces: null, now: Date.now }),
  ];
  for (const [i, { reader }] of readings.entries()) {
    for (const path of paths) await drivers[i]!.read(path, reader);
  }
  compare(readings);
  assert.ok(readings[0].reader.statistics.passed > 1000);
});
