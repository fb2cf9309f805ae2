import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ContainerReader } from '../../../src/sysflow/container-reader.js';
import { TraceError } from '../../../src/sysflow/errors.js';
import { readFile, told, written } from '../support/containers.js';
import { exec, execNumber } from '../support/sample-records.js';

const numbers = Array.from({ length: 1500 }, (_, i) => i);
const trace = await written(numbers.map(exec), { codec: 'null', blockBytes: 4000 });

/** A frame of Zstandard with stored blocks. */
function zstandard(bytes: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])];
  for (let at = 0, last = false; !last; at += 5000) {
    last = at + 5000 >= bytes.length;
    const stored = bytes.subarray(at, at + 5000);
    const head = Buffer.alloc(3);
    head.writeUIntLE((stored.length << 3) | (last ? 1 : 0), 0, 3);
    parts.push(head, stored);
  }
  return Buffer.concat(parts);
}

async function refused(bytes: Buffer): Promise<string> {
  const reader = await ContainerReader.from([bytes], 'some.sf');
  assert.ok(reader instanceof TraceError, 'is refused');
  return `${reader.code}: ${reader.message}`;
}

const compressed = [
  ['gzip', gzipSync(trace), 'gzip'],
  [
    'gzip of two members and zeros',
    Buffer.concat([gzipSync(trace.subarray(0, 999)), gzipSync(trace.subarray(999)), Buffer.alloc(999)]),
    'gzip',
  ],
  ['Zstandard', zstandard(trace), 'zstd'],
  [
    'Zstandard of two frames',
    Buffer.concat([zstandard(trace.subarray(0, 999)), zstandard(trace.subarray(999))]),
    'zstd',
  ],
  ['gzip of Zstandard', gzipSync(zstandard(trace)), 'zstd'],
] as const;
for (const [name, bytes, compression] of compressed) {
  for (const inflate of ['pool', 'inline'] as const) {
    test(`a trace in ${name} was no trace (${inflate})`, async () => {
      for (const chunkBytes of [1, 1000, bytes.length]) {
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
        const { records, damage, reader } = await readFile(chunks, { inflate });
        assert.deepEqual(records.map(execNumber), numbers);
        assert.deepEqual(damage, []);
        assert.equal(reader.compression, compression);
        assert.equal(reader.statistics.bytes, trace.length);
      }
    });
  }
}

for (const [name, pack] of [
  ['gzip', gzipSync],
  ['Zstandard', zstandard],
] as const) {
  test(`${name} that is cut is damage that is counted, and what comes before it is read`, async () => {
    const whole = pack(trace);
    for (const length of [whole.length - 1, whole.length - 9, Math.floor(whole.length * 0.7)]) {
      const { records, damage } = await readFile(whole.subarray(0, length));
      assert.deepEqual(records.map(execNumber), numbers.slice(0, records.length));
      assert.ok(records.length > 100);
      assert.deepEqual(told(damage), ['compression 1 unknown unknown']);
      assert.equal(damage[0]!.detail, `its ${name} ends too early`);
    }
    assert.equal(await refused(whole.subarray(0, 13)), `compression: its ${name} ends too early`);
  });

  test(`bytes that follow ${name} are reported, and no part of the trace is lost`, async () => {
    const { records, damage } = await readFile(Buffer.concat([pack(trace), Buffer.from('junk')]));
    assert.deepEqual(records.map(execNumber), numbers);
    assert.deepEqual(told(damage), ['compression 1 unknown unknown']);
    assert.equal(damage[0]!.detail, `its ${name} is followed by other bytes`);
  });

  test(`${name} that holds no trace is refused for what it holds`, async () => {
    assert.equal(await refused(pack(Buffer.alloc(0))), 'empty: is empty');
    assert.equal(await refused(pack(Buffer.from('hello'))), 'not-avro: is not an Avro object container file');
  });
}

test('gzip with a wrong checksum is reported', async () => {
  const bytes = gzipSync(trace);
  bytes[bytes.length - 5]! ^= 1;
  const { records, damage } = await readFile(bytes);
  assert.equal(records.length, numbers.length);
  assert.equal(damage[0]!.detail, 'its gzip has a wrong checksum');
});

test('gzip with a name, a comment and extra fields is read', async () => {
  const plain = gzipSync(trace);
  const flagged = Buffer.from(plain.subarray(0, 10));
  flagged[3] = 2 | 4 | 8 | 16;
  const fields = Buffer.concat([
    Buffer.from([3, 0, 1, 0, 2]),
    Buffer.from('trace.sf\0a comment\0'),
    Buffer.from([1, 2]),
  ]);
  const { records, damage } = await readFile(Buffer.concat([flagged, fields, plain.subarray(10)]));
  assert.deepEqual(records.map(execNumber), numbers);
  assert.deepEqual(damage, []);
});

test('compressions and archives that are not read are named', async () => {
  const tar = Buffer.concat([Buffer.from('a.sf'.padEnd(257, '\0')), Buffer.from('ustar\0'), Buffer.alloc(300)]);
  const cases: [Buffer, string][] = [
    [Buffer.from('BZh91AY&SY'), 'is compressed with bzip2, which is not supported; decompress it first'],
    [Buffer.from('\xfd7zXZ\0\0\x04', 'latin1'), 'is compressed with xz, which is not supported; decompress it first'],
    [Buffer.from('PK\x03\x04\x14\0'), 'is a zip archive; extract it and pass the traces in it'],
    [tar, 'is a tar archive; extract it and pass the traces in it'],
    [gzipSync(tar), 'is a tar archive; extract it and pass the traces in it'],
    [gzipSync(gzipSync(gzipSync(gzipSync(trace)))), 'is compressed more than 3 times'],
  ];
  for (const [bytes, message] of cases) assert.equal(await refused(bytes), `not-avro: ${message}`);
});

test('a bomb is streamed and not held', async () => {
  const member = gzipSync(Buffer.alloc(64 << 20));
  const members = 8;
  const bomb = Buffer.concat([gzipSync(trace), ...Array.from({ length: members }, () => member)]);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bomb.length; at += 4096) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      yield bomb.subarray(at, at + 4096);
    }
  }
  const reader = await ContainerReader.from(chunks(), 'bomb.sf.gz');
  assert.ok(!(reader instanceof TraceError));
  const { RecordBatchPool } = await import('../../../src/sysflow/record-batch.js');
  for await (const batch of reader.batches(new RecordBatchPool())) batch.release();
  assert.deepEqual(told(reader.damage), [`sync-marker 1 unknown ${members * (64 << 20)}`]);
  // How much garbage waits for its collection depends on V8.
  assert.ok(most < 160 << 20, `${most} bytes`);
});
