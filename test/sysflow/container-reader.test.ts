import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import snappy from 'snappyjs';
import { appendedText, ContainerReader } from '../../src/sysflow/container-reader.js';
import { TraceError } from '../../src/sysflow/errors.js';
import { DEFAULT_LIMITS } from '../../src/sysflow/limits.js';
import { RecordBatchPool } from '../../src/sysflow/record-batch.js';
import { DecoderFactory } from '../../src/sysflow/record-decoder.js';
import { encodePacket } from '../../src/sysflow/record-encoder.js';
import { StringInterner } from '../../src/sysflow/string-interner.js';
import { block, header, readFile, told, varint, written } from './support/containers.js';
import { exec, execNumber } from './support/sample-records.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sysflow-reader-'));
});
after(() => rm(folder, { recursive: true }));

/** The records from one number to before another, encoded. */
function execs(from: number, to: number): Buffer {
  return Buffer.concat(Array.from({ length: to - from }, (_, i) => encodePacket(exec(from + i))));
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Three blocks of ten records each, uncompressed. */
const three = [block(10, execs(0, 10)), block(10, execs(10, 20)), block(10, execs(20, 30))];
const [first, second, third] = three as [Buffer, Buffer, Buffer];

const zstandardRaw = (bytes: Buffer): Buffer => {
  // A frame of one stored block, whose size is not told.
  const head = Buffer.alloc(3);
  head.writeUIntLE((bytes.length << 3) | 1, 0, 3);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), head, bytes]);
};

const snappyBlock = (bytes: Buffer): Buffer => {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return Buffer.concat([snappy.compress(bytes), checksum]);
};

const codecs: readonly (readonly [string | undefined, (bytes: Buffer) => Buffer])[] = [
  [undefined, (bytes) => bytes],
  ['null', (bytes) => bytes],
  ['deflate', (bytes) => deflateRawSync(bytes)],
  ['snappy', snappyBlock],
  ['zstandard', zstandardRaw],
];

for (const [codec, compress] of codecs) {
  for (const inflate of ['pool', 'inline'] as const) {
    test(`blocks of the codec ${codec ?? 'left out'} are read in order (${inflate})`, async () => {
      const blocks = Array.from({ length: 30 }, (_, i) => block(100, compress(execs(100 * i, 100 * i + 100))));
      const { records, damage, reader } = await readFile(
        Buffer.concat([header(codec === undefined ? {} : { codec }), ...blocks]),
        { inflate },
      );
      assert.deepEqual(records.map(execNumber), numbers(0, 3000));
      assert.deepEqual(damage, []);
      assert.equal(reader.codec, codec ?? 'null');
      assert.equal(reader.statistics.blocks, 30);
      assert.equal(reader.statistics.records, 3000);
    });
  }
}

test('batches are full but for the last', async () => {
  const file = await written(numbers(0, 5000).map(exec), { blockBytes: 3000 });
  const path = join(folder, 'full');
  await writeFile(path, file);
  const reader = await ContainerReader.open(path);
  assert.ok(!(reader instanceof TraceError));
  const lengths: number[] = [];
  for await (const batch of reader.batches(new RecordBatchPool())) {
    lengths.push(batch.length);
    batch.release();
  }
  assert.deepEqual(lengths, [1024, 1024, 1024, 1024, 904]);
  assert.equal(reader.statistics.bytes, file.length);
});

test('a stream in pieces of any size gives the same records', async () => {
  const file = await written(numbers(0, 300).map(exec), { blockBytes: 1000 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }), async (sizes) => {
      const pieces: Buffer[] = [];
      for (let at = 0, i = 0; at < file.length; i++) {
        const size = sizes[i % sizes.length]!;
        pieces.push(file.subarray(at, at + size));
        at += size;
      }
      const { records, damage } = await readFile(pieces);
      assert.deepEqual(records.map(execNumber), numbers(0, 300));
      assert.deepEqual(damage, []);
    }),
    { numRuns: 30, includeErrorInReport: true },
  );
});

test('a live stream hands on what is there instead of waiting for a full batch', async () => {
  let proceed: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  async function* slow(): AsyncGenerator<Buffer> {
    yield Buffer.concat([header(), first]);
    yield second.subarray(0, 20);
    await asked;
    yield Buffer.concat([second.subarray(20), third]);
  }
  const reader = await ContainerReader.from(Readable.from(slow()), 'standard input');
  assert.ok(!(reader instanceof TraceError));
  const pool = new RecordBatchPool();
  const batch = await reader.nextBatch(pool);
  assert.equal(batch?.length, 10);
  proceed();
  assert.equal((await reader.nextBatch(pool))?.length, 20);
  assert.equal(await reader.nextBatch(pool), null);
});

test('records of unknown kinds are skipped and counted', async () => {
  const schema = JSON.stringify({
    type: 'record',
    name: 'SysFlow',
    fields: [
      {
        name: 'rec',
        type: [
          { type: 'record', name: 'Future', fields: [{ name: 'text', type: 'string' }] },
          { type: 'record', name: 'SFHeader', fields: [{ name: 'exporter', type: 'string' }] },
        ],
      },
    ],
  });
  const bytes = Buffer.from([0, 2, 0x61, 2, 2, 0x62, 0, 0]);
  const { records, reader } = await readFile(Buffer.concat([header({ schema }), block(3, bytes)]));
  assert.deepEqual(records, [{ kind: 'header', version: 5, exporter: 'b', ip: 'NA', filename: '' }]);
  assert.equal(reader.statistics.unknownRecords, 2);
});

test('a torn tail loses its block alone', async () => {
  for (const cut of [1, 17, third.length - 1]) {
    const { records, damage } = await readFile(Buffer.concat([header(), first, second, third.subarray(0, cut)]));
    assert.deepEqual(records.map(execNumber), numbers(0, 20));
    assert.deepEqual(told(damage), [`torn-tail 1 unknown ${cut}`]);
  }
});

test('a wrong sync marker between whole blocks loses nothing else', async () => {
  const wrong = block(10, execs(10, 20), Buffer.from('0123456789abcdeX'));
  const { records, damage } = await readFile(Buffer.concat([header(), first, wrong, third]));
  assert.deepEqual(records.map(execNumber), numbers(0, 30));
  assert.deepEqual(told(damage), ['sync-marker 1 0 16']);
  const last = await readFile(Buffer.concat([header(), first, wrong]));
  assert.deepEqual(last.records.map(execNumber), numbers(0, 20));
  assert.deepEqual(told(last.damage), ['sync-marker 1 0 16']);
});

test('bytes that are missing or too many lose the block they are in', async () => {
  for (const changed of [
    Buffer.concat([second.subarray(0, 50), second.subarray(57)]),
    Buffer.concat([second.subarray(0, 50), Buffer.alloc(9), second.subarray(50)]),
  ]) {
    const { records, damage } = await readFile(Buffer.concat([header(), first, changed, third]));
    assert.deepEqual(records.map(execNumber), [...numbers(0, 10), ...numbers(20, 30)]);
    assert.deepEqual(told(damage), [`sync-marker 1 unknown ${changed.length}`]);
  }
});

test('a block of absurd size or count is passed over', async () => {
  const rest = second.subarray(3);
  const cases = [
    [varint(-1), varint(100)],
    [varint(10), varint(-100)],
    [varint(10), varint(2 ** 31 - 1)],
    [varint(2 ** 31 - 1), varint(100)],
    [Buffer.alloc(10, 255), varint(100)],
    [varint(10), Buffer.alloc(12, 255)],
  ];
  for (const [count, size] of cases) {
    const absurd = Buffer.concat([count!, size!, rest]);
    const { records, damage } = await readFile(Buffer.concat([header(), first, absurd, third]));
    assert.deepEqual(records.map(execNumber), [...numbers(0, 10), ...numbers(20, 30)]);
    assert.deepEqual(told(damage), [`block-header 1 unknown ${absurd.length}`]);
  }
});

test('a size beyond the end of the file is passed over where blocks follow', async () => {
  const larger = Buffer.concat([varint(10), varint(1 << 20), second.subarray(3)]);
  const { records, damage } = await readFile(Buffer.concat([header(), first, larger, third]));
  assert.deepEqual(records.map(execNumber), [...numbers(0, 10), ...numbers(20, 30)]);
  assert.deepEqual(told(damage), [`block-header 1 unknown ${larger.length}`]);
});

test('a block with more records than bytes is passed over', async () => {
  const bytes = execs(10, 20);
  const { records, damage } = await readFile(Buffer.concat([header(), first, block(bytes.length + 1, bytes), third]));
  assert.deepEqual(records.map(execNumber), [...numbers(0, 10), ...numbers(20, 30)]);
  assert.deepEqual(told(damage), [`block-header 1 unknown ${bytes.length}`]);
});

for (const inflate of ['pool', 'inline'] as const) {
  test(`blocks that do not inflate, or not to what was written, are passed over (${inflate})`, async () => {
    const bytes = execs(10, 20);
    const good = deflateRawSync(bytes);
    const broken = Buffer.from([...good.subarray(0, 40).map((byte) => ~byte), ...good.subarray(40)]);
    const deflated = Buffer.concat([
      header({ codec: 'deflate' }),
      block(10, deflateRawSync(execs(0, 10))),
      block(10, broken),
      block(10, good.subarray(0, 60)),
      block(10, deflateRawSync(execs(20, 30))),
    ]);
    const { records, damage } = await readFile(deflated, { inflate });
    assert.deepEqual(records.map(execNumber), [...numbers(0, 10), ...numbers(20, 30)]);
    assert.deepEqual(told(damage), [`inflate 2 20 ${broken.length + 60}`]);

    const wrong = snappyBlock(bytes);
    wrong[wrong.length - 1]! ^= 1;
    const checked = await readFile(Buffer.concat([header({ codec: 'snappy' }), block(10, wrong)]), { inflate });
    assert.deepEqual(told(checked.damage), [`checksum 1 10 ${wrong.length}`]);
    for (const codec of ['snappy', 'zstandard']) {
      const other = await readFile(Buffer.concat([header({ codec }), block(10, good)]), { inflate });
      assert.deepEqual(told(other.damage), [`inflate 1 10 ${good.length}`]);
    }
  });

  test(`a block that inflates beyond the bound is passed over (${inflate})`, async () => {
    const limits = { ...DEFAULT_LIMITS, blockBytes: 2000 };
    const large = Buffer.alloc(1 << 20);
    for (const [codec, compress] of codecs.slice(1)) {
      if (codec === 'zstandard') continue;
      const bomb = compress(large);
      const file = Buffer.concat([header({ codec: codec! }), block(10, compress(execs(0, 10))), block(1000, bomb)]);
      const decoders = new DecoderFactory(new StringInterner(), limits);
      const { records, damage } = await readFile(file, { decoders, inflate });
      assert.deepEqual(records.map(execNumber), numbers(0, 10));
      assert.deepEqual(told(damage), [`block-size 1 1000 ${bomb.length}`]);
    }
  });
}

test('a record that does not decode loses the rest of its block', async () => {
  const good = execs(10, 14);
  const bytes = Buffer.concat([good, Buffer.from([60]), execs(15, 20)]);
  const { records, damage } = await readFile(Buffer.concat([header(), first, block(10, bytes), third]));
  assert.deepEqual(records.map(execNumber), [...numbers(0, 14), ...numbers(20, 30)]);
  assert.deepEqual(told(damage), [`record 1 6 ${bytes.length - good.length}`]);
  assert.equal(damage[0]!.detail, 'union branch out of range');
  assert.equal(damage[0]!.firstOffset, header().length + first.length);
});

test('a block with fewer or more records than its header states is reported', async () => {
  const bytes = execs(10, 20);
  const fewer = await readFile(Buffer.concat([header(), first, block(12, bytes), third]));
  assert.deepEqual(fewer.records.map(execNumber), numbers(0, 30));
  assert.deepEqual(told(fewer.damage), ['record 1 2 0']);
  const more = await readFile(Buffer.concat([header(), first, block(8, bytes), third]));
  assert.deepEqual(more.records.map(execNumber), [...numbers(0, 18), ...numbers(20, 30)]);
  assert.deepEqual(told(more.damage), [`leftover 1 unknown ${execs(18, 20).length}`]);
});

for (const [codec, compress] of codecs) {
  for (const inflate of ['pool', 'inline'] as const) {
    test(`blocks of no record and no byte were damage with the codec ${codec ?? 'left out'} (${inflate})`, async () => {
      const empty = block(0, Buffer.alloc(0));
      const full = block(10, compress(execs(0, 10)));
      const head = header(codec === undefined ? {} : { codec });
      const { records, damage } = await readFile(Buffer.concat([head, empty, full, empty, empty]), { inflate });
      assert.deepEqual(records.map(execNumber), numbers(0, 10));
      assert.deepEqual(damage, []);
    });
  }
}

test('bytes after the last block are a torn tail', async () => {
  const { records, damage } = await readFile(Buffer.concat([header(), first, Buffer.from('trailing garbage, long')]));
  assert.deepEqual(records.map(execNumber), numbers(0, 10));
  assert.equal(damage.length, 1);
  assert.equal(damage[0]!.bytes, 22);
});

test('bytes after the last block lost as many records as their first one says', async () => {
  const junk = Buffer.from('trailing bytes');
  const { records, damage } = await readFile(Buffer.concat([header(), first, junk]));
  assert.deepEqual(records.map(execNumber), numbers(0, 10));
  assert.deepEqual(told(damage), [`torn-tail 1 unknown ${junk.length}`]);
});

/** A trace of one block with a marker, a schema and a codec of its own. */
async function otherTrace(from: number, to: number): Promise<Buffer> {
  return written(numbers(from, to).map(exec), { codec: 'deflate' });
}

for (const inflate of ['pool', 'inline'] as const) {
  test(`a second trace behind the first was lost, and told as no record lost (${inflate})`, async () => {
    const before = Buffer.concat([header(), first, second]);
    const [other, last] = [await otherTrace(20, 40), await otherTrace(40, 50)];
    const { records, damage, reader } = await readFile(Buffer.concat([before, other, last]), { inflate });
    assert.deepEqual(records.map(execNumber), numbers(0, 50));
    assert.deepEqual(damage, []);
    assert.equal(reader.statistics.appendedTraces, 2);
    assert.equal(reader.statistics.appendedAt, before.length);
    assert.equal(reader.codec, 'null');
    assert.equal(
      appendedText(2, before.length),
      `a second trace begins at byte ${before.length}, and 1 more trace after it`,
    );
  });
}

test('a second trace behind a torn one is found', async () => {
  for (const cut of [1, 17, 200]) {
    const before = Buffer.concat([header(), first, second.subarray(0, cut)]);
    const { records, damage, reader } = await readFile(Buffer.concat([before, await otherTrace(20, 40)]));
    assert.deepEqual(records.map(execNumber), [...numbers(0, 10), ...numbers(20, 40)]);
    assert.deepEqual(
      damage.map((found) => [found.records, found.bytes]),
      [[null, cut]],
    );
    assert.equal(reader.statistics.appendedAt, before.length);
  }
});

test('a second trace that cannot be read is damage, and a third one is read', async () => {
  const codec = Buffer.concat([header({ codec: 'bzip2' }), second]);
  const cut = header().subarray(0, 300);
  for (const [broken, detail] of [
    [codec, "it has the unknown codec 'bzip2'"],
    [cut, 'it has a broken header'],
  ] as const) {
    const { records, damage, reader } = await readFile(
      Buffer.concat([header(), first, broken, await otherTrace(20, 40)]),
    );
    assert.deepEqual(records.map(execNumber), [...numbers(0, 10), ...numbers(20, 40)]);
    assert.deepEqual(told(damage), [`appended-trace 1 unknown ${broken.length}`]);
    assert.equal(damage[0]!.detail, detail);
    assert.equal(reader.statistics.appendedTraces, 1);
  }
});

test("a second trace with another schema than SysFlow's is damage, including the records that its blocks state", async () => {
  const schema = JSON.stringify({ type: 'record', name: 'User', fields: [{ name: 'id', type: 'int' }] });
  const other = Buffer.concat([header({ schema }), second, third]);
  const { records, damage } = await readFile(Buffer.concat([header(), first, other, await otherTrace(30, 40)]));
  assert.deepEqual(records.map(execNumber), [...numbers(0, 10), ...numbers(30, 40)]);
  assert.equal(damage[0]!.kind, 'appended-trace');
  assert.deepEqual([damage[0]!.times, damage[0]!.records], [2, 20]);
  assert.equal(damage[0]!.detail, "record 'User' has no field 'rec'");
});

test('headers that are broken one after the other are not all tried', async () => {
  const broken = Buffer.concat([
    Buffer.from('Obj\x01'),
    varint(1),
    varint(11),
    Buffer.from('avro.schema'),
    varint(1 << 19),
  ]);
  const file = Buffer.concat([header(), first, ...Array.from({ length: 40_000 }, () => broken)]);
  const { records, damage } = await readFile(file);
  assert.deepEqual(records.map(execNumber), numbers(0, 10));
  assert.ok(damage.reduce((sum, { times }) => sum + times, 0) < 20);
  assert.equal(
    damage.reduce((sum, { bytes }) => sum + bytes!, 0),
    file.length - header().length - first.length,
  );
});

test('damage of one kind is added up', async () => {
  const bad = block(10, Buffer.alloc(50, 255));
  const { damage } = await readFile(Buffer.concat([header(), bad, first, bad]));
  assert.deepEqual(told(damage), ['record 2 20 100']);
});

async function refused(bytes: Buffer): Promise<string> {
  const reader = await ContainerReader.from([bytes], 'some.sf');
  assert.ok(reader instanceof TraceError, 'is refused');
  assert.equal(reader.path, 'some.sf');
  return `${reader.code}: ${reader.message}`;
}

test('a file that is not a trace is refused with its reason', async () => {
  assert.equal(await refused(Buffer.alloc(0)), 'empty: is empty');
  assert.equal(await refused(Buffer.from('Ob')), 'not-avro: is not an Avro object container file');
  assert.equal(await refused(Buffer.from('{"json": true}')), 'not-avro: is not an Avro object container file');
  assert.equal(await refused(Buffer.from('Obj\x01')), 'broken-header: ends within its header');
  const whole = header();
  for (const length of [5, 20, 1500, whole.length - 1]) {
    assert.equal(await refused(whole.subarray(0, length)), 'broken-header: ends within its header');
  }
  assert.equal(await refused(Buffer.from('Obj\x01\x00'.padEnd(40))), 'bad-schema: has no schema');
  const huge = Buffer.concat([Buffer.from('Obj\x01'), varint(1), varint(2 ** 30), Buffer.alloc(100)]);
  assert.equal(await refused(huge), 'broken-header: has a broken header');
  const negative = Buffer.concat([Buffer.from('Obj\x01'), varint(1), varint(-5), Buffer.alloc(100)]);
  assert.equal(await refused(negative), 'broken-header: has a broken header');
  const endless = Buffer.concat([Buffer.from('Obj\x01'), Buffer.alloc(3 << 20, 2)]);
  assert.match(await refused(endless), /^broken-header: has a (broken header|header of more than 1048576 bytes)$/);
  assert.equal(await refused(header({ codec: 'bzip2' })), "unknown-codec: has the unknown codec 'bzip2'");
  assert.equal(await refused(header({ schema: '{' })), 'bad-schema: schema is not valid JSON');
  const other = JSON.stringify({ type: 'record', name: 'User', fields: [{ name: 'id', type: 'int' }] });
  assert.equal(await refused(header({ schema: other })), "bad-schema: record 'User' has no field 'rec'");
  const none = other.replace('"id"', '"rec"');
  assert.equal(await refused(header({ schema: none })), 'bad-schema: schema has no SysFlow record');
});

test('a file that cannot be read is refused with its path', async () => {
  const missing = join(folder, 'missing.sf');
  const error = await ContainerReader.open(missing);
  assert.ok(error instanceof TraceError);
  assert.deepEqual([error.code, error.path], ['unreadable', missing]);
  assert.equal(error.message, 'does not exist');
  const directory = await ContainerReader.open(folder);
  assert.ok(directory instanceof TraceError);
  assert.deepEqual([directory.code, directory.message], ['folder', 'is a folder']);
});

test('a source that fails in the middle is reported', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield Buffer.concat([header(), first, second.subarray(0, 30)]);
    throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
  }
  const reader = await ContainerReader.from(failing(), 'pipe');
  assert.ok(!(reader instanceof TraceError));
  const batch = await reader.nextBatch(new RecordBatchPool());
  assert.equal(batch?.length, 10);
  assert.equal(await reader.nextBatch(new RecordBatchPool()), null);
  assert.deepEqual(told(reader.damage), ['unreadable 1 unknown unknown']);
  assert.equal(reader.damage[0]!.detail, 'cannot be read: ECONNRESET');
});

test('a reader that is left early gives its file back, and may be closed twice', async () => {
  let closed = 0;
  const chunks = {
    async *[Symbol.asyncIterator]() {
      try {
        yield Buffer.concat([header(), first, second]);
        yield third;
      } finally {
        closed++;
      }
    },
  };
  const reader = await ContainerReader.from(chunks, 'pipe');
  assert.ok(!(reader instanceof TraceError));
  for await (const batch of reader.batches(new RecordBatchPool())) {
    batch.release();
    break;
  }
  await reader.close();
  assert.equal(closed, 1);
});
