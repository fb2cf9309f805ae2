import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { errorNumber, signalNumber } from '../../src/recorder/errno.js';
import { parseIdentities } from '../../src/recorder/identities.js';
import { ancestry, procFiles, readLink } from '../../src/recorder/proc-files.js';
import { exitStatus } from '../../src/recorder/record.js';
import { parseStraceVersion, straceArguments } from '../../src/recorder/strace/command.js';
import { encodeUtf8 } from '../../src/sysflow/utf8.js';

const folder = mkdtempSync(join(tmpdir(), 'sfprocessor-test-'));
after(() => rmSync(folder, { recursive: true }));

test('users and groups by number; the first name counts, broken lines do not', () => {
  const names = parseIdentities(
    'root:x:0:0::/:/bin/sh\n# comment\ntoor:x:0:0\nbad:x:-1:\n\nana:x:1000:',
    'wheel:x:10:',
  );
  assert.equal(names.userName(0), 'root');
  assert.equal(names.userName(1000), 'ana');
  assert.equal(names.userName(7), '');
  assert.equal(names.groupName(10), 'wheel');
});

test('a process from /proc, with a name that tries to look like more fields', () => {
  const proc = join(folder, 'proc');
  const write = (pid: number, stat: string, status: string, cmdline: string) => {
    mkdirSync(join(proc, String(pid), 'fd'), { recursive: true });
    writeFileSync(join(proc, String(pid), 'stat'), stat);
    writeFileSync(join(proc, String(pid), 'status'), status);
    writeFileSync(join(proc, String(pid), 'cmdline'), cmdline);
  };
  mkdirSync(proc);
  writeFileSync(join(proc, 'stat'), 'cpu 1 2\nbtime 1700000000\n');
  write(
    7,
    '7 (a) S 9 (b) S 1 7 7 34816 7 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0',
    'Uid:\t1\t1000\t2\t3\nGid:\t4\t100\t5\t6\n',
    'prog\0-x\0two words\0',
  );
  write(1, '1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0', 'Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n', '');
  symlinkSync('/usr/bin/prog', join(proc, '7', 'exe'));
  symlinkSync('/srv', join(proc, '7', 'cwd'));
  symlinkSync('pipe:[9]', join(proc, '7', 'fd', '0'));
  const files = procFiles(proc);
  const [first, second, ...rest] = ancestry(files, 7);
  assert.deepEqual(first, {
    pid: 7,
    parentPid: 1,
    createTs: 1700000042420000000n,
    exe: '/usr/bin/prog',
    args: ['-x', 'two words'],
    uid: 1000,
    gid: 100,
    tty: true,
    root: '/',
    cwd: '/srv',
  });
  assert.equal(second?.exe, 'init');
  assert.equal(second?.tty, false);
  assert.deepEqual(rest, []);
  assert.equal(files.descriptor(7, 0), 'pipe:[9]');
  assert.equal(files.descriptor(7, 1), null);
  assert.equal(files.process(8), null);
});

test('links whose names are not UTF-8 were not read', () => {
  const name = join(folder, 'caf\udce9');
  symlinkSync(Buffer.from('t\xe9', 'latin1'), encodeUtf8(name));
  assert.equal(readLink(name), 't\udce9');
  assert.equal(readLink(folder), null);
  assert.equal(readLink('a\0b'), null);
});

test('how a command ended, as a shell reports it', () => {
  assert.equal(exitStatus(0), 0);
  assert.equal(exitStatus(42), 42);
  assert.equal(exitStatus('SIGTERM'), 143);
  assert.equal(exitStatus('SIGKILL'), 137);
});

test('errors and signals by name', () => {
  assert.equal(errorNumber('ENOENT'), 2);
  assert.equal(errorNumber('ENOSUCHTHING'), 1);
  assert.equal(signalNumber('SIGSEGV'), 11);
  assert.equal(signalNumber('SIGRT_3'), 35);
  assert.equal(signalNumber('SIGWHAT'), 0);
});

test('strace is called with what its version has, and never shows the environment', () => {
  const options = { output: '/tmp/p', calls: ['read', 'open'], rawCalls: ['read'], command: ['ls', '-l'] };
  const version = parseStraceVersion('strace -- version 6.1\nCopyright');
  assert.deepEqual(version, { major: 6, minor: 1 });
  const modern = straceArguments({ ...options, version: version!, seccomp: true });
  assert.ok(modern.includes('--seccomp-bpf') && modern.includes('--syscall-times=ns'));
  assert.deepEqual(modern.slice(-5), ['-o', '/tmp/p', '--', 'ls', '-l']);
  assert.ok(modern.includes('trace=?read,?open') && modern.includes('raw=?read'));
  assert.ok(!straceArguments({ ...options, version: version!, seccomp: false }).includes('--seccomp-bpf'));
  const old = straceArguments({ ...options, version: { major: 5, minor: 5 }, seccomp: true });
  assert.ok(old.includes('-ttt') && old.includes('--seccomp-bpf') && !old.includes('--syscall-times=ns'));
  assert.ok(
    !straceArguments({ ...options, version: { major: 4, minor: 26 }, seccomp: true }).includes('--seccomp-bpf'),
  );
  for (const args of [modern, old]) assert.ok(!args.includes('-v'));
  assert.equal(parseStraceVersion('bash: strace: not found'), null);
});
