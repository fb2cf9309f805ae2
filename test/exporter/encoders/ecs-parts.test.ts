import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from '../../../src/exporter/byte-buffer.js';
import { communityId } from '../../../src/exporter/encoders/community-id.js';
import { isoTime, writeIsoTime } from '../../../src/exporter/encoders/iso-time.js';
import { highHalf, lowHalf } from '../../../src/sysflow/int64.js';

function ip(dotted: string): number {
  return dotted.split('.').reduce((value, octet, i) => value | (Number(octet) << (8 * i)), 0);
}

// The reference values of the Community ID specification's baseline.
const BASELINE: readonly (readonly [string, number, string, number, number, string])[] = [
  ['128.232.110.120', 34855, '66.35.250.204', 80, 6, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['66.35.250.204', 80, '128.232.110.120', 34855, 6, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['192.168.1.52', 54585, '8.8.8.8', 53, 17, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  ['8.8.8.8', 53, '192.168.1.52', 54585, 17, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  ['192.168.0.89', 8, '192.168.0.1', 0, 1, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
  ['192.168.0.1', 0, '192.168.0.89', 8, 1, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
];

test('community ids are those of the specification, for both directions', () => {
  for (const [sip, sport, dip, dport, proto, expected] of BASELINE) {
    assert.equal(communityId(ip(sip), sport, ip(dip), dport, proto), expected, `${sip} → ${dip}`);
  }
});

test('times are RFC 3339 with the fraction cut to its digits, over all of 64 bits', () => {
  assert.equal(isoTime(0, 0), '1970-01-01T00:00:00Z');
  const at = (ns: bigint): string => isoTime(lowHalf(ns), highHalf(ns));
  assert.equal(at(1_669_702_299_665_947_927n), '2022-11-29T06:11:39.665947927Z');
  assert.equal(at(1_602_100_309_148_000_000n), '2020-10-07T19:51:49.148Z');
  assert.equal(at(-1n), '1969-12-31T23:59:59.999999999Z');
  assert.equal(at(2n ** 63n - 1n), '2262-04-11T23:47:16.854775807Z');
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (ns) => {
      const match = /^(.{19})(?:\.(\d{1,9}))?Z$/.exec(at(ns))!;
      const seconds = BigInt(Date.parse(`${match[1]}Z`)) / 1000n;
      assert.equal(seconds * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0')), ns);
      assert.ok(!(match[2] ?? '').endsWith('0'));
    }),
  );
});

test('times are written as they are formatted, whatever second the one before was in', () => {
  const anyTime = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const step = fc.oneof(
    fc.constantFrom(0n, 1n, -1n, 10n, 500_000_000n, 999_999_999n, 1_000_000_000n, -1_000_000_000n),
    fc.bigInt({ min: -2_000_000_000n, max: 2_000_000_000n }),
  );
  fc.assert(
    fc.property(fc.oneof(anyTime, fc.constant(0n), fc.constant(-(2n ** 63n))), fc.array(step), (time, steps) => {
      const seconds = time - (time % 1_000_000_000n);
      for (const ns of [time, ...steps.flatMap((one) => [time + one, seconds + one])]) {
        const [lo, hi] = [lowHalf(ns), highHalf(ns)];
        const out = new ByteBuffer(0);
        writeIsoTime(out, lo, hi);
        assert.equal(out.bytes.toString('latin1', 0, out.length), `"${isoTime(lo, hi)}"`);
        const second = Date.parse(`${isoTime(lo, hi).slice(0, 19)}Z`) / 1000;
        assert.equal(BigInt(second), (BigInt.asIntN(64, ns) - mod(BigInt.asIntN(64, ns))) / 1_000_000_000n);
      }
    }),
  );
});

/** Nanoseconds within the second, also before 1970. */
function mod(ns: bigint): bigint {
  return ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
}
