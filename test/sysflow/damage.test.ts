import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DamageLog, lossText } from '../../src/sysflow/damage.js';

test('a count to which something unknown is added is unknown', () => {
  const log = new DamageLog();
  log.add('sync-marker', 100, 0, 16);
  log.add('sync-marker', 900, null, 50);
  log.add('sync-marker', 990, 3, 50);
  log.add('unreadable', 999, null, null, 'cannot be read: EIO');
  assert.deepEqual(
    log.items.map(({ times, records, bytes, firstOffset }) => [times, records, bytes, firstOffset]),
    [
      [3, null, 116, 100],
      [1, null, null, 999],
    ],
  );
});

test('lost records and bytes are shown, also if their number is unknown', () => {
  const lost = (records: number | null, bytes: number | null): string =>
    lossText({ kind: 'record', times: 1, records, bytes, firstOffset: 0, detail: '' });
  assert.equal(lost(1, 2000), '1 record and 2000 bytes lost');
  assert.equal(lost(null, 1), 'an unknown number of records and 1 byte lost');
  assert.equal(lost(null, null), 'an unknown number of records and bytes lost');
});
