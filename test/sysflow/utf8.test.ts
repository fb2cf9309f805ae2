import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from '../../src/sysflow/utf8.js';

function decode(bytes: Uint8Array): string {
  const padded = Buffer.concat([Buffer.from('é<'), bytes, Buffer.from('>é')]);
  return decodeUtf8(padded, 3, 3 + bytes.length);
}

/** Bytes that are broken in the ways UTF-8 can be, mixed with text that is not. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text)),
      fc.constantFrom(
        [0xc0, 0x80],
        [0xe0, 0x80, 0x80],
        [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
        [0xf0, 0x9f, 0x98],
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part))));

test('any bytes survive being text', () => {
  fc.assert(
    fc.property(bytes, (sample) => {
      assert.deepEqual(encodeUtf8(decode(sample)), sample);
    }),
    { numRuns: 2000, includeErrorInReport: true },
  );
});

test('valid UTF-8 is decoded as everywhere', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(decode(Buffer.from(text)), text);
    }),
    { includeErrorInReport: true },
  );
});

test('each broken byte is a lone surrogate of its own', () => {
  const cases: readonly (readonly [number[], string])[] = [
    [[0x61, 0xff, 0x62], 'a\udcffb'],
    [[0xe2, 0x82], '\udce2\udc82'],
    [[0xe2, 0x82, 0xac, 0xe2], '€\udce2'],
    // Overlong forms, surrogates and what is beyond the last code point: as Go's decoder, a byte at a time.
    [[0xc1, 0xbf], '\udcc1\udcbf'],
    [[0xe0, 0x9f, 0xbf], '\udce0\udc9f\udcbf'],
    [[0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
    [[0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
    [[0xf0, 0x9f, 0x98, 0x80, 0x80], '😀\udc80'],
  ];
  for (const [sample, text] of cases) assert.equal(decode(Buffer.from(sample)), text);
});

test('a byte order mark is text', () => {
  assert.equal(decode(Buffer.from([0xef, 0xbb, 0xbf, 0x61])), '\ufeffa');
});

test('an unpaired surrogate that does not represent a byte is written as U+FFFD', () => {
  assert.deepEqual(encodeUtf8('a\ud800b\udc7fc\udf00'), Buffer.from('a\ufffdb\ufffdc\ufffd'));
});

test('a megabyte of broken bytes takes no longer than its length', () => {
  const sample = Buffer.alloc(1 << 20, 0xff);
  const start = performance.now();
  const text = decode(sample);
  assert.ok(performance.now() - start < 1000);
  assert.equal(text.length, sample.length);
  assert.deepEqual(encodeUtf8(text), sample);
});
