import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findProgram, whyNotExecuted } from '../../src/recorder/program.js';

const folder = mkdtempSync(join(tmpdir(), 'sfprocessor-test-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer, mode = 0o755): string {
  writeFileSync(join(folder, name), content, { mode });
  return join(folder, name);
}

/** What a program is found to be: `found`, `not-found`, or why it cannot be executed. */
function found(program: string, path = ''): string {
  const result = findProgram(program, path, folder);
  return result.kind === 'not-executable' ? result.reason : result.kind;
}

test('programs are found as a shell finds them', () => {
  mkdirSync(join(folder, 'bin/adir'), { recursive: true });
  mkdirSync(join(folder, 'first'), { recursive: true });
  const yes = file('bin/yes', '#!/bin/sh\n');
  file('bin/no', 'text', 0o644);
  file('first/yes', 'text', 0o644);
  const path = `/nowhere:${join(folder, 'first')}:bin`;
  assert.deepEqual(findProgram('yes', path, folder), { kind: 'found', path: yes });
  assert.deepEqual(findProgram('bin/yes', '', folder), { kind: 'found', path: yes });
  assert.deepEqual(findProgram(yes, '', '/'), { kind: 'found', path: yes });
  assert.equal(found('no', path), 'no permission to execute it');
  assert.equal(found('bin/adir'), 'it is a folder');
  assert.equal(found('/dev/null'), 'it is not a regular file');
  assert.equal(found('absent', path), 'not-found');
  assert.equal(found('./absent', path), 'not-found');
  assert.equal(found('', path), 'not-found');
});

test('a script whose interpreter is missing or cannot be executed is not a missing command', () => {
  file('lost', '#! /no/such -x\n');
  file('windows', '#!/bin/sh\r\necho\r\n');
  file('folder', `#!${folder}\n`);
  file('nested', '#!lost\n');
  file('loop', '#!./loop\n');
  assert.equal(found('./lost'), "'/no/such' in its #! line does not exist");
  assert.equal(found('./windows'), "'/bin/sh\r' in its #! line does not exist");
  assert.equal(found('./folder'), `'${folder}' in its #! line cannot be executed: it is a folder`);
  assert.equal(found('./nested'), "'/no/such' in its #! line does not exist");
  assert.equal(found('./loop'), 'found');
});

test('the reason why the kernel refused a program is reported', () => {
  assert.equal(whyNotExecuted(file('plain', 'echo hi\n'), 'ENOEXEC'), 'no #! line');
  assert.equal(whyNotExecuted(file('blank', '#! \n'), 'ENOEXEC'), 'missing program in its #! line');
  assert.equal(whyNotExecuted(file('empty', ''), 'ENOEXEC'), 'it is empty');
  assert.equal(whyNotExecuted(file('data', 'MZ\0\0'), 'ENOEXEC'), 'it is not a program for this machine');
  const elf = Buffer.from(readFileSync('/proc/self/exe').subarray(0, 64));
  assert.equal(whyNotExecuted(file('cut', elf), 'ENOEXEC'), 'it is not a program for this machine');
  elf[5] = 1;
  elf.writeUInt16LE(8, 18);
  assert.equal(whyNotExecuted(file('mips', elf), 'ENOEXEC'), 'it is a program for mips');
  elf[5] = 2;
  elf.writeUInt16BE(999, 18);
  assert.match(whyNotExecuted(file('odd', elf), 'ENOEXEC'), /another architecture \(ELF machine 999\)/);
  assert.equal(whyNotExecuted('/any', 'ENOENT'), 'the required loader does not exist');
  assert.equal(whyNotExecuted('/any', 'EACCES'), 'no permission to execute it');
  assert.equal(whyNotExecuted('/any', 'ETXTBSY'), 'the file is open for writing');
  assert.equal(whyNotExecuted('/any', 'E2BIG'), 'the arguments and the environment are too long');
  assert.equal(whyNotExecuted('/any', 'ENOMEM'), 'ENOMEM');
});
