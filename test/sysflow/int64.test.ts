import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compareInt64,
  formatInt64,
  highHalf,
  lowHalf,
  toBigInt,
  writeInt64,
  writeUint,
} from '../../src/sysflow/int64.js';

const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });

test('every 64-bit integer is formatted exactly, as text and as bytes', () => {
  const bytes = Buffer.alloc(32);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  fc.assert(
    fc.property(int64, (value) => {
      const lo = lowHalf(value);
      const hi = highHalf(value);
      assert.equal(toBigInt(lo, hi), value);
      assert.equal(formatInt64(lo, hi), value.toString());
      assert.equal(bytes.toString('latin1', 0, writeInt64(view, 0, lo, hi)), value.toString());
    }),
    { numRuns: 2000 },
  );
});

test('64-bit integers are ordered as signed', () => {
  fc.assert(
    fc.property(int64, int64, (a, b) => {
      const order = compareInt64(lowHalf(a), highHalf(a), lowHalf(b), highHalf(b));
      assert.equal(Math.sign(order), a < b ? -1 : a > b ? 1 : 0);
    }),
  );
});

test('numbers below 2^53 are written exactly', () => {
  const bytes = Buffer.alloc(32);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      assert.equal(bytes.toString('latin1', 0, writeUint(view, 0, value)), String(value));
    }),
  );
});
