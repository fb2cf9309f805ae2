import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration, parseSize } from '../../src/config/quantities.js';

const DURATIONS: readonly [text: string, milliseconds: number | null][] = [
  ['30s', 30_000],
  ['15m', 900_000],
  ['24h', 86_400_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['250ms', 250],
  ['10', 600_000],
  [' 10 ', 600_000],
  ['0', 0],
  ['', null],
  ['h', null],
  ['-5m', null],
  ['5 apples', null],
  ['1e3', null],
];

for (const [text, expected] of DURATIONS) {
  test(`duration '${text}', plain numbers in minutes`, () => assert.equal(parseDuration(text, 'minutes'), expected));
}

test('a plain number can count in seconds', () => assert.equal(parseDuration('30', 'seconds'), 30_000));

const SIZES: readonly [text: string, bytes: number | null][] = [
  ['500000', 500_000],
  ['5e6', 5_000_000],
  ['64k', 65_536],
  ['64M', 67_108_864],
  ['64MB', 67_108_864],
  ['1GiB', 1_073_741_824],
  ['1.5k', 1536],
  ['0', 0],
  ['', null],
  ['M', null],
  ['-1', null],
  ['1Q', null],
  ['9e99', null],
];

for (const [text, expected] of SIZES) {
  test(`size '${text}'`, () => assert.equal(parseSize(text), expected));
}
