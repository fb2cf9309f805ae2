import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecodeStatus } from '../../src/sysflow/decode-status.js';
import { SchemaError } from '../../src/sysflow/errors.js';
import { RecordBatch } from '../../src/sysflow/record-batch.js';
import { DecoderFactory, type RecordDecoder } from '../../src/sysflow/record-decoder.js';
import { recordAt, type TraceRecord } from '../../src/sysflow/trace-record.js';
import { avscType } from './support/avsc.js';
import { Evolution } from './support/evolution.js';
import { expectedRecord } from './support/expected.js';

const factory = new DecoderFactory();

function decoderOf(schema: string): RecordDecoder {
  const decoder = factory.decoderFor(schema);
  if (decoder instanceof SchemaError) assert.fail(`${decoder.message}: ${schema}`);
  return decoder;
}

/** A random schema with random records: their bytes and what they must read as. */
function sample(seed: number, count: number) {
  const evolution = new Evolution(seed);
  const schema = evolution.text();
  const type = avscType(schema);
  const parts: Buffer[] = [];
  const expected: (TraceRecord | null)[] = [];
  for (let i = 0; i < count; i++) {
    const { branch, value, whole } = evolution.record();
    parts.push(type.toBuffer(whole));
    const name = String(branch);
    const isKnown = name.startsWith('sysflow.') && !name.startsWith('sysflow.future.');
    expected.push(isKnown ? expectedRecord(name.slice(name.lastIndexOf('.') + 1), value) : null);
  }
  return { decoder: decoderOf(schema), parts, expected };
}

function records(batch: RecordBatch): TraceRecord[] {
  return Array.from({ length: batch.length }, (_, row) => recordAt(batch, row));
}

const seeds = fc.integer();

test('records of any relative of the schema read as what was written, skipping what is unknown', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { decoder, parts, expected } = sample(seed, 60);
      const bytes = Buffer.concat([Buffer.from('before'), ...parts, Buffer.from('after')]);
      const end = bytes.length - 5;
      const batch = new RecordBatch();
      const known = expected.filter((record) => record !== null);
      assert.equal(decoder.decode(bytes, 6, end, batch, parts.length), DecodeStatus.ok);
      assert.equal(decoder.position, end);
      assert.equal(decoder.consumed, parts.length);
      assert.equal(decoder.skipped, expected.length - known.length);
      assert.deepEqual(records(batch), known);
    }),
    { numRuns: 150, includeErrorInReport: true },
  );
});

test('a truncated record is not returned and leaves no data behind', () => {
  fc.assert(
    fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (seed, where) => {
      const { decoder, parts, expected } = sample(seed, 4);
      const last = parts.at(-1)!;
      if (last.length === 0) return;
      const bytes = Buffer.concat(parts);
      const start = bytes.length - last.length;
      const end = start + Math.floor(where * last.length);
      const batch = new RecordBatch();
      const status = decoder.decode(bytes, 0, end, batch, parts.length);
      assert.equal(status, end === start ? DecodeStatus.ok : DecodeStatus.truncated);
      assert.equal(decoder.position, start);
      assert.equal(decoder.consumed, parts.length - 1);
      const known = expected.slice(0, -1).filter((record) => record !== null);
      assert.deepEqual(records(batch), known);
      const row = batch.length;
      assert.ok(batch.slots.subarray(row * 40, row * 40 + 40).every((slot) => slot === 0));
      assert.equal(batch.payloads[row], null);
    }),
    { numRuns: 150, includeErrorInReport: true },
  );
});

test('an integer that is cut short is not read on into what follows', () => {
  const bytes = Buffer.concat([Buffer.from([0, 0x80]), Buffer.alloc(12, 0xff)]);
  assert.equal(factory.newest().decode(bytes, 0, 2, new RecordBatch(), 1), DecodeStatus.truncated);
});
