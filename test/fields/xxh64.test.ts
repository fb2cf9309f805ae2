import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import xxhash from 'xxhash-wasm';
import { objectId } from '../../src/fields/object-id.js';
import { xxh64 } from '../../src/fields/xxh64.js';

const { h64Raw } = await xxhash();
const hexOf = (hash: bigint): string => hash.toString(16).padStart(16, '0');

test('published vectors', () => {
  const vectors: readonly (readonly [text: string, hash: string])[] = [
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
    ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
    ['xxhash', '32dd38952c4bc720'],
  ];
  for (const [text, hash] of vectors) assert.equal(xxh64(Buffer.from(text)), hash, text);
});

test('every length around the stripes, and any bytes, as another implementation has it', () => {
  const bytes = Buffer.from(Array.from({ length: 140 }, (_, i) => (i * 197 + 31) & 255));
  for (let length = 0; length <= bytes.length; length++) {
    assert.equal(xxh64(bytes.subarray(0, length)), hexOf(h64Raw(bytes.subarray(0, length))), `${length} bytes`);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (any) => xxh64(any) === hexOf(h64Raw(any))));
  const same = new Uint8Array(40).fill(255);
  assert.equal(xxh64(same), hexOf(h64Raw(same)));
});

test('an object id is that of the digits of pid and time, also of the largest', () => {
  assert.equal(objectId(0, 0, 0, 0), xxh64(Buffer.from('00')));
  assert.equal(
    objectId(0, -0x80000000, 0, -0x80000000),
    xxh64(Buffer.from('-9223372036854775808-9223372036854775808')),
  );
});
