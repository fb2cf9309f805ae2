import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exactJson } from '../../src/cli/exact-json.js';

test('numbers keep all digits, maps are objects, what is undefined is null', () => {
  assert.equal(
    exactJson({ a: 9007199254740993n, b: new Map([['k', [1n, null]]]), c: undefined }),
    '{"a":9007199254740993,"b":{"k":[1,null]},"c":null}',
  );
});

test('property: it is JSON of the same value, on one line, without a control character', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const json = exactJson({ value, [text]: text });
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify({ value, [text]: text })));
      assert.doesNotMatch(json, /[\x00-\x1f\x7f-\x9f\u2028\u2029]/);
    }),
  );
});
