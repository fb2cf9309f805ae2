import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessFacts } from '../../src/recorder/proc-files.js';
import { NO_PROC, SHELL, show, showOnly, track } from './support/track.js';

const INIT: ProcessFacts = {
  ...SHELL,
  pid: 1,
  parentPid: 0,
  createTs: 1n,
  exe: '/sbin/init',
  args: [],
  uid: 0,
  gid: 0,
  tty: false,
};
const EXEC = '100 10.0 execve("/usr/bin/sh", ["sh", "-c", "ls /"], 0x7ffe /* 3 vars */) = 0 <0.000000100>';

test('the command starts with an exec, below its ancestors', () => {
  const { records, tracker } = track(`${EXEC}\n100 11.0 +++ exited with 3 +++`, { ancestors: [SHELL, INIT] });
  assert.deepEqual(show(records), [
    'P reup 1 < none /sbin/init [] 0/root/0',
    'P reup 50 < 1 /usr/bin/bash [-l] 1000/ana/1000 tty',
    'P created 100 < 50 /usr/bin/sh [-c ls /] 1000/ana/1000 tty',
    'PE 100/100 EXEC 0 []',
    'PE 100/100 EXIT 768 []',
  ]);
  const [init, , command, exec] = records;
  assert.ok(init?.kind === 'process' && command?.kind === 'process' && exec?.kind === 'processEvent');
  assert.equal(init.entry, true);
  assert.equal(command.oid.createTs, 10_000_000_000n);
  assert.equal(command.cwd, '/home/ana');
  assert.deepEqual(command.env, []);
  assert.equal(exec.ts, 10_000_000_100n);
  assert.equal(tracker.rootEnd, 3);
});

test('a fork: the child is announced before its first event, and modified by its exec', () => {
  const { records } = track(`${EXEC}
    100 11.0 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 101 <0.0001>
    101 12.0 execve("./tool", ["tool"], 0x7ffe /* 3 vars */) = 0 <0.1>
    101 13.0 +++ exited with 0 +++`);
  assert.deepEqual(show(records).slice(2), [
    'P created 101 < 100 /usr/bin/sh [-c ls /] 1000/ana/1000 tty',
    'PE 101/101 CLONE 0 []',
    'PE 100/100 CLONE 101 []',
    'P modified 101 < 100 /home/ana/tool [] 1000/ana/1000 tty',
    'PE 101/101 EXEC 0 []',
    'PE 101/101 EXIT 0 []',
  ]);
});

test('a child that shows up before vfork returns has the one parent that can be', () => {
  const { records, tracker } = track(`${EXEC}
    100 11.0 vfork( <unfinished ...>
    101 11.1 execve("/bin/ls", ["ls", "/"], 0x7ffe /* 3 vars */ <unfinished ...>
    100 11.2 <... vfork resumed>) = 101 <0.2>
    101 11.3 <... execve resumed>) = 0 <0.2>`);
  assert.deepEqual(show(records).slice(2), [
    'P created 101 < 100 /usr/bin/sh [-c ls /] 1000/ana/1000 tty',
    'PE 101/101 CLONE 0 []',
    'PE 100/100 CLONE 101 []',
    'P modified 101 < 100 /bin/ls [/] 1000/ana/1000 tty',
    'PE 101/101 EXEC 0 []',
  ]);
  assert.equal(tracker.notes.orphans, 0);
});

test('when two threads may be the parent, the lines of the child wait until it is clear', () => {
  const { records, tracker } = track(`${EXEC}
    100 11.0 clone(child_stack=NULL, flags=SIGCHLD) = 101
    100 12.0 vfork( <unfinished ...>
    101 12.1 vfork( <unfinished ...>
    102 12.2 execve("/bin/b", ["b"], 0x7ffe /* 3 vars */) = 0
    103 12.3 execve("/bin/a", ["a"], 0x7ffe /* 3 vars */) = 0
    100 12.4 <... vfork resumed>) = 103 <0.2>
    101 12.5 <... vfork resumed>) = 102 <0.2>`);
  assert.deepEqual(
    showOnly(records, 'process')
      .filter((line) => line.startsWith('P created'))
      .slice(2),
    [
      'P created 103 < 100 /usr/bin/sh [-c ls /] 1000/ana/1000 tty',
      'P created 102 < 101 /usr/bin/sh [-c ls /] 1000/ana/1000 tty',
    ],
  );
  assert.equal(tracker.notes.orphans, 0);
  assert.equal(records.filter((record) => record.kind === 'processEvent' && record.opFlags === 2).length, 3);
});

test('threads belong to their process and end without it', () => {
  const { records } = track(`${EXEC}
    100 11.0 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, exit_signal=0} => {parent_tid=[105]}, 88) = 105
    105 11.1 +++ exited with 0 +++
    100 11.2 +++ killed by SIGKILL +++`);
  assert.deepEqual(show(records).slice(2), [
    'PE 100/105 CLONE 0 []',
    'PE 100/100 CLONE 105 []',
    'PE 100/105 EXIT 0 []',
    'PE 100/100 EXIT 9 []',
  ]);
});

test('a thread that executes a program goes on as the main thread', () => {
  const { records, tracker } = track(`${EXEC}
    100 11.0 clone3({flags=CLONE_VM|CLONE_THREAD|CLONE_FILES, exit_signal=0}, 88) = 105
    105 11.1 execve("/bin/true", ["true"], 0x7ffe /* 3 vars */ <unfinished ...>
    100 11.2 +++ superseded by execve in pid 105 +++
    100 11.3 <... execve resumed>) = 0
    100 11.4 +++ exited with 0 +++`);
  assert.deepEqual(show(records).slice(4), [
    'P modified 100 < none /bin/true [] 1000/ana/1000 tty',
    'PE 100/100 EXEC 0 []',
    'PE 100/100 EXIT 0 []',
  ]);
  assert.deepEqual(tracker.alive, []);
});

test('a thread that executes a program while no other one makes calls was lost', () => {
  const { records, tracker } = track(`${EXEC}
    100 11.0 clone3({flags=CLONE_VM|CLONE_THREAD|CLONE_FILES, exit_signal=0}, 88) = 105
    105 11.1 execve("/bin/true", ["true"], 0x7ffe /* 3 vars */ <pid changed to 100 ...>
    100 11.2 +++ superseded by execve in pid 105 +++
    100 11.3 <... execve resumed>) = -1 (errno 18446744073709551359) <0.000889029>`);
  assert.deepEqual(show(records).slice(4), [
    'P modified 100 < none /bin/true [] 1000/ana/1000 tty',
    'PE 100/100 EXEC 0 []',
  ]);
  assert.equal(tracker.notes.damagedLines, 0);
});

test('a failed exec or clone changes nothing and records its error', () => {
  const { records } = track(`${EXEC}
    100 11.0 execve("/bin/none", ["none"], 0x7ffe /* 3 vars */) = -1 ENOENT (No such file or directory)
    100 11.1 fork() = -1 EAGAIN (Resource temporarily unavailable)`);
  assert.deepEqual(show(records).slice(2), ['PE 100/100 EXEC -2 []', 'PE 100/100 CLONE -11 []']);
});

test('users, groups, terminal and working directory change with their calls', () => {
  const { records } = track(`${EXEC}
    100 11.0 setgid(33) = 0
    100 11.1 setresuid(33, 33, -1) = 0
    100 11.2 setuid(0) = -1 EPERM (Operation not permitted)
    100 11.3 setsid() = 100
    100 11.4 chdir("../bo") = 0
    100 11.5 execve("bin/x", ["x"], 0x7ffe /* 3 vars */) = 0`);
  assert.deepEqual(show(records).slice(2), [
    'P modified 100 < none /usr/bin/sh [-c ls /] 33/www/33 tty',
    'PE 100/100 SETUID 0 []',
    'PE 100/100 SETUID -1 [root]',
    'P modified 100 < none /home/bo/bin/x [] 33/www/33',
    'PE 100/100 EXEC 0 []',
  ]);
  assert.ok(records.at(-2)?.kind === 'process' && records.at(-2)?.kind === 'process');
});

test('setuid is recorded with the name of the user, behind the process with its new user', () => {
  const { records } = track(`${EXEC}
    100 11.0 setuid(33) = 0
    100 11.1 setuid(0) = 0
    100 11.2 setuid(4711) = 0
    100 11.3 setuid(-1) = -1 EINVAL (Invalid argument)`);
  assert.deepEqual(show(records).slice(2), [
    'P modified 100 < none /usr/bin/sh [-c ls /] 33/www/1000 tty',
    'PE 100/100 SETUID 0 [www]',
    'P modified 100 < none /usr/bin/sh [-c ls /] 0/root/1000 tty',
    'PE 100/100 SETUID 0 [root]',
    'P modified 100 < none /usr/bin/sh [-c ls /] 4711//1000 tty',
    'PE 100/100 SETUID 0 [<NA>]',
    'PE 100/100 SETUID -22 [<NONE>]',
  ]);
});

test('setresuid and setreuid take over the effective user and have an empty argument, as from the collector', () => {
  const { records } = track(`${EXEC}
    100 11.0 setresuid(-1, 33, -1) = 0
    100 11.1 setreuid(33, 0) = 0
    100 11.2 setresuid(0, -1, 0) = 0`);
  assert.deepEqual(show(records).slice(2), [
    'P modified 100 < none /usr/bin/sh [-c ls /] 33/www/1000 tty',
    'PE 100/100 SETUID 0 []',
    'P modified 100 < none /usr/bin/sh [-c ls /] 0/root/1000 tty',
    'PE 100/100 SETUID 0 []',
    'PE 100/100 SETUID 0 []',
  ]);
  const args = records.flatMap((record) =>
    record.kind === 'processEvent' && record.opFlags === 8 ? [record.args] : [],
  );
  assert.deepEqual(args, [[''], [''], ['']]);
});

test('a program that is run through a descriptor, or that runs itself', () => {
  const { records } = track(`${EXEC}
    100 11.0 memfd_create("payload", MFD_CLOEXEC) = 4</memfd:payload>(deleted)
    100 11.1 execve("/proc/self/fd/4", ["[kworker]"], 0x7ffe /* 3 vars */) = 0
    100 11.2 execve("/proc/self/exe", ["again"], 0x7ffe /* 3 vars */) = 0
    100 11.3 execveat(5</opt/tool>, "", ["tool"], 0x7ffe /* 3 vars */, AT_EMPTY_PATH) = 0`);
  const executed = showOnly(records, 'process')
    .slice(1)
    .map((line) => line.split(' ')[5]);
  assert.deepEqual(executed, ['/memfd:payload', '/memfd:payload', '/opt/tool']);
});

test('arguments that strace cut end in an ellipsis', () => {
  const { records } = track('100 1.0 execve("/bin/x", ["x", "aaa"..., "b", ...], 0x7ffe /* 3 vars */) = 0');
  assert.ok(records[0]?.kind === 'process');
  assert.equal(records[0].args, 'aaa... b ...');
});

test('a process that nothing made is counted, and /proc is asked for it', () => {
  const proc = {
    ...NO_PROC,
    process: (pid: number) => (pid === 900 ? { ...INIT, pid, parentPid: 100, exe: '/bin/odd' } : null),
  };
  const { records, tracker } = track(`${EXEC}\n900 11.0 unlink("/tmp/x") = 0`, { proc });
  assert.equal(tracker.notes.orphans, 1);
  assert.equal(showOnly(records, 'process').at(-1), 'P reup 900 < 100 /bin/odd [] 0/root/0');
});

test('a child in another pid namespace is known by its outer id', () => {
  const { records, tracker } = track(`${EXEC}
    100 11.0 vfork() = 2 /* 20948 in strace's PID NS */ <0.1>
    20948 11.5 +++ exited with 0 +++`);
  assert.equal(tracker.notes.orphans, 0);
  assert.ok(show(records).includes('PE 20948/20948 EXIT 0 []'));
});

test('lines that are damaged are counted and passed over', () => {
  const { records, tracker } = track(
    `${EXEC}\n100 11.0 open("/etc\n100 11.1 <... read resumed>) = 1\n100 11.2 +++ exited with 0 +++`,
  );
  assert.equal(tracker.notes.damagedLines, 2);
  assert.equal(show(records).at(-1), 'PE 100/100 EXIT 0 []');
});

test('a command that was never executed has not ended either', () => {
  assert.equal(track('100 1.0 +++ exited with 1 +++').tracker.rootEnd, null);
});

test("a pid that is used again within the clock's exactness is another process", () => {
  const { records } = track(`${EXEC}
    100 11.0 fork() = 101
    101 11.0 +++ exited with 0 +++
    100 11.0 fork() = 101`);
  const ids = records.flatMap((record) =>
    record.kind === 'process' ? [`${record.oid.pid} ${record.oid.createTs}`] : [],
  );
  assert.deepEqual(ids.slice(1), ['101 11000000000', '101 11000000001']);
});
