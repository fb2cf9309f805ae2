import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from '../../../src/exporter/byte-buffer.js';
import {
  trimQuotes,
  writeEscaped,
  writeJsonPart,
  writeJsonText,
  writeList,
  writeQuoteless,
  writeTexts,
} from '../../../src/exporter/encoders/json-text.js';

const SPECIAL = /["\\<>&\u0000-\u001f\u007f-\u009f\u2028\u2029]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** What the writers must give, by another way: replacing in the text. */
function escaped(text: string): string {
  return text.replace(SPECIAL, (found) => {
    if (found.length === 2) return found;
    const code = found.charCodeAt(0);
    const shown = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    return LETTERS.get(found) ?? `\\u${shown.toString(16).padStart(4, '0')}`;
  });
}

/** What is written behind a text that is there already, in a buffer that has to grow. */
function written(write: (out: ByteBuffer) => void): string {
  const out = new ByteBuffer(3);
  out.appendAscii('>');
  write(out);
  return out.bytes.toString('utf8', 1, out.length);
}

/** Texts with all kinds of characters, mostly plain ones, so that plain runs of every length occur. */
const anyText = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.string({ maxLength: 90 }) },
      { weight: 2, arbitrary: fc.constantFrom('"', '\\', '\n', '\r', '\t', '<', '>', '&', "'", '\u007f', '\u2028') },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) },
      { weight: 1, arbitrary: fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)) },
      { weight: 1, arbitrary: fc.constantFrom('é', '€', '😀', '\u0080', '\u009f', '\u00a0', '\u07ff', '\u0800') },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

test('every text is written as replacing in it gives', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.equal(
        written((out) => writeJsonText(out, text)),
        `"${escaped(text)}"`,
      );
      assert.equal(
        written((out) => writeQuoteless(out, text)),
        `"${escaped(trimQuotes(text))}"`,
      );
    }),
    { numRuns: 3000 },
  );
});

test('each UTF-16 unit is written as replacing gives, alone and behind a long plain text', () => {
  const plain = 'a'.repeat(80);
  for (let unit = 0; unit <= 0xffff; unit++) {
    const char = String.fromCharCode(unit);
    for (const text of [char, plain + char]) {
      if (written((out) => writeEscaped(out, text, 0, text.length)) !== escaped(text)) {
        assert.fail(`unit ${unit.toString(16)}`);
      }
    }
  }
});

test('a part of a text is written as that part alone', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.nat(200), fc.nat(200), (text, a, b) => {
      const start = Math.min(a, b, text.length);
      const end = Math.min(Math.max(a, b), text.length);
      assert.equal(
        written((out) => writeJsonPart(out, text, start, end)),
        `"${escaped(text.slice(start, end))}"`,
      );
    }),
  );
});

test('surrogate pairs survive wherever a long text is cut into pieces', () => {
  for (let before = 4080; before <= 4100; before++) {
    for (const first of ['a', '"']) {
      const text = `${first}${'x'.repeat(before)}😀${'y"\u0001'.repeat(3000)}😀\ud83d`;
      assert.equal(
        written((out) => writeEscaped(out, text, 0, text.length)),
        escaped(text),
      );
    }
  }
});

test('lists and objects have commas between their items only', () => {
  assert.equal(
    written((out) => writeList(out, [], writeJsonText)),
    '[]',
  );
  assert.equal(
    written((out) => writeList(out, ['a', '"'], writeJsonText)),
    '["a","\\""]',
  );
  assert.equal(
    written((out) =>
      writeTexts(out, [
        ['a', '<'],
        ['b', ''],
      ]),
    ),
    '{"a":"\\u003c","b":""}',
  );
});

test('one quote of either kind is removed from each end', () => {
  for (const [text, expected] of [
    ['', ''],
    ['"', ''],
    ['\'a"', 'a'],
    ['""', ''],
    ['""a""', '"a"'],
    ['a"b', 'a"b'],
  ] as const) {
    assert.equal(trimQuotes(text), expected);
  }
});
