import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { alertCommand } from '../../../src/cli/commands/alert.js';
import { printCommand } from '../../../src/cli/commands/print.js';
import { projectRoot } from '../../house/support/project.js';
import { RecordingIo } from '../support/io.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sfprocessor-test-')));
after(() => rmSync(folder, { recursive: true }));

/** Whether this machine lets strace trace; a plain word where it does not. */
function whyNot(): string | false {
  const strace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']);
  if (strace.error !== undefined) return 'strace is not installed';
  return strace.status === 0 ? false : 'strace may not trace here';
}
const skip = whyNot();

const PROGRAM = join(projectRoot, 'bin/sfprocessor.js');

/** Starts `sfprocessor record` as a process of its own, since the command it records gets that process's outputs. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return spawn(process.execPath, [PROGRAM, 'record', ...args], { cwd: folder, env });
}

async function run(args: readonly string[], env?: NodeJS.ProcessEnv) {
  const child = start(args, env);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}

async function printed(path: string, ...args: string[]): Promise<string[]> {
  const io = new RecordingIo();
  assert.equal(await printCommand.run([...args, join(folder, path)], io), 0);
  assert.equal(io.stderr, '');
  return io.lines.map((line) => line.replace(/^\S+ /, '').replace(/\(\d+(\/\d+)?\)/, ''));
}

test('a command: its output, its exit status, what it did', { skip }, async () => {
  const script = 'echo hello > a.txt; ln -s a.txt l; cat l; mv a.txt b.txt; rm b.txt l; mkdir d; rmdir d; exit 7';
  const { status, stdout, stderr } = await run(['-o', 'files.sf', '--exporter', 'demo', '--', 'sh', '-c', script]);
  assert.equal(status, 7);
  assert.equal(stdout, 'hello\n');
  assert.match(stderr, /^files\.sf: \d+ records \(\d+ processes, \d+ files, \d+ PE, \d+ FE, \d+ FF\)\n$/);
  const events = await printed('files.sf', '--type', 'FE');
  assert.deepEqual(
    events.map((line) => line.replace(/^FE \w+ \S+ +/, '').replaceAll(`${folder}/`, '')),
    ['SYMLINK a.txt -> l', 'RENAME a.txt -> b.txt', 'UNLINK b.txt', 'UNLINK l', 'MKDIR d', 'RMDIR d'],
  );
  const flows = (await printed('files.sf', '--type', 'FF')).map((line) => line.replace(/ \+\S+s$/, ''));
  assert.ok(flows.some((line) => /^FF sh \S+ +OPEN,\S*CLOSE 3 .*\/a\.txt \{WRONLY,CREAT,TRUNC\}$/.test(line)));
  assert.ok(flows.some((line) => /^FF sh \S+ +.*WRITE\S* 1 .*\/a\.txt written 6 B in 1$/.test(line)));
  assert.ok(
    flows.some((line) => /^FF cat \S+ +OPEN,CLOSE,\S*READ\S* 3 .*\/a\.txt \{RDONLY\} read 6 B in \d/.test(line)),
  );
  const executed = (await printed('files.sf', '--type', 'PE')).filter((line) => line.includes(' EXEC /'));
  assert.deepEqual(
    executed.map((line) => line.replace(/^PE (\w+) \S+ +EXEC \S*\//, '')),
    [`sh -c ${script}`, 'ln -s a.txt l', 'cat l', 'mv a.txt b.txt', 'rm b.txt l', 'mkdir d', 'rmdir d'],
  );
  const [header] = await printed('files.sf', '--type', 'header');
  assert.match(header!, /version 5 exporter demo address NA file files\.sf/);
});

test('the trace holds no environment, and ancestors only where they are wanted', { skip }, async () => {
  const env = { ...process.env, SECRET_OF_THIS_TEST: 'do-not-record-me' };
  await run(['-q', '-o', 'with.sf', 'sh', '-c', 'env >/dev/null'], env);
  await run(['-q', '-o', 'without.sf', '--no-ancestors', 'sh', '-c', 'env >/dev/null'], env);
  const processes = async (path: string) => printed(path, '--type', 'process');
  const [first] = await processes('without.sf');
  assert.match(first!, /^Process CREATED \d+ \S+ no parent .*\/sh -c env >\/dev\/null in /);
  assert.ok((await processes('with.sf')).some((line) => line.includes(`REUP ${process.pid} `)));
  const io = new RecordingIo();
  await printCommand.run(['--json', join(folder, 'with.sf')], io);
  assert.ok(!io.stdout.includes('do-not-record-me'));
  assert.ok(io.stdout.includes('"env":[]'));
});

test('one process is told in the singular', { skip }, async () => {
  const { stderr } = await run(['-o', 'one.sf', '--no-ancestors', 'true']);
  assert.match(stderr, /^one\.sf: \d+ records \(1 process, /);
});

test('network flows of both ends', { skip }, async () => {
  const server = createServer((socket) => socket.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = `require('node:net').connect(${port}, '127.0.0.1').on('data', () => {})`;
  const { status } = await run(['-q', '-o', 'net.sf', process.execPath, '-e', client]);
  server.close();
  assert.equal(status, 0);
  const flows = await printed('net.sf', '--type', 'NF');
  assert.equal(flows.length, 1);
  assert.match(
    flows[0]!,
    new RegExp(`CONNECT,.*CLOSE.*RECV.* tcp 127\\.0\\.0\\.1:[1-9]\\d* -> 127\\.0\\.0\\.1:${port} received 5 B in \\d`),
  );
});

test("/proc/self is the command's, also in paths relative to it", { skip }, async () => {
  const script = 'echo $$; cd /proc/self; rmdir nope /proc/self/cwd/nope; kill -0 $$';
  const { stdout } = await run(['-q', '-o', 'self.sf', '--no-ancestors', 'sh', '-c', script]);
  const shell = Number(stdout);
  const events = await printed('self.sf', '--type', 'FE');
  assert.equal(events.length, 2);
  for (const line of events) assert.match(line, new RegExp(`RMDIR /proc/${shell}/nope failed: ENOENT`));
});

test('without the kernel filter the same is recorded', { skip }, async () => {
  const { status } = await run(['-q', '--no-seccomp', '-o', 'slow.sf', 'sh', '-c', 'mkdir e; rmdir e']);
  assert.equal(status, 0);
  assert.equal((await printed('slow.sf', '--type', 'FE')).length, 2);
});

test('a command that a signal ends gives 128 and its number', { skip }, async () => {
  assert.equal((await run(['-q', '-o', 'killed.sf', 'sh', '-c', 'kill -KILL $$'])).status, 137);
  assert.ok((await printed('killed.sf', '--type', 'PE')).at(-1)?.endsWith('EXIT signal 9'));
});

test('a signal is passed on, and the second one ends everything; the trace is whole', {
  skip,
  timeout: 20_000,
}, async () => {
  const child = start(['-q', '-o', 'stopped.sf', 'sh', '-c', 'trap "" TERM; echo ready; sleep 60; sleep 60']);
  await once(child.stdout!, 'data');
  child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 100));
  child.kill('SIGTERM');
  const [status] = (await once(child, 'close')) as [number | null];
  assert.equal(status, 137);
  assert.ok((await printed('stopped.sf', '--type', 'PE')).some((line) => line.endsWith('EXIT signal 9')));
});

test('commands that are not there, or no commands', { skip }, async () => {
  writeFileSync(join(folder, 'text'), 'hello');
  assert.equal((await run(['-o', 'no.sf', 'no-such-command'])).status, 127);
  assert.equal((await run(['-o', 'no.sf', './text'])).status, 126);
  assert.ok(!existsSync(join(folder, 'no.sf')));
});

test('a command that becomes root by setuid raises the alert for it', {
  skip: skip || (process.getuid?.() === 0 ? false : 'only root may change users'),
}, async () => {
  const script = 'process.seteuid(33); process.setuid(0)';
  assert.equal((await run(['-q', '-o', 'setuid.sf', process.execPath, '-e', script])).status, 0);
  const events = await printed('setuid.sf', '--type', 'PE');
  assert.ok(events.some((line) => /^PE node root +SETUID \[root\]$/.test(line)));
  const io = new RecordingIo();
  const policies = join(projectRoot, 'resources/policies');
  assert.equal(await alertCommand.run(['--quiet', '-p', policies, join(folder, 'setuid.sf')], io), 0);
  assert.equal(io.lines.filter((line) => line.includes('Became root by other means')).length, 1, io.stdout);
});

test('a script without a #! line was told as a missing permission to trace', { skip }, async () => {
  writeFileSync(join(folder, 'plain.sh'), 'echo hi\n', { mode: 0o755 });
  const { status, stdout, stderr } = await run(['-o', 'no.sf', './plain.sh']);
  assert.equal(status, 126);
  assert.equal(stdout, '');
  assert.match(stderr, /^sfprocessor record: '\.\/plain\.sh' cannot be executed: no #! line$/m);
  assert.ok(!existsSync(join(folder, 'no.sf')));
});

test('what is certain not to run leaves an older trace alone, and says why', { skip }, async () => {
  writeFileSync(join(folder, 'old.sf'), 'kept');
  writeFileSync(join(folder, 'lost.sh'), '#!/no/such\n', { mode: 0o755 });
  writeFileSync(join(folder, 'locked.sh'), '#!/bin/sh\n', { mode: 0o644 });
  const reasons: Readonly<Record<string, string>> = {
    './lost.sh': "'/no/such' in its #! line does not exist",
    './locked.sh': 'no permission to execute it',
    [folder]: 'it is a folder',
  };
  for (const [program, reason] of Object.entries(reasons)) {
    const { status, stderr } = await run(['-o', 'old.sf', program]);
    assert.equal(status, 126);
    assert.equal(stderr, `sfprocessor record: '${program}' cannot be executed: ${reason}\n`);
  }
  assert.equal(readFileSync(join(folder, 'old.sf'), 'utf8'), 'kept');
});

test('a device or link given as the trace was removed where the command did not run', { skip }, async () => {
  writeFileSync(join(folder, 'empty.sh'), '', { mode: 0o755 });
  symlinkSync('/dev/null', join(folder, 'null.sf'));
  const { status, stderr } = await run(['-o', 'null.sf', './empty.sh']);
  assert.equal(status, 126);
  assert.match(stderr, /'\.\/empty\.sh' cannot be executed: it is empty/);
  assert.equal(readlinkSync(join(folder, 'null.sf')), '/dev/null');
});

test('a file that cannot be written', { skip }, async () => {
  const { status, stderr } = await run(['-o', 'absent/x.sf', 'true']);
  assert.equal(status, 125);
  assert.match(stderr, /absent\/x\.sf cannot be written: ENOENT/);
});

test('a machine without strace, and one where it may not trace', async () => {
  const bin = mkdtempSync(join(folder, 'bin-'));
  const without = await run(['-o', 'none.sf', '/bin/sh', '-c', 'true'], { PATH: bin });
  assert.equal(without.status, 125);
  assert.match(without.stderr, /strace is not installed; the package is called 'strace'/);
  const refusing =
    '#!/bin/sh\n[ "$1" = -V ] && { echo "strace -- version 6.1"; exit; }\necho "strace: ptrace: not permitted" >&2\nexit 1\n';
  writeFileSync(join(bin, 'strace'), refusing);
  chmodSync(join(bin, 'strace'), 0o755);
  const forbidden = await run(['-o', 'none.sf', '/bin/sh', '-c', 'true'], { PATH: `${bin}:/usr/bin:/bin` });
  assert.equal(forbidden.status, 125);
  assert.match(forbidden.stderr, /ptrace: not permitted\n.*SYS_PTRACE/s);
  assert.ok(!existsSync(join(folder, 'none.sf')));
});

test('a temporary folder that cannot be used', { skip }, async () => {
  const { status, stderr } = await run(['-o', 'pipe.sf', 'true'], { ...process.env, TMPDIR: join(folder, 'absent') });
  assert.equal(status, 125);
  assert.match(stderr, /no pipe to strace: ENOENT/);
  assert.ok(!existsSync(join(folder, 'pipe.sf')));
});

test('wrong usage', async () => {
  for (const args of [[], ['--'], ['--outptu', 'x', 'ls'], ['-o']]) {
    const { status, stderr } = await run(args);
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, /usage: sfprocessor record/);
  }
});
