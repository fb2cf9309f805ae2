import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WriteMethodChooser } from '../../../src/exporter/transports/write-method.js';

/** The first letters of the methods chosen for some writes of 8 MiB, each of which takes what its method takes at that time. */
function choices(writes: number, milliseconds: (method: string, write: number) => number): string {
  const chooser = new WriteMethodChooser();
  return Array.from({ length: writes }, (_, write) => {
    const method = chooser.choose();
    chooser.record(method, 8 << 20, milliseconds(method, write));
    return method[0];
  }).join('');
}

test('each method is tried once, then the faster one is chosen and the slower one tried again now and then', () => {
  const slowCache = choices(26, (method) => (method === 'direct' ? 5 : 20));
  assert.equal(slowCache, `${'cddddddddddd'.repeat(2)}cd`);
  const slowDisk = choices(26, (method) => (method === 'direct' ? 20 : 5));
  assert.equal(slowDisk, 'cdccccccccccdcccccccccccdc');
});

test('a method that becomes the faster one is chosen soon', () => {
  const changing = choices(40, (method, write) => ((method === 'direct') === write < 10 ? 5 : 20));
  assert.equal(changing, 'cdddddddddddccccccccccccdcccccccccccdccc');
});

test('of methods that are about equally fast, the one that takes less processor time is chosen', () => {
  assert.equal(
    choices(5, () => 10),
    'cdddd',
  );
  assert.equal(
    choices(5, (method) => (method === 'direct' ? 12 : 10)),
    'cdddd',
  );
});
