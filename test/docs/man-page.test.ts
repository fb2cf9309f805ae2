import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.js';
import { FLAGS } from '../../src/cli/flags.js';
import { projectRoot, projectText } from '../house/support/project.js';

const path = join(projectRoot, 'resources/man/sfprocessor.1');
const mandoc = (...args: string[]) => spawnSync('mandoc', [...args, path], { encoding: 'utf8' });
const skip = mandoc().error === undefined ? false : 'mandoc is not installed';

test('the manual page is one that the package installs', () => {
  const { man } = JSON.parse(projectText('package.json')) as { man: unknown };
  // npm passes over a path that is not in a list.
  assert.deepEqual(man, ['resources/man/sfprocessor.1']);
});

test('the manual page is well-formed', { skip }, () => {
  const { stdout, stderr } = mandoc('-Tlint');
  // A date would be that of the last change of some table, which nobody knows here.
  const found = (stdout + stderr).split('\n').filter((line) => line !== '' && !line.includes('missing date'));
  assert.deepEqual(found, []);
});

test('the manual page has every flag, command and option', { skip }, async () => {
  const text = mandoc('-Tutf8').stdout.replaceAll(/.\u0008/g, '');
  for (const { name } of FLAGS) assert.match(text, new RegExp(`^ +-${name}\\b`, 'm'));
  for (const load of COMMANDS.values()) {
    const { name, options } = await load();
    const [, section = ''] = text.split(new RegExp(`^ +sfprocessor ${name}\\b`, 'm'));
    for (const option of Object.keys(options)) assert.match(section, new RegExp(`^ +(-\\w, )?--${option}\\b`, 'm'));
  }
});
