import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mutate } from '../../../bench/fuzz/mutate.js';
import { WasmBatchDecoder } from '../../../src/accel/decoding/wasm-batch-decoder.js';
import { parseSchema, type RecordType, unqualified } from '../../../src/sysflow/avro-schema.js';
import { DecodeStatus } from '../../../src/sysflow/decode-status.js';
import type { Decoders } from '../../../src/sysflow/decoding.js';
import type { Payload } from '../../../src/sysflow/entities.js';
import { SchemaError } from '../../../src/sysflow/errors.js';
import { DEFAULT_LIMITS } from '../../../src/sysflow/limits.js';
import { NEWEST_SCHEMA } from '../../../src/sysflow/newest-schema.js';
import { BATCH_ROWS, RecordBatch, ROW_SLOTS, SLOT_STORED } from '../../../src/sysflow/record-batch.js';
import { DecoderFactory } from '../../../src/sysflow/record-decoder.js';
import { encodePacket } from '../../../src/sysflow/record-encoder.js';
import { layoutsFor } from '../../../src/sysflow/record-layouts.js';
import { RecordKind } from '../../../src/sysflow/record-types.js';
import { recordAt, type TraceRecord } from '../../../src/sysflow/trace-record.js';
import { avscType } from '../../sysflow/support/avsc.js';
import { Evolution } from '../../sysflow/support/evolution.js';
import { Random } from '../../sysflow/support/random.js';
import { anyRecord } from '../../sysflow/support/sample-records.js';
import { openStream } from '../support/decoding.js';

const alone = new DecoderFactory();
const both = openStream();
const batch = both.pool.acquire();
const { entities } = both.memory;

/** What a row holds; the numbers of known entities are left out. */
function rowsOf(rows: RecordBatch): unknown[] {
  return Array.from({ length: rows.length }, (_, row) => ({
    kind: rows.kinds[row],
    slots: [...rows.slots.subarray(row * ROW_SLOTS, (row + 1) * ROW_SLOTS)].with(SLOT_STORED, 0),
    record: recordAt(rows, row),
  }));
}

/** What decoding gives, by JavaScript alone and by both. */
function decodeTwice(schema: string, block: Buffer, records: number): readonly [unknown, unknown] {
  const given = [alone, both.decoders].map((factory: Decoders) => {
    const decoder = factory.decoderFor(schema);
    if (decoder instanceof SchemaError) assert.fail(schema);
    const rows = factory === alone ? new RecordBatch() : both.pool.acquire();
    const bytes = decoder.hold?.(block) ?? block;
    const status = decoder.decode(bytes, 0, bytes.length, rows, records);
    const { position, consumed, skipped } = decoder;
    const result = { status, position, consumed, skipped, rows: rowsOf(rows) };
    rows.release();
    return result;
  });
  return [given[0], given[1]];
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
      const [one, two] = decodeTwice(schema, Buffer.concat(parts), parts.length);
      assert.deepEqual(two, one);
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
      const [one, two] = decodeTwice(schema, broken, parts.length);
      assert.deepEqual(two, one);
      statuses.add((one as { status: number }).status);
    }),
    { numRuns: 300, includeErrorInReport: true },
  );
  assert.ok(statuses.has(DecodeStatus.truncated) && statuses.size >= 4, `${[...statuses]}`);
});

/** What `WasmBatchDecoder` alone reads of some records of the newest schema. */
function readAlone(records: readonly TraceRecord[]): { read: number; kinds: number[]; decoder: WasmBatchDecoder } {
  const schema = parseSchema(NEWEST_SCHEMA, DEFAULT_LIMITS);
  assert.ok(!(schema instanceof SchemaError) && schema.kind === 'record');
  const union = schema.fields.find(({ name }) => name === 'rec')!.type;
  assert.ok(union.kind === 'union');
  const layouts = layoutsFor([]);
  const branches = union.branches.map((type) => ({
    type: type as RecordType,
    layout: layouts.get(unqualified((type as RecordType).name))!,
  }));
  const decoder = WasmBatchDecoder.compile(branches, both.memory, 1_000_000)!;
  const bytes = both.memory.hold(Buffer.concat(records.map((record) => encodePacket(record))));
  const read = decoder.run(bytes, 0, bytes.length, bytes.length, batch, 0, BATCH_ROWS);
  return { read, kinds: [...batch.kinds.subarray(0, read)], decoder };
}

test('WebAssembly reads flows and file events up to the first record that it does not support', () => {
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

/** Learns an entity in a block with a payload; gives the payload that its row has then. */
function cacheEntity(decoder: WasmBatchDecoder, bytes: Buffer, length: number, payload: Payload): Payload {
  batch.payloads[0] = payload;
  decoder.cacheEntity(bytes, 0, length, batch, 0);
  return batch.payloads[0];
}

test('a cached entity is found by its bytes and schema, if it has at most 1 KiB', () => {
  const records = fc.sample(anyRecord, { numRuns: 500, seed: 5 }).filter(({ kind }) => kind === 'process');
  const process = records.find((record) => 'env' in record && (record.env === null || record.env.length === 0))!;
  assert.equal(readAlone([process]).read, 0);
  const { decoder } = readAlone([process]);
  const bytes = both.memory.hold(encodePacket(process));
  const [first, second] = [{ exe: 'first' }, { exe: 'second' }] as unknown as Payload[];
  const learned = (length: number, payload: Payload, from = bytes): Payload =>
    cacheEntity(decoder, from, length, payload);
  assert.equal(learned(bytes.length, first!), first);
  assert.equal(learned(bytes.length, second!), first);
  batch.payloads.fill(null);
  assert.equal(readAlone([process, process]).read, 2);
  assert.deepEqual(batch.payloads.slice(0, 3), [first, first, null]);
  // Every byte counts.
  for (let at = 0; at < bytes.length; at++) {
    bytes[at]! ^= 1;
    assert.equal(learned(bytes.length, second!), second);
    bytes[at]! ^= 1;
  }
  const long = both.memory.hold(Buffer.alloc(1025, 'x'));
  for (const length of [1025, 7, 1024]) learned(length, first!, long);
  assert.deepEqual(
    [1025, 7, 1024].map((length) => learned(length, second!, long)),
    [second, second, first],
  );
});

test('more entities than there is room for are decoded all the same', () => {
  const sample = fc.sample(anyRecord, { numRuns: 500, seed: 6 }).find(({ kind }) => kind === 'process')!;
  const process = { ...sample, args: '', userName: '', groupName: '', containerId: null, cwd: '/', env: [] };
  const seen = new Set<Payload>();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 6000; i += 20) {
      const all = Array.from({ length: 20 }, (_, j) => ({ ...process, exe: `/${i + j}/${'x'.repeat(900)}` }));
      const packets = Buffer.concat(all.map((each) => encodePacket(each as TraceRecord)));
      const [one, two] = decodeTwice(NEWEST_SCHEMA, packets, 20);
      assert.deepEqual(two, one);
    }
    for (const entity of entities) seen.add(entity);
  }
  // 6,000 of them are more than 4 MiB: each round they are forgotten once at least.
  const forgotten = [...seen].filter((entity) => entity !== null && 'exe' in entity && entity.exe.length > 900);
  assert.ok(forgotten.length > 6000, `${forgotten.length}`);
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
  const [one, two] = decodeTwice(JSON.stringify(schema), encodePacket(sample), 1);
  assert.deepEqual(two, one);
  assert.equal((two as { rows: unknown[] }).rows.length, 1);
});

test('a block that has no room in the shared memory is decoded by JavaScript', () => {
  const flow = fc.sample(anyRecord, { numRuns: 500, seed: 7 }).find(({ kind }) => kind === 'fileFlow')!;
  const block = Buffer.concat([encodePacket(flow), Buffer.alloc(1 << 20)]);
  const [one, two] = decodeTwice(NEWEST_SCHEMA, block, 1);
  assert.deepEqual(two, one);
  assert.equal((two as { rows: unknown[] }).rows.length, 1);
});
