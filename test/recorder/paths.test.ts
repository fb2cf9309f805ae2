import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readlinkSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { DescriptorTable } from '../../src/recorder/descriptors.js';
import { PathResolver } from '../../src/recorder/paths.js';
import { ProcessState, Task } from '../../src/recorder/process-state.js';
import { NO_PROC, showOnly, type TrackOptions, track } from './support/track.js';

const EXEC = '100 10.0 execve("/usr/bin/sh", ["sh"], 0x7ffe /* 3 vars */) = 0';

/** The file events of some calls of process 100 (a leading number is another thread or process), without who made them. */
function events(calls: string, links: TrackOptions['links'] = {}): string[] {
  return showOnly(run(calls, { links }), 'fileEvent').map((line) =>
    line.replace(/^FE \S+ /, '').replaceAll(/[?d]:/g, ''),
  );
}

function run(calls: string, options: TrackOptions = {}) {
  let time = 11;
  const lines = calls
    .trim()
    .split('\n')
    .map((line) => {
      const [, tid, call] = /^\s*(?:(\d+) )?(.*)$/.exec(line)!;
      return `${tid ?? 100} ${time++}.0 ${call}`;
    });
  return track([EXEC, ...lines].join('\n'), options).records;
}

test('file events after chroot had the paths of the host', () => {
  assert.deepEqual(
    events(`chroot("/tmp/jail") = 0
      mkdir("outside", 0777) = 0
      chdir("/") = 0
      rename("/etc/new", "etc/new2") = 0
      unlink("/etc/../../../etc/x") = 0
      unlink("../../y") = 0
      symlink("/etc/target", "/l") = 0
      symlink("../../../up", "/etc/m") = 0
      unlink("/l/z") = 0`),
    [
      'MKDIR /home/ana/outside = 0',
      'RENAME /tmp/jail/etc/new -> /tmp/jail/etc/new2 = 0',
      'UNLINK /tmp/jail/etc/x = 0',
      'UNLINK /tmp/jail/y = 0',
      'SYMLINK /tmp/jail/etc/target -> /tmp/jail/l = 0',
      'SYMLINK /tmp/jail/up -> /tmp/jail/etc/m = 0',
      'UNLINK /tmp/jail/etc/target/z = 0',
    ],
  );
});

test('programs and sockets in a chroot have paths from the same root as files', () => {
  const records = run(`chroot("/tmp/jail") = 0
    chdir("/srv") = 0
    socket(AF_UNIX, SOCK_STREAM, 0) = 3<UNIX-STREAM:[8]>
    connect(3<UNIX-STREAM:[8]>, {sa_family=AF_UNIX, sun_path="/run/x"}, 9) = 0
    execve("/bin/tool", ["tool"], 0x7ffe /* 3 vars */) = 0
    execve("../../bin/other", ["other"], 0x7ffe /* 3 vars */) = 0`);
  const processes = records.filter((record) => record.kind === 'process');
  assert.deepEqual(
    processes.slice(1).map(({ exe, cwd }) => `${exe} in ${cwd}`),
    ['/tmp/jail/bin/tool in /tmp/jail/srv', '/tmp/jail/bin/other in /tmp/jail/srv'],
  );
  assert.match(showOnly(records, 'fileFlow')[0]!, /u:\/tmp\/jail\/run\/x CONNECT/);
});

test('/proc/self and /dev/fd were those of the recorder', () => {
  const links = { '/dev/fd': '/proc/self/fd' };
  assert.deepEqual(
    events(
      `openat(AT_FDCWD</>, "/srv/data", O_RDONLY|O_DIRECTORY) = 5</srv/data>
      clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD}, 88) = 105
      chdir("/proc/self") = 0
      unlink("nope") = -1 ENOENT (No such file or directory)
      chdir("/srv") = 0
      unlink("/proc/self") = -1 EPERM (Operation not permitted)
      105 unlink("/proc/thread-self/x") = -1 ENOENT (No such file or directory)
      rename("/dev/fd/77", "/dev/fd/5/b") = -1 ENOENT (No such file or directory)
      mkdir("/proc/self/cwd/c", 0777) = 0
      mkdir("/proc/self/root/d", 0777) = 0
      105 mkdir("/proc/thread-self/fd/5/e", 0777) = 0
      linkat(AT_FDCWD</srv>, "/proc/self/fd/5", AT_FDCWD</srv>, "f", AT_SYMLINK_FOLLOW) = 0
      linkat(AT_FDCWD</srv>, "/proc/self/fd/5", AT_FDCWD</srv>, "g", 0) = 0
      linkat(5</srv/data>, "", AT_FDCWD</srv>, "h", AT_EMPTY_PATH) = 0`,
      links,
    ),
    [
      'UNLINK /proc/100/nope = -2',
      'UNLINK /proc/self = -1',
      'UNLINK /proc/100/task/105/x = -2',
      'RENAME /proc/100/fd/77 -> /srv/data/b = -2',
      'MKDIR /srv/c = 0',
      'MKDIR /d = 0',
      'MKDIR /srv/data/e = 0',
      'LINK /srv/data -> /srv/f = 0',
      'LINK /proc/100/fd/5 -> /srv/g = 0',
      'LINK /srv/data -> /srv/h = 0',
    ],
  );
});

test('links of other processes in /proc: of recorded ones as they were, of others as they are', () => {
  assert.deepEqual(
    events(
      `clone(child_stack=NULL, flags=SIGCHLD) = 101
      101 chroot("/jail") = 0
      101 chdir("/srv") = 0
      mkdir("/proc/101/cwd/a", 0777) = 0
      mkdir("/proc/101/root/b", 0777) = 0
      mkdir("/proc/7/cwd/c", 0777) = 0
      mkdir("/proc/8/cwd/d", 0777) = -1 ENOENT (No such file or directory)`,
      { '/proc/7/cwd': '/var/gone (deleted)', '/proc/101/cwd': '/late' },
    ),
    ['MKDIR /jail/srv/a = 0', 'MKDIR /jail/b = 0', 'MKDIR /var/gone/c = 0', 'MKDIR /proc/8/cwd/d = -2'],
  );
});

test('a folder named proc in a chroot is not /proc', () => {
  assert.deepEqual(
    events(`chroot("/jail") = 0
      mkdir("/proc/self/cwd", 0777) = -1 ENOENT (No such file or directory)`),
    ['MKDIR /jail/proc/self/cwd = -2'],
  );
});

test('.. after a link was taken from the folder that holds the link', () => {
  assert.deepEqual(
    events(`mkdir("l/../new", 0777) = 0\nchdir("l/..") = 0\nmkdir("x", 0777) = 0`, { '/home/ana/l': '../bo/deep' }),
    ['MKDIR /home/bo/new = 0', 'MKDIR /home/bo/x = 0'],
  );
});

test('links made and removed by the command were looked up when they were gone', () => {
  assert.deepEqual(
    events(
      `symlink("/etc", "l") = 0
      unlink("l/a") = 0
      rename("l", "m") = 0
      unlink("m/b") = 0
      unlink("l/c") = -1 ENOENT (No such file or directory)
      unlink("m") = 0
      mkdir("m", 0777) = 0
      unlink("m/d") = 0
      unlink("old/e") = 0
      unlink("old") = 0
      mkdir("old", 0777) = 0
      unlink("old/f") = 0
      symlink("/x", "s") = 0
      mkdir("t", 0777) = 0
      renameat2(AT_FDCWD</home/ana>, "s", AT_FDCWD</home/ana>, "t", RENAME_EXCHANGE) = 0
      unlink("s/g") = 0
      unlink("t/h") = 0
      link("old", "t") = 0
      unlink("t/i") = 0`,
      { '/home/ana/old': '/var', '/home/ana/m': '/late' },
    ).filter((line) => line.startsWith('UNLINK')),
    [
      'UNLINK /etc/a = 0',
      'UNLINK /etc/b = 0',
      'UNLINK /home/ana/l/c = -2',
      'UNLINK /home/ana/m = 0',
      'UNLINK /home/ana/m/d = 0',
      'UNLINK /var/e = 0',
      'UNLINK /home/ana/old = 0',
      'UNLINK /home/ana/old/f = 0',
      'UNLINK /home/ana/s/g = 0',
      'UNLINK /x/h = 0',
      'UNLINK /home/ana/t/i = 0',
    ],
  );
});

test('paths below a folder that was renamed had its old name', () => {
  assert.deepEqual(
    events(`openat(AT_FDCWD</home/ana>, "a/b", O_RDONLY|O_DIRECTORY) = 3</home/ana/a/b>
      dup(3</home/ana/a/b>) = 4</home/ana/a/b>
      chdir("a/b") = 0
      rename("/home/ana/a", "/home/ana/z") = 0
      mkdir("c", 0777) = 0
      mkdir("/proc/self/fd/4/d", 0777) = 0
      chdir("/") = 0
      fchdir(3</home/ana/z/b>) = 0
      mkdir("e", 0777) = 0
      renameat2(AT_FDCWD</home/ana/z/b>, "/home/ana/z", AT_FDCWD</home/ana/z/b>, "/home/ana/y", RENAME_EXCHANGE) = 0
      mkdir("f", 0777) = 0`).filter((line) => line.startsWith('MKDIR')),
    [
      'MKDIR /home/ana/z/b/c = 0',
      'MKDIR /home/ana/z/b/d = 0',
      'MKDIR /home/ana/z/b/e = 0',
      'MKDIR /home/ana/y/b/f = 0',
    ],
  );
});

test('the flow of a file that is renamed while it is open keeps the path it was opened with', () => {
  const records = run(`openat(AT_FDCWD</srv>, "a", O_RDWR) = 3</srv/a>
    rename("/srv/a", "/srv/b") = 0
    write(0x3, 0x7f, 0x1) = 0x1
    close(3</srv/b>) = 0`);
  assert.match(showOnly(records, 'fileFlow')[0]!, /f:\/srv\/a OPEN,CLOSE,WRITE/);
});

test('threads share folders and descriptors by CLONE_FS and CLONE_FILES, not by being threads', () => {
  assert.deepEqual(
    events(`clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD}, 88) = 105
      105 chdir("/shared") = 0
      mkdir("a", 0777) = 0
      105 unshare(CLONE_FS) = 0
      105 chdir("/own") = 0
      105 mkdir("b", 0777) = 0
      mkdir("c", 0777) = 0
      clone3({flags=CLONE_VM|CLONE_THREAD}, 88) = 106
      106 chdir("/other") = 0
      106 openat(AT_FDCWD</other>, "/srv/data", O_RDONLY|O_DIRECTORY) = 9</srv/data>
      mkdir("d", 0777) = 0
      mkdir("/proc/self/fd/9/e", 0777) = -1 ENOENT (No such file or directory)
      clone(child_stack=NULL, flags=CLONE_FS|SIGCHLD) = 107
      107 chdir("/child") = 0
      mkdir("f", 0777) = 0
      105 execve("/bin/x", ["x"], 0x7ffe /* 3 vars */ <unfinished ...>
      +++ superseded by execve in pid 105 +++
      <... execve resumed>) = 0
      mkdir("g", 0777) = 0`),
    [
      'MKDIR /shared/a = 0',
      'MKDIR /own/b = 0',
      'MKDIR /shared/c = 0',
      'MKDIR /shared/d = 0',
      'MKDIR /proc/100/fd/9/e = -2',
      'MKDIR /child/f = 0',
      'MKDIR /own/g = 0',
    ],
  );
});

test('a mount namespace after pivot_root has paths from its new root', () => {
  const links = {
    '/proc/100/root': '/',
    '/proc/100/root/abs': '/data',
    '/abs': '/host',
    '/new/lnk': 'data',
    '/lnk': '/host',
  };
  assert.deepEqual(
    events(
      `unshare(CLONE_NEWNS) = 0
      clone(child_stack=NULL, flags=SIGCHLD) = 101
      chdir("/new/sub") = 0
      pivot_root("/new", "/new/old") = 0
      mkdir("a", 0777) = 0
      mkdir("/abs/b", 0777) = 0
      101 mkdir("c", 0777) = 0
      101 mkdir("/lnk/d", 0777) = 0`,
      links,
    ),
    ['MKDIR /sub/a = 0', 'MKDIR /data/b = 0', 'MKDIR /old/home/ana/c = 0', 'MKDIR /data/d = 0'],
  );
  assert.deepEqual(
    events(
      `clone(child_stack=NULL, flags=CLONE_NEWNS|SIGCHLD) = 101
      101 chdir("/new") = 0
      101 pivot_root(".", ".") = 0
      101 mkdir("/lnk/a", 0777) = 0
      mkdir("/lnk/b", 0777) = 0`,
      links,
    ),
    ['MKDIR /data/a = 0', 'MKDIR /host/b = 0'],
  );
});

test('a root that is moved over the old one with MS_MOVE', () => {
  assert.deepEqual(
    events(
      `unshare(CLONE_NEWNS) = 0
      mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL) = 0
      chdir("/new") = 0
      mount("/new", "/", NULL, MS_MOVE, NULL) = 0
      chroot(".") = 0
      mkdir("a", 0777) = 0
      mkdir("/lnk/b", 0777) = 0`,
      { '/new/lnk': 'data' },
    ),
    ['MKDIR /a = 0', 'MKDIR /data/b = 0'],
  );
});

test('setns starts at the root of the mount namespace it enters', () => {
  const links = { '/proc/self/ns/mnt': 'mnt:[1]', '/l': '/host' };
  assert.deepEqual(
    events(
      `openat(AT_FDCWD</home/ana>, "/proc/self/ns/mnt", O_RDONLY) = 3<mnt:[1]>
      openat(AT_FDCWD</home/ana>, "/proc/7/ns/mnt", O_RDONLY) = 4<mnt:[2]>
      openat(AT_FDCWD</home/ana>, "/proc/7/ns/net", O_RDONLY) = 5<net:[3]>
      setns(5<net:[3]>, CLONE_NEWNET) = 0
      mkdir("a", 0777) = 0
      setns(4<mnt:[2]>, 0) = 0
      mkdir("b", 0777) = 0
      mkdir("/l/c", 0777) = 0
      setns(3<mnt:[1]>, CLONE_NEWNS) = 0
      mkdir("/l/d", 0777) = 0`,
      links,
    ),
    ['MKDIR /home/ana/a = 0', 'MKDIR /b = 0', 'MKDIR /l/c = 0', 'MKDIR /host/d = 0'],
  );
});

test('/proc of another pid namespace keeps the name self, but its links are those of the process', () => {
  // The recorder has no pid in that /proc: its link self cannot be read.
  assert.deepEqual(
    events(
      `unshare(CLONE_NEWNS) = 0
      unlink("/proc/self/x") = -1 ENOENT (No such file or directory)
      mkdir("/proc/self/cwd/a", 0777) = 0`,
      { '/proc/100/root': '/' },
    ),
    ['UNLINK /proc/self/x = -2', 'MKDIR /home/ana/a = 0'],
  );
});

test('a path relative to an unknown folder became an absolute one', () => {
  const { records } = track(`${EXEC}\n900 11.0 unlink("x/../y") = 0`, { proc: NO_PROC });
  assert.deepEqual(showOnly(records, 'fileEvent'), ['FE 900/900 UNLINK ?:x/../y = 0']);
});

test('links in a circle end', () => {
  assert.deepEqual(events('unlink("/a/x") = -1 ELOOP (Too many levels of symbolic links)', { '/a': 'b', '/b': 'a' }), [
    'UNLINK /a/x = -40',
  ]);
});

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sfprocessor-test-')));
after(() => rmSync(folder, { recursive: true }));

test('property: paths lead where the kernel says they lead', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(name, fc.constantFrom('..', '.', ''));
  const path = fc.array(step, { minLength: 1, maxLength: 6 }).map((names) => names.join('/'));
  const place = fc.array(name, { minLength: 1, maxLength: 3 });
  const entries = fc.array(fc.tuple(place, fc.option(fc.tuple(fc.boolean(), path))), { maxLength: 12 });
  let runs = 0;
  fc.assert(
    fc.property(entries, fc.array(path, { maxLength: 10 }), (tree, paths) => {
      const base = join(folder, String(runs++));
      mkdirSync(base);
      for (const [names, link] of tree) make(join(base, ...names), base, link);
      const resolver = new PathResolver(readLinkOrNull, process.pid, new Map());
      const folders = { root: '/', cwd: base, mounts: resolver.mounts };
      const task = new Task(1, new ProcessState(1, 1n, null, folders), folders, new DescriptorTable());
      for (const asked of paths) {
        const real = kernelPath(`${base}/${asked}`);
        if (real === null) continue;
        assert.equal(resolver.resolve(task, `./${asked}`, { followLast: true }).path, real);
        assert.equal(resolver.resolve(task, `${base}/${asked}`, { followLast: true }).path, real);
      }
    }),
    { numRuns: 200 },
  );
});

/** Makes a folder, or a link to a path that starts at the base or at the link; what cannot be made is left out. */
function make(at: string, base: string, link: readonly [absolute: boolean, path: string] | null): void {
  try {
    if (link === null) mkdirSync(at, { recursive: true });
    else symlinkSync(link[0] ? join(base, link[1]) : link[1] || '.', at);
  } catch {
    // The name is taken, or its folder is not there.
  }
}

function kernelPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}

function readLinkOrNull(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
