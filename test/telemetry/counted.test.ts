import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, countedWithCommas, withCommas } from '../../src/telemetry/counted.js';

test('one of something is one, anything else several', () => {
  assert.deepEqual(
    [0, 1, 2, 1234].map((count) => counted(count, 'record')),
    ['0 records', '1 record', '2 records', '1234 records'],
  );
  assert.equal(counted(1, 'process', 'processes'), '1 process');
  assert.equal(countedWithCommas(1234, 'match', 'matches'), '1,234 matches');
});

test('commas part thousands', () => {
  for (const count of [0, 12, 999, 1000, 12345, 123456, 1234567, Number.MAX_SAFE_INTEGER]) {
    assert.equal(withCommas(count), count.toLocaleString('en-US'));
  }
});
