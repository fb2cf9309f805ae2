import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { show, showOnly, track } from './support/track.js';

const EXEC = '100 10.0 execve("/usr/bin/sh", ["sh"], 0x7ffe /* 3 vars */) = 0';

/** The flows of some calls of process 100 (a leading number is another thread or process). */
function flows(calls: string, inherited?: ReadonlyMap<number, string>): string[] {
  let time = 11;
  const lines = calls
    .trim()
    .split('\n')
    .map((line) => {
      const [, tid, call] = /^\s*(?:(\d+) )?(.*)$/.exec(line)!;
      return `${tid ?? 100} ${time++}.0 ${call}`;
    });
  return showOnly(track([EXEC, ...lines].join('\n'), inherited === undefined ? {} : { inherited }).records, 'fileFlow');
}

test('a flow from open to close, with operations and bytes', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</srv>, "a.txt", O_RDWR|O_CREAT|O_APPEND|O_CLOEXEC, 0666) = 3</srv/a.txt>
      read(0x3, 0x7f00, 0x1000) = 0x340
      read(0x3, 0x7f00, 0x1000) = 0
      read(0x3, 0x7f00, 0x1000) = -1 EAGAIN (Resource temporarily unavailable)
      pwrite64(0x3, 0x7f00, 0x10, 0) = 0x10
      mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3</srv/a.txt>, 0) = 0x7f9c96d8e000
      close(3</srv/a.txt>) = 0`),
    ['FF 100/100 3 f:/srv/a.txt OPEN,CLOSE,WRITE,READ,MMAP {RDONLY,WRONLY,RDWR,CREAT,APPEND,CLOEXEC} r832/3 w16/1'],
  );
});

test('the file is announced before its flow, by SHA-1 of its path', () => {
  const { records } = track(
    `${EXEC}\n100 11.0 openat(AT_FDCWD</srv>, "x", O_RDONLY) = 3</srv/x>\n100 12.0 close(3</srv/x>) = 0`,
  );
  assert.deepEqual(show(records).slice(2), ['F reup f:/srv/x', 'FF 100/100 3 f:/srv/x OPEN,CLOSE {RDONLY} r0/0 w0/0']);
  const file = records[2];
  assert.ok(file?.kind === 'file');
  assert.equal(file.oid, createHash('sha1').update('/srv/x').digest('hex'));
});

test('a path through a link is the file it leads to', () => {
  assert.deepEqual(flows('openat(AT_FDCWD</tmp>, "/tmp/link", O_RDONLY) = 3</etc/shadow>'), [
    'FF 100/100 3 f:/etc/shadow OPEN,TRUNCATE {RDONLY} r0/0 w0/0',
  ]);
});

test('opening a namespace records its file, and opening a link in /proc records its target', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/proc/1/ns/mnt", O_RDONLY) = 3<mnt:[4026531841]>
      setns(3<mnt:[4026531841]>, CLONE_NEWNS) = 0
      close(3<mnt:[4026531841]>) = 0
      openat(AT_FDCWD</>, "/dev/stdin", O_RDONLY) = 3<pipe:[9]>
      close(3<pipe:[9]>) = 0`),
    [
      'FF 100/100 3 f:/proc/1/ns/mnt OPEN,CLOSE,SETNS {RDONLY} r0/0 w0/0',
      'FF 100/100 3 p:pipe:[9] OPEN,CLOSE {RDONLY} r0/0 w0/0',
    ],
  );
});

test('folders, devices, pipes and unix sockets have their types', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/etc", O_RDONLY|O_DIRECTORY) = 3</etc>
      close(3</etc>) = 0
      openat(AT_FDCWD</>, "/dev/null", O_WRONLY) = 3</dev/null<char 1:3>>
      close(3</dev/null<char 1:3>>) = 0
      pipe2([3<pipe:[77]>, 4<pipe:[77]>], O_CLOEXEC) = 0
      write(0x4, 0x7f, 0x5) = 0x5
      read(0x3, 0x7f, 0x5) = 0x5
      close(3<pipe:[77]>) = 0
      close(4<pipe:[77]>) = 0
      socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, [3<UNIX-STREAM:[8->9]>, 4<UNIX-STREAM:[9->8]>]) = 0
      write(0x3, 0x7f, 0x2) = 0x2
      close(3<UNIX-STREAM:[8->9]>) = 0`),
    [
      'FF 100/100 3 d:/etc OPEN,CLOSE {RDONLY,DIRECTORY} r0/0 w0/0',
      'FF 100/100 3 f:/dev/null OPEN,CLOSE {WRONLY} r0/0 w0/0',
      'FF 100/100 3 p:pipe:[77] CLOSE,READ r5/1 w0/0',
      'FF 100/100 4 p:pipe:[77] CLOSE,WRITE r0/0 w5/1',
      'FF 100/100 3 u:socket:[8] CLOSE,WRITE r0/0 w2/1',
    ],
  );
});

test('descriptors that are not files create no flow', () => {
  assert.deepEqual(
    flows(`epoll_create1(EPOLL_CLOEXEC) = 3<anon_inode:[eventpoll]>
      eventfd2(0, EFD_CLOEXEC) = 4<anon_inode:[eventfd]>
      write(0x4, 0x7f, 0x8) = 0x8
      close(3<anon_inode:[eventpoll]>) = 0
      close(4<anon_inode:[eventfd]>) = 0`),
    [],
  );
});

test('an open that fails leaves no flow', () => {
  assert.deepEqual(flows('openat(AT_FDCWD</>, "/none", O_RDONLY) = -1 ENOENT (No such file or directory)'), []);
});

test('inherited descriptors, and those still open when the process ends', () => {
  const inherited = new Map([
    [0, '/dev/pts/1'],
    [1, '/tmp/out (deleted)'],
    [2, 'pipe:[5]'],
  ]);
  assert.deepEqual(flows('write(0x1, 0x7f, 0x3) = 0x3\nread(0, 0x7f, 0x3) = 0x3\n+++ exited with 0 +++', inherited), [
    'FF 100/100 1 f:/tmp/out WRITE,TRUNCATE r0/0 w3/1',
    'FF 100/100 0 f:/dev/pts/1 READ,TRUNCATE r3/1 w0/0',
  ]);
});

test('duplicates have flows of their own, and replace what stood there', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/a", O_WRONLY) = 3</a>
      openat(AT_FDCWD</>, "/b", O_WRONLY) = 4</b>
      write(0x4, 0x7f, 0x1) = 0x1
      dup2(3</a>, 4</b>) = 4</a>
      write(0x4, 0x7f, 0x2) = 0x2
      fcntl(4</a>, F_DUPFD_CLOEXEC, 10) = 10</a>
      write(0xa, 0x7f, 0x4) = 0x4
      dup(10</a>) = 5</a>
      close(5</a>) = 0
      dup2(3</a>, 3</a>) = 3</a>`),
    [
      'FF 100/100 4 f:/b OPEN,CLOSE,WRITE {WRONLY} r0/0 w1/1',
      'FF 100/100 5 f:/a CLOSE r0/0 w0/0',
      'FF 100/100 3 f:/a OPEN,TRUNCATE {WRONLY} r0/0 w0/0',
      'FF 100/100 4 f:/a WRITE,TRUNCATE r0/0 w2/1',
      'FF 100/100 10 f:/a WRITE,TRUNCATE r0/0 w4/1',
    ],
  );
});

test('exec closes what is to be closed on exec, as the program that had it open', () => {
  const { records } = track(`${EXEC}
    100 11.0 openat(AT_FDCWD</>, "/a", O_RDONLY|O_CLOEXEC) = 3</a>
    100 11.1 openat(AT_FDCWD</>, "/b", O_RDONLY) = 4</b>
    100 11.2 fcntl(4</b>, F_SETFD, FD_CLOEXEC) = 0
    100 11.3 openat(AT_FDCWD</>, "/c", O_RDONLY|O_CLOEXEC) = 5</c>
    100 11.4 fcntl(5</c>, F_SETFD, 0) = 0
    100 11.5 execve("/bin/x", ["x"], 0x7ffe /* 3 vars */) = 0
    100 11.6 read(0x5, 0x7f, 0x1) = 0x1
    100 11.7 read(0x3, 0x7f, 0x1) = -1 EBADF (Bad file descriptor)`);
  assert.deepEqual(
    show(records)
      .filter((line) => !line.startsWith('F '))
      .slice(2),
    [
      'FF 100/100 3 f:/a OPEN,CLOSE {RDONLY,CLOEXEC} r0/0 w0/0',
      'FF 100/100 4 f:/b OPEN,CLOSE {RDONLY} r0/0 w0/0',
      'P modified 100 < none /bin/x [] 1000/ana/1000 tty',
      'PE 100/100 EXEC 0 []',
      'FF 100/100 5 f:/c OPEN,READ,TRUNCATE {RDONLY,CLOEXEC} r1/1 w0/0',
    ],
  );
});

test('a child inherits descriptors by fork, and shares them with CLONE_FILES', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/a", O_RDWR) = 3</a>
      clone(child_stack=NULL, flags=SIGCHLD) = 101
      101 write(0x3, 0x7f, 0x1) = 0x1
      101 close(3</a>) = 0
      write(0x3, 0x7f, 0x2) = 0x2
      clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 102
      102 openat(AT_FDCWD</>, "/b", O_RDWR) = 4</b>
      102 +++ exited with 0 +++
      write(0x4, 0x7f, 0x4) = 0x4`),
    [
      'FF 101/101 3 f:/a CLOSE,WRITE r0/0 w1/1',
      'FF 102/102 4 f:/b OPEN,TRUNCATE {RDONLY,WRONLY,RDWR} r0/0 w0/0',
      'FF 100/100 3 f:/a OPEN,WRITE,TRUNCATE {RDONLY,WRONLY,RDWR} r0/0 w2/1',
      'FF 100/100 4 f:/b WRITE,TRUNCATE r0/0 w4/1',
    ],
  );
});

test('each thread has a flow; when one closes, those of the others are cut off', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/a", O_RDWR) = 3</a>
      clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD}, 88) = 105
      105 read(0x3, 0x7f, 0x1) = 0x1
      105 close(3</a>) = 0`),
    ['FF 100/100 3 f:/a OPEN,TRUNCATE {RDONLY,WRONLY,RDWR} r0/0 w0/0', 'FF 100/105 3 f:/a CLOSE,READ r1/1 w0/0'],
  );
});

test('a descriptor closed by one thread was closed for threads with descriptors of their own', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/a", O_RDWR) = 3</a>
      clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD}, 88) = 105
      105 unshare(CLONE_FILES) = 0
      105 read(0x3, 0x7f, 0x1) = 0x1
      105 close(3</a>) = 0
      write(0x3, 0x7f, 0x2) = 0x2
      close(3</a>) = 0`),
    ['FF 100/105 3 f:/a CLOSE,READ r1/1 w0/0', 'FF 100/100 3 f:/a OPEN,CLOSE,WRITE {RDONLY,WRONLY,RDWR} r0/0 w2/1'],
  );
});

test('what a thread used before it executes a program ends with the thread', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/a", O_RDWR) = 3</a>
      clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD}, 88) = 105
      105 read(0x3, 0x7f, 0x1) = 0x1
      105 execve("/bin/x", ["x"], 0x7ffe /* 3 vars */ <unfinished ...>
      +++ superseded by execve in pid 105 +++
      <... execve resumed>) = 0
      close(3</a>) = 0`),
    ['FF 100/105 3 f:/a READ,TRUNCATE r1/1 w0/0', 'FF 100/100 3 f:/a OPEN,CLOSE {RDONLY,WRONLY,RDWR} r0/0 w0/0'],
  );
});

test('ranges of descriptors are closed or marked', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/a", O_RDWR) = 3</a>
      openat(AT_FDCWD</>, "/b", O_RDWR) = 7</b>
      close_range(5, 4294967295, 0) = 0
      close_range(3, 3, CLOSE_RANGE_CLOEXEC) = 0
      execve("/bin/x", ["x"], 0x7ffe /* 3 vars */) = 0`),
    [
      'FF 100/100 7 f:/b OPEN,CLOSE {RDONLY,WRONLY,RDWR} r0/0 w0/0',
      'FF 100/100 3 f:/a OPEN,CLOSE {RDONLY,WRONLY,RDWR} r0/0 w0/0',
    ],
  );
});

test('a range closed with CLOSE_RANGE_UNSHARE was closed for those who shared the descriptors too', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/a", O_RDWR) = 3</a>
      clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 101
      101 close_range(3, 9, CLOSE_RANGE_UNSHARE) = 0
      write(0x3, 0x7f, 0x1) = 0x1
      close(3</a>) = 0`),
    ['FF 101/101 3 f:/a CLOSE r0/0 w0/0', 'FF 100/100 3 f:/a OPEN,CLOSE,WRITE {RDONLY,WRONLY,RDWR} r0/0 w1/1'],
  );
});

test('FIOCLEX and FIONCLEX were not seen: exec closed the wrong descriptors', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/a", O_RDONLY) = 3</a>
      openat(AT_FDCWD</>, "/b", O_RDONLY|O_CLOEXEC) = 4</b>
      ioctl(3</a>, FIOCLEX) = 0
      ioctl(4</b>, FIONCLEX) = 0
      ioctl(4</b>, TCGETS, 0x7ffe) = -1 ENOTTY (Inappropriate ioctl for device)
      execve("/bin/x", ["x"], 0x7ffe /* 3 vars */) = 0
      read(0x4, 0x7f, 0x1) = 0x1`),
    [
      'FF 100/100 3 f:/a OPEN,CLOSE {RDONLY} r0/0 w0/0',
      'FF 100/100 4 f:/b OPEN,READ,TRUNCATE {RDONLY,CLOEXEC} r1/1 w0/0',
    ],
  );
});

test('copies inside the kernel count on both sides', () => {
  assert.deepEqual(
    flows(`openat(AT_FDCWD</>, "/a", O_RDONLY) = 3</a>
      openat(AT_FDCWD</>, "/b", O_WRONLY|O_TRUNC) = 4</b>
      copy_file_range(3</a>, NULL, 4</b>, NULL, 9223372035781033984, 0) = 700
      sendfile(4</b>, 3</a>, NULL, 100) = 100
      close(3</a>) = 0
      close(4</b>) = 0`),
    [
      'FF 100/100 3 f:/a OPEN,CLOSE,READ {RDONLY} r800/2 w0/0',
      'FF 100/100 4 f:/b OPEN,CLOSE,WRITE {WRONLY,TRUNC} r0/0 w800/2',
    ],
  );
});

test('descriptors that came in a message', () => {
  assert.deepEqual(
    flows(`recvmsg(7<UNIX-STREAM:[5->4]>, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="m", iov_len=10}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[8</etc/secret>]}], msg_controllen=24, msg_flags=0}, 0) = 1
      read(0x8, 0x7f, 0x9) = 0x9`),
    ['FF 100/100 7 u:socket:[5] READ,TRUNCATE r1/1 w0/0', 'FF 100/100 8 f:/etc/secret READ,TRUNCATE r9/1 w0/0'],
  );
});

test('a descriptor nothing is known of is looked up, or counted', () => {
  const lines = `${EXEC}\n100 11.0 read(0x9, 0x7f, 0x1) = 0x1`;
  const found = track(lines, { proc: { process: () => null, descriptor: (pid, fd) => `/found/${pid}/${fd}` } });
  assert.deepEqual(showOnly(found.records, 'fileFlow'), ['FF 100/100 9 f:/found/100/9 READ,TRUNCATE r1/1 w0/0']);
  assert.equal(track(lines).tracker.notes.unknownDescriptors, 1);
});

test('a flow that goes on is written every 30 seconds, and not while nothing happens', () => {
  const { records } = track(`${EXEC}
    100 11.0 openat(AT_FDCWD</>, "/a", O_RDWR) = 3</a>
    100 12.0 write(0x3, 0x7f, 0x1) = 0x1
    100 45.0 write(0x3, 0x7f, 0x2) = 0x2
    100 80.0 chdir("/") = 0
    100 120.0 chdir("/") = 0
    100 160.0 write(0x3, 0x7f, 0x4) = 0x4
    100 161.0 close(3</a>) = 0`);
  assert.deepEqual(showOnly(records, 'fileFlow'), [
    'FF 100/100 3 f:/a OPEN,WRITE {RDONLY,WRONLY,RDWR} r0/0 w1/1',
    'FF 100/100 3 f:/a WRITE {RDONLY,WRONLY,RDWR} r0/0 w2/1',
    'FF 100/100 3 f:/a CLOSE,WRITE {RDONLY,WRONLY,RDWR} r0/0 w4/1',
  ]);
});

test('file events, with paths relative to folders, and links in the folder followed', () => {
  const { records } = track(
    `${EXEC}
    100 11.0 mkdir("new", 0777) = 0
    100 11.1 mkdirat(5</srv>, "sub/../x", 0777) = -1 EEXIST (File exists)
    100 11.2 rmdir("/home/ana/new/") = 0
    100 11.3 unlink("/tmp/a") = 0
    100 11.4 unlinkat(AT_FDCWD</var>, "b", 0) = 0
    100 11.5 unlinkat(AT_FDCWD</var>, "c", AT_REMOVEDIR) = 0
    100 11.6 link("a", "b") = 0
    100 11.7 linkat(AT_FDCWD</x>, "a", 3</y>, "b", 0) = 0
    100 11.8 symlink("../target", "/run/link") = 0
    100 11.9 symlinkat("/abs", AT_FDCWD</x>, "l") = 0
    100 12.0 rename("/a", "/b") = 0
    100 12.1 renameat2(AT_FDCWD</x>, "a", AT_FDCWD</x>, "b", RENAME_NOREPLACE) = 0`,
    { links: { '/run': '/var/run' } },
  );
  assert.deepEqual(showOnly(records, 'fileEvent'), [
    'FE 100/100 MKDIR d:/home/ana/new = 0',
    'FE 100/100 MKDIR d:/srv/x = -17',
    'FE 100/100 RMDIR d:/home/ana/new = 0',
    'FE 100/100 UNLINK ?:/tmp/a = 0',
    'FE 100/100 UNLINK ?:/var/b = 0',
    'FE 100/100 RMDIR d:/var/c = 0',
    'FE 100/100 LINK ?:/var/a -> ?:/var/b = 0',
    'FE 100/100 LINK ?:/x/a -> ?:/y/b = 0',
    'FE 100/100 SYMLINK ?:/var/target -> ?:/var/run/link = 0',
    'FE 100/100 SYMLINK ?:/abs -> ?:/x/l = 0',
    'FE 100/100 RENAME ?:/a -> ?:/b = 0',
    'FE 100/100 RENAME ?:/x/a -> ?:/x/b = 0',
  ]);
});

test('names of any bytes come through', () => {
  const { records } = track(`${EXEC}\n100 11.0 unlink("/tmp/\\303\\244\\n\\377\\"x") = 0`);
  assert.deepEqual(showOnly(records, 'file'), ['F created ?:/tmp/ä\n\udcff"x']);
});

test('io_uring is noted', () => {
  assert.equal(
    track(`${EXEC}\n100 11.0 io_uring_setup(64, {flags=0}) = 5<anon_inode:[io_uring]>`).tracker.notes.ioUring,
    1,
  );
});
