import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable, printableLines } from '../../src/diagnostics/format.js';

/** What no terminal may get, with how it is shown. */
const UNSAFE: readonly (readonly [text: string, shown: string])[] = [
  ['\n', '\\u000a'],
  ['\r', '\\u000d'],
  ['\x1b[2J', '\\u001b[2J'],
  ['\x7f', '\\u007f'],
  ['\x9b1m', '\\u009b1m'],
  ['\u202a\u202e', '\\u202a\\u202e'],
  ['\u2066\u2069', '\\u2066\\u2069'],
  ['\u2028\u2029', '\\u2028\\u2029'],
  ['\ud83d', '\\ud83d'],
  ['\udc00', '\\udc00'],
  // How a byte of a file name that is not UTF-8 is kept.
  ['\udc80', '\\x80'],
];

test('controls, marks of direction, line separators and lone surrogates are escaped', () => {
  for (const [text, shown] of UNSAFE) assert.equal(printable(`a${text}b`), `a${shown}b`);
  assert.equal(printable('Grüße, 世界 😀'), 'Grüße, 世界 😀');
});

test('of several lines the ends stay, and with colours those of the program; nothing else', () => {
  for (const [text, shown] of UNSAFE) {
    if (text !== '\n') assert.equal(printableLines(`a${text}\nb`, true), `a${shown}\nb`);
  }
  const colored = '\x1b[1;31mHIGH\x1b[0m \x1b[2mdim\x1b[0m\n';
  assert.equal(printableLines(colored, true), colored);
  assert.equal(printableLines(colored, false), colored.replaceAll('\x1b', '\\u001b'));
  for (const hiding of ['\x1b[8m', '\x1b[7m', '\x1b[30m', '\x1b[38;5;0m', '\x1b]0;title\x07']) {
    assert.doesNotMatch(printableLines(hiding, true), /[\x1b\x07]/);
  }
});
