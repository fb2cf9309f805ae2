import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import snappy from 'snappyjs';
import { decompressSnappy } from '../../../src/sysflow/codecs/snappy.js';

const text = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.nat(20).map((n) => new Uint8Array(n * n).fill(n)),
    ),
    { maxLength: 20 },
  )
  .map((parts) => Buffer.concat([...parts, ...parts]));

test('what another implementation compressed is decompressed', () => {
  fc.assert(
    fc.property(text, (bytes) => {
      assert.deepEqual(decompressSnappy(snappy.compress(bytes), bytes.length), bytes);
    }),
    { includeErrorInReport: true },
  );
});

test('elements of every form are read', () => {
  const long = Buffer.alloc(300, 'z');
  const stream = Buffer.concat([
    Buffer.from([0xc0, 0x02]),
    Buffer.from([(3 - 1) << 2]),
    Buffer.from('abc'),
    // 5 bytes from 3 back, which overlaps; 4 from 8 back with two bytes of offset; 2 from 12 back with four.
    Buffer.from([((5 - 4) << 2) | 1, 3]),
    Buffer.from([((4 - 1) << 2) | 2, 8, 0]),
    Buffer.from([((2 - 1) << 2) | 3, 12, 0, 0, 0]),
    // A literal with a length of two bytes, and one with four.
    Buffer.from([61 << 2, (300 - 1) & 255, (300 - 1) >> 8]),
    long,
    Buffer.from([63 << 2, 5, 0, 0, 0]),
    Buffer.from('end...'),
  ]);
  const expected = `abc${'abcab'}abca${'ab'}${long}end...`;
  assert.equal(decompressSnappy(stream, 1000)?.toString(), expected);
});

test('the output is bounded', () => {
  const stream = snappy.compress(Buffer.alloc(1000));
  assert.equal(decompressSnappy(stream, 999), 'size');
  assert.equal(decompressSnappy(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), 1 << 20), 'size');
});

test('broken streams are refused', () => {
  const cases: readonly (readonly [string, number[]])[] = [
    ['nothing', []],
    ['a length without end', [0x80, 0x80]],
    ['a length of more than 32 bits', [0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['less than announced', [5, 0, 0x61]],
    ['more than announced', [1, 4, 0x61, 0x62]],
    ['a literal beyond the end', [5, 4 << 2, 0x61]],
    ['a literal of negative length, at which snappyjs loops for ever', [1, 63 << 2, 0xf6, 0xff, 0xff, 0xff]],
    ['more than announced, which snappyjs cuts off', [2, 2 << 2, 0x61, 0x62, 0x63]],
    ['a copy from before the start', [5, 0, 0x61, 1, 2]],
    ['a copy from nowhere', [5, 0, 0x61, 1, 0]],
    ['a copy without its offset', [5, 0, 0x61, 1]],
  ];
  for (const [name, bytes] of cases) assert.equal(decompressSnappy(Buffer.from(bytes), 1 << 20), null, name);
});

test('changed bytes neither throw nor hang', () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(255), (bytes, at, byte) => {
      const stream = Buffer.from(snappy.compress(bytes));
      if (stream.length > 0) stream[at % stream.length] = byte;
      decompressSnappy(stream, 1 << 20);
    }),
    { includeErrorInReport: true },
  );
});
