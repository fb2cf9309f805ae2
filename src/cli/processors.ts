import { availableParallelism } from 'node:os';
import { dirname, join, normalize } from 'node:path/posix';
import { readText } from './read-text.js';

/** Mount point of control groups. */
const GROUPS = '/sys/fs/cgroup';

/**
 * Returns how many processors this process may use: limited by its affinity and by the CPU quota of its control group
 * (Linux: cgroups(7)), which limits containers. Node considers only the affinity.
 *
 * @param read returns the text of a file, null if it does not exist
 */
export function availableProcessors(read: (path: string) => string | null = readText): number {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    if (controllers === '') return withParents(path).map((group) => quotaOf(read(join(GROUPS, group, 'cpu.max'))));
    if (!controllers!.split(',').includes('cpu')) return [];
    return withParents(path).map((group) => {
      const [quota, period] = ['quota', 'period'].map((name) => read(join(GROUPS, 'cpu', group, `cpu.cfs_${name}_us`)));
      return quotaOf(`${quota} ${period}`);
    });
  });
  return Math.max(1, Math.ceil(Math.min(availableParallelism(), ...groups)));
}

/** Returns a group and its ancestors, each of which may have a quota. A container sees its own group as the root. */
function withParents(path: string): string[] {
  const groups = [normalize(`/${path}`)];
  while (groups.at(-1) !== '/') groups.push(dirname(groups.at(-1)!));
  return groups;
}

/** `QUOTA PERIOD`, both microseconds, as processors; infinite if there is no limit (`max` or -1). */
function quotaOf(text: string | null): number {
  const [, quota, period] = /^\s*(\d+)\s+(\d+)\s*$/.exec(text ?? '') ?? [];
  return period === undefined || Number(period) === 0 ? Number.POSITIVE_INFINITY : Number(quota) / Number(period);
}
