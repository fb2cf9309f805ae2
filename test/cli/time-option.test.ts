import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTime } from '../../src/cli/time-option.js';

const NOW = 1_700_000_000_000;
const NOW_NS = 1_700_000_000_000_000_000n;

test('times in every form, exact to the nanosecond', () => {
  for (const [text, expected] of [
    ['2023-11-14T22:13:20Z', NOW_NS],
    ['2023-11-14T22:13:20.000000001Z', NOW_NS + 1n],
    ['2023-11-14t22:13:20.5z', NOW_NS + 500_000_000n],
    ['2023-11-14T23:43:20+01:30', NOW_NS],
    ['2023-11-14T17:13:20-05:00', NOW_NS],
    ['2023-11-14 22:13:20', NOW_NS],
    ['2023-11-14T22:13', NOW_NS - 20_000_000_000n],
    ['2023-11-14', NOW_NS - 80_000_000_000_000n],
    ['1969-12-31T23:59:59.999999999Z', -1n],
    ['2024-02-29', 1_709_164_800_000_000_000n],
    ['1700000000', NOW_NS],
    ['1700000000.000000001', NOW_NS + 1n],
    ['1700000000000000001', NOW_NS + 1n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['0', 0n],
    ['0s', NOW_NS],
    ['90m', NOW_NS - 5_400_000_000_000n],
    ['-1h30m', NOW_NS - 5_400_000_000_000n],
    ['7d', NOW_NS - 604_800_000_000_000n],
    ['1ns', NOW_NS - 1n],
    ['1ms', NOW_NS - 1_000_000n],
  ] as const) {
    assert.equal(parseTime(text, NOW), expected, text);
  }
});

test('what is no time, and what 64 bits do not hold', () => {
  for (const text of [
    '',
    'yesterday',
    '2023-02-30',
    '2023-13-01',
    '2023-11-14T24:01:00Z',
    '2023-11-14T22:13:61Z',
    '2023-11-14T22:13:20.0000000001Z',
    '2023-11-14T22:13:20+25:00',
    '1.5h',
    '1w',
    '-5',
    '9223372036854775808',
    '9999-01-01',
    '999999999999d',
    '2023-11-14T22:13:20Z ',
  ]) {
    assert.equal(parseTime(text, NOW), null, text);
  }
});

test('a year or a date without dashes was taken for seconds since 1970', () => {
  for (const text of ['2020', '20261124']) assert.equal(parseTime(text, NOW), null, text);
  assert.equal(parseTime('2020.5', NOW), 2_020_500_000_000n);
});
