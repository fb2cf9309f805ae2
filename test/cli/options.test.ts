import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OptionSpec, parseCount, parseOptions } from '../../src/cli/options.js';

const SPECS: readonly OptionSpec[] = [
  { kind: 'value', name: 'output', letter: 'o' },
  { kind: 'flag', name: 'quiet', letter: 'q' },
];

const parse = (line: string, stopAtWord = false) => {
  const found = parseOptions(
    line.split(' ').filter((word) => word !== ''),
    SPECS,
    stopAtWord,
  );
  return typeof found === 'string' ? found : [Object.fromEntries(found.values), [...found.flags], found.words];
};

test('options in every form, and words between them', () => {
  const expected = [{ output: 'f' }, ['quiet'], ['a', 'b']];
  for (const line of [
    '-o f -q a b',
    '--output=f a --quiet b',
    '-output f a b -quiet',
    'a -q -o=f b',
    '-q -o f -- a b',
  ]) {
    assert.deepEqual(parse(line), expected, line);
  }
  assert.deepEqual(parse('--output= a'), [{ output: '' }, [], ['a']]);
  assert.deepEqual(parse('-'), [{}, [], ['-']]);
});

test('the command of a command keeps its own options', () => {
  assert.deepEqual(parse('-q ls -o x', true), [{}, ['quiet'], ['ls', '-o', 'x']]);
  assert.deepEqual(parse('-q -- -o x', true), [{}, ['quiet'], ['-o', 'x']]);
});

test('what is wrong', () => {
  assert.equal(parse('--outptu f'), "unknown option '--outptu'; did you mean '--output'?");
  assert.equal(parse('-z=1'), "unknown option '-z'");
  assert.equal(parse('a -o'), "option '--output' needs a value");
  assert.equal(parse('--quiet=1'), "option '--quiet' takes no value");
});

test('numbers', () => {
  assert.deepEqual(['0', '12', '', '-1', '1e3', '1.5', '9'.repeat(16)].map(parseCount), [
    0,
    12,
    null,
    null,
    null,
    null,
    null,
  ]);
});
