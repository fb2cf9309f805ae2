import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StringInterner } from '../../src/sysflow/string-interner.js';

/** Counts how often bytes are decoded. */
function counting(maxEntries: number, maxBytes: number) {
  let decoded = 0;
  const interner = new StringInterner(maxEntries, maxBytes, (bytes, start, end) => {
    decoded++;
    return bytes.toString('latin1', start, end);
  });
  const intern = (text: string): string => {
    const bytes = Buffer.from(`<${text}>`, 'latin1');
    return interner.intern(bytes, 1, bytes.length - 1);
  };
  return { intern, decoded: () => decoded };
}

test('equal bytes are decoded once', () => {
  const { intern, decoded } = counting(1 << 16, 1 << 20);
  const texts = Array.from({ length: 20_000 }, (_, i) => `/proc/${i * 7}/stat`);
  for (const text of [...texts, ...texts]) assert.equal(intern(text), text);
  assert.ok(decoded() < 20_100, `${decoded()} of 20000`);
});

test('what comes out is what went in, whatever was there before and however small the table', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\xff'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (texts, entries) => {
      const { intern } = counting(entries, 0);
      for (const one of texts) assert.equal(intern(one), one);
    }),
    { includeErrorInReport: true },
  );
});

test('a full table is cleared', () => {
  const { intern, decoded } = counting(100, 1 << 20);
  for (let round = 0; round < 3; round++) for (let i = 0; i < 150; i++) assert.equal(intern(`text ${i}`), `text ${i}`);
  assert.ok(decoded() > 150);
  assert.ok(decoded() <= 450);
});

test('a table without free bytes is cleared', () => {
  const { intern } = counting(1 << 16, 1 << 18);
  for (let i = 0; i < 2000; i++) {
    const text = String(i).repeat(200);
    assert.equal(intern(text), text);
    assert.equal(intern('always'), 'always');
  }
});

test('long strings are not kept', () => {
  const { intern, decoded } = counting(100, 1 << 20);
  const long = 'x'.repeat(5000);
  assert.equal(intern(long), long);
  assert.equal(intern(long), long);
  assert.equal(decoded(), 2);
});
