import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { readFuzzOptions } from '../../bench/fuzz/options.js';
import { RecordingIo } from '../cli/support/io.js';
import { projectRoot } from '../house/support/project.js';

const TABLE = {
  runs: { value: 'N', least: 1, description: 'inputs' },
  seed: { value: 'N', description: 'where it begins' },
  corpus: { value: 'FOLDER', description: 'files' },
};
const HELP =
  'npm run fuzz [-- OPTION…]\n  --runs N         inputs\n  --seed N         where it begins\n  --corpus FOLDER  files\n';

test('options with their values, and those that were not given', () => {
  const options = readFuzzOptions('fuzz', TABLE, ['--seed', '-7', '--corpus=a b'], new RecordingIo());
  assert.ok(typeof options === 'object');
  assert.deepEqual([options.number('seed', 1), options.number('runs', 9)], [-7, 9]);
  assert.deepEqual([options.word('corpus'), options.word('seed'), options.word('runs')], ['a b', '-7', null]);
});

test('help is asked for', () => {
  const io = new RecordingIo();
  assert.equal(readFuzzOptions('fuzz', TABLE, ['--help'], io), 0);
  assert.deepEqual([io.stdout, io.stderr], [HELP, '']);
});

test('what is wrong is a sentence', () => {
  const cases: readonly (readonly [args: readonly string[], sentence: string])[] = [
    [['--run', '1'], "unknown option '--run'; did you mean '--runs'?"],
    [['--runs'], "option '--runs' needs a value"],
    [['--runs', '0'], "--runs must be an integer from 1, not '0'"],
    [['--runs', 'x'], "--runs must be an integer from 1, not 'x'"],
    [['--seed', '1.5'], "--seed must be an integer, not '1.5'"],
    [['more'], "'more' is not an option"],
  ];
  for (const [args, sentence] of cases) {
    const io = new RecordingIo();
    assert.equal(readFuzzOptions('fuzz', TABLE, args, io), 2);
    assert.deepEqual([io.stdout, io.stderr], ['', `${sentence}\n${HELP}`]);
  }
});

for (const command of ['bench/fuzz/main.js', 'test/policy/languages/sysflow/fuzz/main.js']) {
  test(`${command} ended with a stack trace where it was asked for help`, () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(projectRoot, 'dist', command), ...args], { encoding: 'utf8' });
    const help = run('--help');
    assert.equal(help.status, 0);
    assert.match(help.stdout, /^npm run fuzz.*\n {2}--runs N /);
    const wrong = run('--fast');
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /^unknown option '--fast'\nnpm run fuzz/);
    assert.equal(wrong.stdout, '');
  });
}

test('a corpus that is not there is told', () => {
  const main = join(projectRoot, 'dist/test/policy/languages/sysflow/fuzz/main.js');
  const { status, stderr } = spawnSync(process.execPath, [main, '--corpus', '/nowhere'], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /^--corpus: \/nowhere cannot be read: ENOENT.*\n$/);
});
