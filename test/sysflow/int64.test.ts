import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compareInt64,
  formatInt64,
  highHalf,
  INT64_DIGITS,
  lowHalf,
  toBigInt,
  writeInt32,
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

/** The text of a value, written where there is room for the longest one and no byte more. */
function written(value: bigint): string {
  const bytes = Buffer.alloc(INT64_DIGITS, '-');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.toString('latin1', 0, writeInt64(view, 0, lowHalf(value), highHalf(value)));
}

test('values that share their billions with those before are written exactly', () => {
  const offset = fc.oneof(
    fc.constantFrom(0n, 1n, 999n, 1000n, 999_999n, 1_000_000n, 999_999_999n, 1_000_000_000n, -1n),
    fc.bigInt({ min: -3_000_000_000n, max: 3_000_000_000n }),
  );
  const billion = fc.oneof(
    fc.bigInt({ min: 0n, max: 9_223_372_035n }),
    fc.constantFrom(1n, 4n, 5n, 999_999_999n, 1_000_000_000n, 1_531_776_694n, 9_223_372_036n),
  );
  fc.assert(
    fc.property(billion, fc.array(fc.tuple(offset, int64), { minLength: 1, maxLength: 8 }), (billions, steps) => {
      for (const [step, other] of steps) {
        const value = BigInt.asIntN(64, billions * 1_000_000_000n + step);
        assert.equal(written(value), String(value));
        if (step % 5n === 0n) assert.equal(written(other), String(other));
      }
    }),
    { numRuns: 2000 },
  );
});

test('values around every power of two and of ten are written exactly', () => {
  for (let bit = 0n; bit < 64n; bit++) {
    for (const value of [2n ** bit - 1n, 2n ** bit, -(2n ** bit), 2n ** bit + 1n]) {
      const wrapped = BigInt.asIntN(64, value);
      assert.equal(written(wrapped), String(wrapped));
    }
  }
  for (let power = 1n; power < 2n ** 63n; power *= 10n) {
    for (const value of [power - 1n, power, power + 1n, -power]) assert.equal(written(value), String(value));
  }
});

test('32-bit integers are written exactly', () => {
  const bytes = Buffer.alloc(32);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.integer({ min: -1000, max: 1000 })), (value) => {
      assert.equal(bytes.toString('latin1', 0, writeInt32(view, 0, value)), String(value));
    }),
  );
});
