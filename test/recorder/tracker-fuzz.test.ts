import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ObjectState } from '../../src/sysflow/entities.js';
import type { TraceRecord } from '../../src/sysflow/trace-record.js';
import { SHELL, track } from './support/track.js';

/** What any trace must fulfil: entities stand before their first use, and flows end after they begin. */
function assertWhole(records: readonly TraceRecord[]): void {
  const processes = new Set<string>();
  const files = new Set<string>();
  const id = ({ createTs, pid }: { createTs: bigint; pid: bigint }) => `${pid} ${createTs}`;
  for (const record of records) {
    switch (record.kind) {
      case 'process':
        if (record.parent !== null) assert.ok(processes.has(id(record.parent)), 'the parent is there');
        assert.equal(record.state === ObjectState.modified, processes.has(id(record.oid)), 'modified if it was there');
        processes.add(id(record.oid));
        break;
      case 'file':
        files.add(record.oid);
        break;
      case 'fileEvent':
        assert.ok(files.has(record.fileOid) && (record.newFileOid === null || files.has(record.newFileOid)));
        break;
      case 'fileFlow':
        assert.ok(files.has(record.fileOid));
        break;
      default:
    }
    if ('process' in record) assert.ok(processes.has(id(record.process)), 'the process is there');
    if ('endTs' in record) assert.ok(record.endTs >= record.ts, 'ends after it begins');
  }
}

const CALLS = [
  'execve("/bin/x", ["x", "y"], 0x7ffe /* 3 vars */) = 0',
  'execve("/bin/no", ["no"], 0x7ffe /* 3 vars */) = -1 ENOENT (No such file or directory)',
  'openat(AT_FDCWD</srv>, "a", O_RDWR|O_CREAT|O_CLOEXEC, 0666) = 3</srv/a>',
  'openat(AT_FDCWD</srv>, "b", O_RDONLY) = 4</srv/b>',
  'read(0x3, 0x7f, 0x10) = 0x10',
  'write(0x4, 0x7f, 0x10) = 0x10',
  'read(0x9, 0x7f, 0x10) = 0x10',
  'close(3</srv/a>) = 0',
  'close(4</srv/b>) = 0',
  'dup2(3</srv/a>, 4</srv/b>) = 4</srv/a>',
  'fcntl(3</srv/a>, F_DUPFD_CLOEXEC, 10) = 10</srv/a>',
  'close_range(3, 4294967295, 0) = 0',
  'pipe2([5<pipe:[77]>, 6<pipe:[77]>], O_CLOEXEC) = 0',
  'write(0x6, 0x7f, 0x5) = 0x5',
  'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 7<TCP:[1]>',
  'connect(7<TCP:[1]>, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.1.2.3")}, 16) = 0',
  'sendto(7<TCP:[10.0.0.9:5->10.1.2.3:80]>, "x", 1, 0, NULL, 0) = 1',
  'close(7<TCP:[10.0.0.9:5->10.1.2.3:80]>) = 0',
  'accept4(8<TCP:[0.0.0.0:80]>, NULL, NULL, 0) = 9<TCP:[10.0.0.1:80->10.0.0.7:60934]>',
  'connect(7<UNIX-STREAM:[13]>, {sa_family=AF_UNIX, sun_path="/run/x"}, 18) = 0',
  'unlink("/tmp/x") = 0',
  'rename("a", "b") = -1 EPERM (Operation not permitted)',
  'setuid(33) = 0',
  'chdir("..") = 0',
  'unshare(CLONE_FILES|CLONE_FS) = 0',
  'unshare(CLONE_NEWNS) = 0',
  'chroot("jail") = 0',
  'pivot_root(".", "./old") = 0',
  'mount("/srv", "/", NULL, MS_MOVE, NULL) = 0',
  'setns(3<mnt:[4026531841]>, CLONE_NEWNS) = 0',
  'fchdir(3</srv/a>) = 0',
  'symlink("../y", "l") = 0',
  'mkdir("l/../x", 0777) = 0',
  'renameat2(AT_FDCWD</srv>, "l", AT_FDCWD</srv>, "m", RENAME_EXCHANGE) = 0',
  'rename("/srv", "/home/ana") = 0',
  'linkat(4</srv/b>, "", AT_FDCWD</srv>, "/proc/self/cwd/c", AT_EMPTY_PATH) = 0',
  'execve("/proc/self/fd/4", ["4"], 0x7ffe /* 3 vars */) = 0',
  'ioctl(3</srv/a>, FIOCLEX) = 0',
  'close_range(3, 9, CLOSE_RANGE_UNSHARE) = 0',
  'vfork( <unfinished ...>',
  '<... vfork resumed>) = 101',
  'read(0x5, 0x7f <unfinished ...>',
  '<... read resumed>, 0x5) = 0x5',
  'clone(child_stack=NULL, flags=SIGCHLD) = 102',
  'clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD}, 88) = 103',
  '+++ exited with 1 +++',
  '+++ killed by SIGSEGV (core dumped) +++',
  '+++ superseded by execve in pid 103 +++',
  '--- SIGCHLD {si_signo=SIGCHLD} ---',
];

const line = fc.tuple(fc.integer({ min: 100, max: 104 }), fc.integer({ min: 0, max: 40 }), fc.constantFrom(...CALLS));

/** Lines whose times go forward. */
const lines = fc.array(line, { maxLength: 80 }).map((all) => {
  let time = 1000;
  return all.map(([tid, step, call]) => {
    time += step;
    return `${tid} ${time}.000000001 ${call}`;
  });
});

test('property: whatever happens in whatever order, the records fit together', () => {
  fc.assert(
    fc.property(lines, (all) => {
      assertWhole(track(all.join('\n'), { ancestors: [SHELL] }).records);
    }),
    { numRuns: 500 },
  );
});

test('property: mutated lines never stop the tracker, and its records still fit together', () => {
  const mutation = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('cut', 'drop', 'repeat', 'quote', 'bracket', 'digit'));
  fc.assert(
    fc.property(lines, fc.array(mutation, { maxLength: 8 }), (all, mutations) => {
      const mutated = [...all];
      for (const [at, where, kind] of mutations) {
        const i = at % Math.max(1, mutated.length);
        mutated[i] = mutate(mutated[i] ?? '', where, kind);
      }
      // Times may go backward now.
      const { records } = track(mutated.join('\n'), { ancestors: [SHELL] });
      assertWhole(records.filter((record) => !('endTs' in record)));
    }),
    { numRuns: 500 },
  );
});

function mutate(text: string, where: number, kind: string): string {
  const at = where % Math.max(1, text.length);
  const insert = (piece: string): string => text.slice(0, at) + piece + text.slice(at);
  switch (kind) {
    case 'cut':
      return text.slice(0, at);
    case 'drop':
      return text.slice(0, at) + text.slice(at + 1);
    case 'repeat':
      return insert(text.slice(at, at + 20));
    case 'quote':
      return insert('"');
    case 'bracket':
      return insert('[{(<'[where % 4]!);
    default:
      return insert(String(where));
  }
}
