import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mutate } from '../../../bench/fuzz/mutate.js';
import { parseSchema, type RecordType, unqualified } from '../../../src/sysflow/avro-schema.js';
import { DecodeStatus } from '../../../src/sysflow/decode-status.js';
import { SchemaError } from '../../../src/sysflow/errors.js';
import { DEFAULT_LIMITS } from '../../../src/sysflow/limits.js';
import { NEWEST_SCHEMA } from '../../../src/sysflow/newest-schema.js';
import { BATCH_ROWS, DEFERRED, RecordBatch, ROW_SLOTS } from '../../../src/sysflow/record-batch.js';
import { DecoderFactory } from '../../../src/sysflow/record-decoder.js';
import { encodePacket } from '../../../src/sysflow/record-encoder.js';
import { layoutsFor } from '../../../src/sysflow/record-layouts.js';
import { RecordKind } from '../../../src/sysflow/record-types.js';
import { recordAt, type TraceRecord } from '../../../src/sysflow/trace-record.js';
import { FlowDecoder } from '../../../src/sysflow/wasm/flow-decoder.js';
import { avscType } from '../support/avsc.js';
import { Elsewhere } from '../support/elsewhere.js';
import { Evolution } from '../support/evolution.js';
import { Random } from '../support/random.js';
import { anyRecord } from '../support/sample-records.js';

const here = new DecoderFactory();
const elsewhere = new Elsewhere();

/** What a row holds. */
function rowsOf(batch: RecordBatch): unknown[] {
  return Array.from({ length: batch.length }, (_, row) => ({
    kind: batch.kinds[row],
    slots: [...batch.slots.subarray(row * ROW_SLOTS, (row + 1) * ROW_SLOTS)],
    record: recordAt(batch, row),
  }));
}

/** What decoding gives, by JavaScript alone and by both. */
function decodeBoth(schema: string, block: Buffer, records: number): readonly [unknown, unknown] {
  const decoder = here.decoderFor(schema);
  const other = elsewhere.decoders.decoderFor(schema);
  if (decoder instanceof SchemaError || other instanceof SchemaError) assert.fail(schema);
  const results = [decoder, other].map((one) => {
    const batch = one === decoder ? new RecordBatch() : elsewhere.batch;
    const bytes = one.hold(block);
    const status = one.decode(bytes, 0, bytes.length, batch, records);
    if (one === other) elsewhere.finish(decoder);
    const { position, consumed, skipped } = one;
    const given = { status, position, consumed, skipped, rows: rowsOf(batch) };
    batch.release();
    return given;
  });
  return [results[0], results[1]];
}

/** Records of a random relative of the schema; some come several times. */
function sample(seed: number): { readonly schema: string; readonly parts: readonly Buffer[] } {
  const random = new Random(seed);
  const evolution = new Evolution(seed);
  const schema = evolution.text();
  const type = avscType(schema);
  const parts = Array.from({ length: 40 }, () => type.toBuffer(evolution.record().whole));
  return { schema, parts: [...parts, ...Array.from({ length: 40 }, () => random.pick(parts))] };
}

test('WebAssembly and JavaScript together give what JavaScript gives', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { schema, parts } = sample(seed);
      const [one, both] = decodeBoth(schema, Buffer.concat(parts), parts.length);
      assert.deepEqual(both, one);
    }),
    { numRuns: 150, includeErrorInReport: true },
  );
});

test('broken and cut records give the same rows and the same fault', () => {
  const statuses = new Set<number>();
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = new Random(seed);
      const { schema, parts } = sample(seed);
      const block = Buffer.concat(parts);
      const broken = random.chance(0.3)
        ? block.subarray(0, random.below(block.length + 1))
        : mutate(random, block, random.pick(parts));
      const [one, both] = decodeBoth(schema, broken, parts.length);
      assert.deepEqual(both, one);
      statuses.add((one as { status: number }).status);
    }),
    { numRuns: 300, includeErrorInReport: true },
  );
  assert.ok(statuses.has(DecodeStatus.truncated) && statuses.size >= 4, `${[...statuses]}`);
});

/** What `FlowDecoder` alone reads of some records of the newest schema. */
function readAlone(records: readonly TraceRecord[]): { read: number; kinds: number[]; decoder: FlowDecoder } {
  const schema = parseSchema(NEWEST_SCHEMA, DEFAULT_LIMITS);
  assert.ok(!(schema instanceof SchemaError) && schema.kind === 'record');
  const union = schema.fields.find(({ name }) => name === 'rec')!.type;
  assert.ok(union.kind === 'union');
  const layouts = layoutsFor([]);
  const branches = union.branches.map((type) => ({
    type: type as RecordType,
    layout: layouts.get(unqualified((type as RecordType).name))!,
  }));
  const decoder = FlowDecoder.compile(branches, elsewhere.memory, 1_000_000)!;
  const { batch, memory } = elsewhere;
  const bytes = memory.hold(Buffer.concat(records.map((record) => encodePacket(record))));
  const read = decoder.run(bytes, 0, bytes.length, bytes.length, batch, 0, BATCH_ROWS);
  return { read, kinds: [...batch.kinds.subarray(0, read)], decoder };
}

test('flows and file events are read by WebAssembly, up to a record that is none', () => {
  const FLOWS = ['networkFlow', 'fileFlow', 'fileEvent', 'networkEvent', 'processFlow'];
  const all = fc.sample(anyRecord, { numRuns: 500, seed: 4 });
  const flows = all.filter(({ kind }) => FLOWS.includes(kind));
  const { kinds } = readAlone([...flows, all.find(({ kind }) => kind === 'processEvent')!, ...flows]);
  assert.deepEqual(
    kinds,
    flows.map(({ kind }) => RecordKind[kind]),
  );
  assert.equal(new Set(kinds).size, FLOWS.length);
});

test('an entity is known after it was learned, by its bytes and schema, if it is no longer than 1 KiB', () => {
  const process = fc
    .sample(anyRecord, { numRuns: 500, seed: 5 })
    .filter(({ kind }) => kind === 'process')
    .find((record) => 'env' in record && (record.env === null || record.env.length === 0))!;
  assert.equal(readAlone([process]).read, 0);
  const { decoder } = readAlone([process]);
  const bytes = elsewhere.memory.hold(encodePacket(process));
  assert.equal(decoder.find(bytes, 0, bytes.length), 0);
  const place = decoder.learn(bytes, 0, bytes.length);
  assert.ok(place > 0);
  assert.equal(decoder.find(bytes, 0, bytes.length), place);
  assert.deepEqual(readAlone([process, process]).kinds, [RecordKind.process | DEFERRED, RecordKind.process | DEFERRED]);
  // Every byte counts.
  for (let at = 0; at < bytes.length; at++) {
    bytes[at]! ^= 1;
    assert.equal(decoder.find(bytes, 0, bytes.length), 0);
    bytes[at]! ^= 1;
  }
  const long = elsewhere.memory.hold(Buffer.alloc(1025, 'x'));
  assert.equal(decoder.learn(long, 0, 1025), 0);
  assert.equal(decoder.learn(long, 0, 7), 0);
  assert.ok(decoder.learn(long, 0, 1024) > 0);
});

test('more entities than there is room for are decoded all the same', () => {
  const file = fc.sample(anyRecord, { numRuns: 500, seed: 6 }).find(({ kind }) => kind === 'file')!;
  const before = elsewhere.keptBytes;
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 6000; i += 20) {
      const files = Array.from({ length: 20 }, (_, j) => ({ ...file, path: `/${i + j}/${'x'.repeat(900)}` }));
      const [one, both] = decodeBoth(
        NEWEST_SCHEMA,
        Buffer.concat(files.map((each) => encodePacket(each as TraceRecord))),
        20,
      );
      assert.deepEqual(both, one);
    }
  }
  // 6,000 of them are more than 4 MiB: each round they are forgotten once at least.
  assert.ok(elsewhere.keptBytes - before > 6000 * 900);
});

test('a schema that names one type in very many places is compiled at once, and decoded by JavaScript', () => {
  const DEPTH = 12;
  const record = (name: string, type: unknown): unknown => ({
    type: 'record',
    name,
    fields: Array.from({ length: 20 }, (_, i) => ({
      name: `f${i}`,
      type: i === 0 ? type : name.replace(/\d+/, (n) => `${+n + 1}`),
    })),
  });
  let nested: unknown = { type: 'record', name: `N${DEPTH}`, fields: [] };
  for (let level = DEPTH - 1; level >= 0; level--) nested = record(`N${level}`, nested);
  const schema = JSON.parse(NEWEST_SCHEMA) as {
    fields: { name: string; type: { name: string; fields: unknown[] }[] }[];
  };
  const file = schema.fields.find(({ name }) => name === 'rec')!.type.find(({ name }) => name === 'File')!;
  file.fields.push({ name: 'unknown', type: nested });
  const sample = fc.sample(anyRecord, { numRuns: 500, seed: 8 }).find(({ kind }) => kind === 'file')!;
  const [one, both] = decodeBoth(JSON.stringify(schema), encodePacket(sample), 1);
  assert.deepEqual(both, one);
  assert.equal((both as { rows: unknown[] }).rows.length, 1);
});

test('a block that has no room in the shared memory is decoded by JavaScript', () => {
  const flow = fc.sample(anyRecord, { numRuns: 500, seed: 7 }).find(({ kind }) => kind === 'fileFlow')!;
  const block = Buffer.concat([encodePacket(flow), Buffer.alloc(1 << 20)]);
  const [one, both] = decodeBoth(NEWEST_SCHEMA, block, 1);
  assert.deepEqual(both, one);
  assert.equal((both as { rows: unknown[] }).rows.length, 1);
});
