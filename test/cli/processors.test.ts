import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { availableProcessors } from '../../src/cli/processors.js';

/** Reads from some files. */
const from =
  (files: Readonly<Record<string, string>>) =>
  (path: string): string | null =>
    files[path] ?? null;
const CPU = '/sys/fs/cgroup/cpu';
const ALL = availableParallelism();

const CASES: readonly [name: string, files: Readonly<Record<string, string>>, processors: number][] = [
  ['no control groups', {}, ALL],
  ['no limit', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, ALL],
  ['a container of one processor', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '100000 100000\n' }, 1],
  ['a part of a processor', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '25000 100000\n' }, 1],
  ['one and a half', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' }, Math.min(2, ALL)],
  ['more than there are', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '9900000000 100000\n' }, ALL],
  [
    'the smallest of the groups above',
    {
      '/proc/self/cgroup': '0::/kubepods/pod1/c1\n',
      '/sys/fs/cgroup/kubepods/pod1/c1/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/kubepods/pod1/cpu.max': '50000 100000\n',
    },
    1,
  ],
  [
    'version 1',
    {
      '/proc/self/cgroup': '12:cpuset:/a\n4:cpu,cpuacct:/docker/x\n',
      [`${CPU}/cpu.cfs_quota_us`]: '90000\n',
      [`${CPU}/cpu.cfs_period_us`]: '100000\n',
    },
    1,
  ],
  [
    'version 1 without a limit',
    { '/proc/self/cgroup': '4:cpu:/\n', [`${CPU}/cpu.cfs_quota_us`]: '-1\n', [`${CPU}/cpu.cfs_period_us`]: '100000\n' },
    ALL,
  ],
  ['what is no quota', { '/proc/self/cgroup': '0::/../..\nnonsense', '/sys/fs/cgroup/cpu.max': '1 0' }, ALL],
];

for (const [name, files, processors] of CASES) {
  test(`processors: ${name}`, () => assert.equal(availableProcessors(from(files)), processors));
}

test('the real files give at least one and no more than there are', () => {
  const processors = availableProcessors();
  assert.ok(Number.isInteger(processors) && processors >= 1 && processors <= ALL);
});
