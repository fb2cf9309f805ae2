import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecodeStatus, fault, statusOf } from '../../src/sysflow/decode-status.js';
import { highHalf, lowHalf, toBigInt } from '../../src/sysflow/int64.js';
import { readInt, readLong, readTime, skipVarint, writeInt, writeLong } from '../../src/sysflow/varint.js';

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc
    .integer({ min: 0, max: 63 })
    .chain((bit) => fc.constantFrom(-1n, 0n, 1n).map((d) => BigInt.asIntN(64, (1n << BigInt(bit)) + d))),
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n),
);

/** Zigzag and base 128, by the definition. */
function encoded(value: bigint): Buffer {
  let zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; zigzag >= 128n; zigzag >>= 7n) bytes.push(Number(zigzag & 127n) | 128);
  return Buffer.from([...bytes, Number(zigzag)]);
}

test('64-bit integers are written and read exactly', () => {
  fc.assert(
    fc.property(int64, fc.nat(5), (value, before) => {
      const expected = encoded(value);
      const bytes = Buffer.alloc(before + 24, 255);
      const end = writeLong(bytes, before, lowHalf(value), highHalf(value));
      assert.deepEqual(bytes.subarray(before, end), expected);
      const out = new Int32Array(6);
      for (const read of [readLong, readTime]) {
        out.fill(7);
        assert.equal(read(bytes, before, out, 2), end);
        assert.equal(toBigInt(out[2]!, out[3]!), value);
        assert.deepEqual([out[1], out[4]], [7, 7]);
      }
      assert.equal(skipVarint(bytes, before), end);
    }),
    { numRuns: 2000, includeErrorInReport: true },
  );
});

test('32-bit integers are written and read exactly, and others refused', () => {
  fc.assert(
    fc.property(int64, (value) => {
      const bytes = Buffer.concat([encoded(value), Buffer.alloc(8)]);
      const out = new Int32Array(3);
      const end = readInt(bytes, 0, out, 1);
      if (BigInt.asIntN(32, value) !== value) {
        assert.equal(statusOf(end), DecodeStatus.intRange);
        return;
      }
      assert.equal(end, bytes.length - 8);
      assert.equal(out[1], Number(value));
      const again = Buffer.alloc(5);
      assert.deepEqual(again.subarray(0, writeInt(again, 0, Number(value))), encoded(value));
    }),
    { numRuns: 2000, includeErrorInReport: true },
  );
});

test('an integer may be written longer than need be, up to ten bytes and 64 bits', () => {
  const out = new Int32Array(2);
  const longest = Buffer.from([0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]);
  assert.equal(readLong(longest, 0, out, 0), 10);
  assert.deepEqual([...out], [1, 0]);
  assert.equal(readInt(longest, 0, out, 0), 10);
  for (const last of [0x02, 0x80, 0xff]) {
    longest[9] = last;
    assert.equal(readLong(longest, 0, out, 0), fault(DecodeStatus.varint));
    assert.equal(readTime(longest, 0, out, 0), fault(DecodeStatus.varint));
    assert.equal(skipVarint(longest, 0), fault(DecodeStatus.varint));
    assert.equal(statusOf(readInt(longest, 0, out, 0)), DecodeStatus.varint);
  }
});

test('an integer that is cut short ends beyond the bytes', () => {
  const out = new Int32Array(2);
  for (let length = 0; length < 10; length++) {
    const bytes = Buffer.alloc(length, 0x80);
    for (const read of [readLong, readTime]) {
      const end = read(bytes, 0, out, 0);
      assert.equal(end, length + 1);
      assert.equal(statusOf(end), DecodeStatus.truncated);
    }
  }
});
