import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Decoder, StreamDecoding } from '../../../src/sysflow/decoding.js';
import { NEWEST_SCHEMA } from '../../../src/sysflow/newest-schema.js';
import type { RecordBatch } from '../../../src/sysflow/record-batch.js';
import { BATCH_ROWS, ROW_SLOTS, SLOT_STORED } from '../../../src/sysflow/record-batch.js';
import { encodePacket } from '../../../src/sysflow/record-encoder.js';
import { type FileRecord, recordAt } from '../../../src/sysflow/trace-record.js';
import { anyRecord } from '../../sysflow/support/sample-records.js';
import { openStream } from '../support/decoding.js';

/** A batch with some announcements, which have no more rows than it. */
function announce({ decoders, pool }: StreamDecoding, files: readonly FileRecord[]): RecordBatch {
  const decoder = decoders.decoderFor(NEWEST_SCHEMA) as Decoder;
  const batch = pool.acquire();
  const bytes = decoder.hold!(Buffer.concat(files.map((file) => encodePacket(file))));
  decoder.decode(bytes, 0, bytes.length, batch, files.length);
  assert.equal(batch.length, files.length);
  return batch;
}

/** Where the files of a batch are stored. */
function addresses(batch: RecordBatch): number[] {
  return Array.from({ length: batch.length }, (_, row) => batch.slots[row * ROW_SLOTS + SLOT_STORED]!);
}

function makeFile(fields: Partial<FileRecord> = {}): FileRecord {
  const oid = '00'.repeat(20);
  return { kind: 'file', state: 0, oid, ts: 1n, resourceType: 102, path: '/a', containerId: null, ...fields };
}

/** Different files, as many as fill a batch. */
function batchOfFiles(prefix: string): FileRecord[] {
  return Array.from({ length: BATCH_ROWS }, (_, i) => makeFile({ path: `${prefix}${i}` }));
}

test('files are stored as they were announced, and equal ones but once, whatever the time', () => {
  const decoding = openStream();
  const isFile = (record: { kind: string }): record is FileRecord => record.kind === 'file';
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 60 }), fc.bigInt({ min: 0n, max: 1n << 62n }), (records, ts) => {
      const files = records.filter(isFile);
      const batch = announce(decoding, [...files, ...files.map((file) => ({ ...file, ts }))]);
      const all = addresses(batch);
      const texts = files.map((file) => JSON.stringify({ ...file, ts: null }));
      for (const [row, file] of files.entries()) {
        assert.deepEqual(recordAt(batch, row), file);
        assert.deepEqual(recordAt(batch, files.length + row), { ...file, ts });
        if (Buffer.byteLength(file.path) > 4096) continue;
        assert.notEqual(all[row], 0);
        assert.equal(all[row], all[files.length + row]);
        assert.equal(all.indexOf(all[row]!), texts.indexOf(texts[row]!));
      }
      batch.release();
    }),
    { numRuns: 300 },
  );
});

test('files differ by each of their fields', () => {
  const decoding = openStream();
  const files = [
    makeFile(),
    makeFile({ state: 1 }),
    makeFile({ state: 2 }),
    makeFile({ oid: `${'00'.repeat(19)}01` }),
    makeFile({ oid: `01${'00'.repeat(19)}` }),
    makeFile({ resourceType: 100 }),
    makeFile({ resourceType: -1 }),
    makeFile({ path: '' }),
    makeFile({ path: '/a\0' }),
    makeFile({ path: '/ab', containerId: '' }),
    makeFile({ path: '/a', containerId: 'b' }),
    makeFile({ path: '', containerId: '/ab' }),
    makeFile({ path: 'x'.repeat(4096) }),
    makeFile({ path: `${'x'.repeat(4095)}y`, containerId: 'z'.repeat(64) }),
  ];
  const batch = announce(decoding, files);
  assert.equal(new Set(addresses(batch)).size, files.length);
  for (const [row, file] of files.entries()) assert.deepEqual(recordAt(batch, row), file);
});

test('texts that are longer than 4 KiB are not stored', () => {
  const decoding = openStream();
  const files = [makeFile({ path: 'x'.repeat(4097) }), makeFile({ containerId: 'x'.repeat(4097) })];
  const batch = announce(decoding, files);
  assert.deepEqual(addresses(batch), [0, 0]);
  for (const [row, file] of files.entries()) assert.deepEqual(recordAt(batch, row), file);
});

test('files that do not fit are kept in the batch itself until the other half is started', () => {
  const decoding = openStream();
  const { files } = decoding.memory;
  let count = 0;
  for (; !files.isFull; count++) {
    const announced = batchOfFiles(`/${count}/`);
    const batch = announce(decoding, announced);
    assert.equal(batch.generation, 1);
    for (const row of [0, BATCH_ROWS - 1]) assert.deepEqual(recordAt(batch, row), announced[row]);
    batch.release();
  }
  assert.ok(count > 16, `${count}`);
  const without = announce(decoding, batchOfFiles('/no room/'));
  assert.deepEqual(new Set(addresses(without)), new Set([0]));
  without.release();

  const before = announce(decoding, batchOfFiles('/0/'));
  const stored = addresses(before);
  before.release();
  files.renew();
  assert.equal(files.isFull, false);
  const after = announce(decoding, batchOfFiles('/0/'));
  assert.equal(after.generation, 2);
  assert.deepEqual(
    addresses(after).filter((address) => stored.includes(address)),
    [],
  );
  // Those of the half before are still there.
  const { memory } = decoding.memory;
  for (const [i, address] of stored.entries()) assert.equal(memory.fileAt(address).path, `/0/${i}`);
});

test('many large files fill it as well', () => {
  const decoding = openStream();
  const { files } = decoding.memory;
  let count = 0;
  for (; !files.isFull; count++) {
    const batch = announce(
      decoding,
      Array.from({ length: 50 }, (_, i) => makeFile({ path: `/${count}/${i}/${'x'.repeat(4000)}` })),
    );
    batch.release();
  }
  assert.ok(count > 10 && count < 30, `${count}`);
});
