/**
 * Reads `/proc` for processes that existed before the recording, and for descriptors that a recorded process got in a
 * way that the trace does not show.
 *
 * Any file in it can disappear or be unreadable at any time; such values are empty or null.
 */
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { decodeUtf8, encodeUtf8 } from '../sysflow/utf8.js';

/** Attributes of a process that existed before the recording. */
export interface ProcessFacts {
  readonly pid: number;
  /** 0 for a process without a parent. */
  readonly parentPid: number;
  /** Start time, nanoseconds since the epoch, with the precision of the kernel (10 ms). */
  readonly createTs: bigint;
  readonly exe: string;
  /** Arguments without the program's own name. */
  readonly args: readonly string[];
  readonly uid: number;
  readonly gid: number;
  readonly tty: boolean;
  /** Root for its absolute paths: `/`, unless it is in a `chroot`. */
  readonly root: string;
  readonly cwd: string;
}

/** Access to `/proc`. */
export interface ProcFiles {
  process(pid: number): ProcessFacts | null;
  /** Returns the resource of a descriptor, such as `/etc/passwd` or `pipe:[12]`. */
  descriptor(pid: number, fd: number): string | null;
}

/** Nanoseconds per tick of `/proc/PID/stat`: `USER_HZ` is 100 on every architecture that Node runs on. */
const TICK = 10_000_000n;
const BILLION = 1_000_000_000n;
const MAX_ARGUMENTS = 65536;

/** Returns the processes of this machine. `root` is `/proc`; tests pass another folder. */
export function procFiles(root = '/proc'): ProcFiles {
  const bootTime = BigInt(/^btime (\d+)$/m.exec(read(`${root}/stat`))?.[1] ?? '0') * BILLION;
  return {
    process: (pid) => processFacts(`${root}/${pid}`, pid, bootTime),
    descriptor: (pid, fd) => readLink(`${root}/${pid}/fd/${fd}`),
  };
}

/** Returns a process and its ancestors, nearest first. */
export function ancestry(files: ProcFiles, pid: number): ProcessFacts[] {
  const chain: ProcessFacts[] = [];
  for (let next = pid; next > 0 && chain.length < 256; ) {
    const facts = files.process(next);
    if (facts === null) break;
    chain.push(facts);
    next = facts.parentPid;
  }
  return chain;
}

function processFacts(folder: string, pid: number, bootTime: bigint): ProcessFacts | null {
  // The name in parentheses can contain spaces and parentheses: the fields start after the last parenthesis.
  const stat = read(`${folder}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const start = fields[19];
  if (start === undefined || !/^\d+$/.test(start)) return null;
  const status = read(`${folder}/status`);
  const [name, ...args] = read(`${folder}/cmdline`).slice(0, MAX_ARGUMENTS).replace(/\0$/, '').split('\0');
  return {
    pid,
    parentPid: Number(fields[1]),
    createTs: bootTime + BigInt(start) * TICK,
    exe: readLink(`${folder}/exe`) ?? (name === '' ? stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')) : name!),
    args,
    uid: effectiveId(status, 'Uid'),
    gid: effectiveId(status, 'Gid'),
    tty: fields[4] !== '0',
    root: readLink(`${folder}/root`) ?? '/',
    cwd: readLink(`${folder}/cwd`) ?? '',
  };
}

/** `Uid:	real	effective	saved	file system`. */
function effectiveId(status: string, key: string): number {
  return Number(new RegExp(`^${key}:\\t\\d+\\t(\\d+)`, 'm').exec(status)?.[1] ?? '-1');
}

function read(path: string): string {
  try {
    const bytes = readFileSync(path);
    return decodeUtf8(bytes, 0, bytes.length);
  } catch {
    return '';
  }
}

/** Returns the target of a symbolic link; null if the path is not a link or cannot be read. */
export function readLink(path: string): string | null {
  const bytes = encodeUtf8(path);
  try {
    // Most paths are not links, and an exception takes three times as long as this check.
    if (lstatSync(bytes, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return null;
    const target = readlinkSync(bytes, 'buffer');
    return decodeUtf8(target, 0, target.length);
  } catch {
    return null;
  }
}
