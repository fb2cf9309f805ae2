import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer, copyWords, WORD } from '../../src/exporter/byte-buffer.js';

test('what was appended stays when the buffer grows', () => {
  const part = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((value) => ({ value, append: (out: ByteBuffer) => out.appendText(value) })),
    fc
      .string({ unit: 'grapheme-ascii' })
      .map((value) => ({ value, append: (out: ByteBuffer) => out.appendAscii(value) })),
    fc.string().map((value) => ({ value, append: (out: ByteBuffer) => out.append(Buffer.from(value)) })),
    fc.integer().map((value) => ({
      value: String(value),
      append: (out: ByteBuffer) => out.appendInt64(value, value < 0 ? -1 : 0),
    })),
  );
  fc.assert(
    fc.property(fc.nat(20), fc.array(part), (capacity, parts) => {
      const out = new ByteBuffer(capacity);
      for (const { append } of parts) append(out);
      assert.equal(out.bytes.toString('utf8', 0, out.length), parts.map(({ value }) => value).join(''));
      assert.equal(out.view.buffer, out.bytes.buffer);
    }),
  );
});

test('words carry every text of UTF-8 unchanged, from any place to any other', () => {
  const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll('\u007f', ''));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }).map(bytesOf), fc.nat(WORD), fc.nat(WORD), (bytes, start, position) => {
      const from = Buffer.alloc(start + bytes.length + WORD, ' ');
      bytes.copy(from, start);
      const to = Buffer.alloc(position + bytes.length + WORD, '#');
      copyWords(viewOf(from), start, viewOf(to), position, bytes.length);
      assert.deepEqual(to.subarray(position, position + bytes.length), bytes);
      assert.equal(to.toString('latin1', 0, position), '#'.repeat(position));
    }),
    { numRuns: 2000 },
  );
});

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}
