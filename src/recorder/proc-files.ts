/**
 * What `/proc` tells of processes that were there before the recording, and of descriptors that a recorded process
 * got in a way the trace does not show.
 *
 * Everything in it may vanish or be unreadable at any moment: what cannot be read is empty or null.
 */
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { decodeUtf8, encodeUtf8 } from '../sysflow/utf8.js';

/** What is known of a process that was there before. */
export interface ProcessFacts {
  readonly pid: number;
  /** 0 for a process without a parent. */
  readonly parentPid: number;
  /** Start, nanoseconds since the epoch, as exact as the kernel tells (10 ms). */
  readonly createTs: bigint;
  readonly exe: string;
  /** Arguments without the program's own name. */
  readonly args: readonly string[];
  readonly uid: number;
  readonly gid: number;
  readonly tty: boolean;
  /** Where its absolute paths start: `/`, unless it is in a `chroot`. */
  readonly root: string;
  readonly cwd: string;
}

/** A view of `/proc`. */
export interface ProcFiles {
  process(pid: number): ProcessFacts | null;
  /** What a descriptor refers to, such as `/etc/passwd` or `pipe:[12]`. */
  descriptor(pid: number, fd: number): string | null;
}

/** Ticks of `/proc/PID/stat` a second: `USER_HZ`, which is 100 on every architecture that Node runs on. */
const TICK = 10_000_000n;
const BILLION = 1_000_000_000n;
const MAX_ARGUMENTS = 65536;

/** The processes of this machine. `root` is `/proc` itself; tests hand in another folder. */
export function procFiles(root = '/proc'): ProcFiles {
  const bootTime = BigInt(/^btime (\d+)$/m.exec(read(`${root}/stat`))?.[1] ?? '0') * BILLION;
  return {
    process: (pid) => processFacts(`${root}/${pid}`, pid, bootTime),
    descriptor: (pid, fd) => readLink(`${root}/${pid}/fd/${fd}`),
  };
}

/** A process and its ancestors, nearest first. */
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
  // The name in brackets may hold blanks and brackets itself: the fields begin behind the last one.
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

/** Target of a symbolic link; null where the path is none or cannot be read. */
export function readLink(path: string): string | null {
  const bytes = encodeUtf8(path);
  try {
    // Most paths are no links, and an exception takes three times as long as this question.
    if (lstatSync(bytes, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return null;
    const target = readlinkSync(bytes, 'buffer');
    return decodeUtf8(target, 0, target.length);
  } catch {
    return null;
  }
}
