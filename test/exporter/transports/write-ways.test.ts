import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WriteWays } from '../../../src/exporter/transports/write-ways.js';

const MEGABYTE = 1 << 20;

/** The ways chosen for some runs of 8 MiB, each of which takes what its way takes at that moment. */
function choices(runs: number, takes: (way: string, run: number) => number): string {
  const ways = new WriteWays();
  return Array.from({ length: runs }, (_, run) => {
    const way = ways.choose();
    ways.took(way, 8 * MEGABYTE, takes(way, run));
    return way[0];
  }).join('');
}

test('each way is tried once, then the faster one is taken, and the other looked at now and then', () => {
  assert.equal(
    choices(26, (way) => (way === 'direct' ? 5 : 20)),
    `${'cddddddddddd'.repeat(2)}cd`,
  );
  assert.equal(
    choices(26, (way) => (way === 'direct' ? 20 : 5)),
    'cdccccccccccdcccccccccccdc',
  );
});

test('a way that becomes the faster one is taken soon', () => {
  const changing = choices(40, (way, run) => ((way === 'direct') === run < 10 ? 5 : 20));
  assert.equal(changing, 'cdddddddddddccccccccccccdcccccccccccdccc');
});

test('of two that are as fast, the one that takes less of the processor is taken', () => {
  assert.equal(
    choices(5, () => 10),
    'cdddd',
  );
  assert.equal(
    choices(5, (way) => (way === 'direct' ? 12 : 10)),
    'cdddd',
  );
});

test('small runs are not judged', () => {
  const ways = new WriteWays();
  for (let i = 0; i < 20; i++) {
    assert.equal(ways.choose(), 'cached');
    ways.took('cached', MEGABYTE, 1);
  }
});
