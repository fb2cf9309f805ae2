import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Measurements of one run of a program. */
export interface Measurement {
  /** Wall time of the process, seconds. */
  readonly wall: number;
  /** User and system time of all its threads, seconds; null if the system does not tell. */
  readonly cpu: number | null;
  /** Largest resident memory, MiB; null if the system does not tell. */
  readonly memory: number | null;
  /** From the start to the first byte on standard output, seconds; null if there was none. */
  readonly firstOutput: number | null;
  /** The first 64 KiB of standard output. */
  readonly output: string;
}

/**
 * Interval for polling the peak memory, milliseconds. The peak never decreases, so only its growth at the very end can
 * be missed.
 */
const POLL = 20;

/**
 * Environment variables passed to programs. Others configure pipelines, or Node: with `NODE_EXTRA_CA_CERTS`, which many
 * machines set, Node reads some hundred certificates before it starts, which takes longer than the rest of its start.
 */
const ENVIRONMENT = ['PATH', 'HOME', 'TMPDIR', 'LANG'];

/**
 * Runs a program to its end.
 *
 * @param expected statuses with which it may end
 * @param environment further variables
 * @throws if it ends with another, with the end of what it wrote to standard error
 */
export async function measure(
  command: string,
  args: readonly string[],
  cwd: string,
  expected: readonly number[] = [0],
  environment: Readonly<Record<string, string>> = {},
): Promise<Measurement> {
  const cpuBefore = childrenCpu();
  const start = process.hrtime.bigint();
  const seconds = (): number => Number(process.hrtime.bigint() - start) / 1e9;
  const env = { ...Object.fromEntries(ENVIRONMENT.map((name) => [name, process.env[name]])), ...environment };
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let memory: number | null = null;
  const timer = setInterval(() => {
    memory = peakMemory(child.pid) ?? memory;
  }, POLL);
  let firstOutput: number | null = null;
  let output = '';
  let complaint = '';
  child.stdout.on('data', (piece: Buffer) => {
    firstOutput ??= seconds();
    if (output.length < 65_536) output += piece.toString('latin1');
  });
  child.stderr.on('data', (piece: Buffer) => {
    complaint = (complaint + piece.toString('utf8')).slice(-2000);
  });
  const [status, wall] = await new Promise<[number | null, number]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve([code, seconds()]));
  }).finally(() => clearInterval(timer));
  if (status === null || !expected.includes(status)) {
    throw new Error(`${command} ${args.join(' ')}: exit status ${status}\n${complaint}`);
  }
  const cpuAfter = childrenCpu();
  const cpu = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore;
  return { wall, cpu, memory, firstOutput, output };
}

/** Returns the CPU seconds of all ended child processes (Linux: cutime and cstime of proc_pid_stat(5), in ticks of 10 ms). */
function childrenCpu(): number | null {
  const stat = readText('/proc/self/stat');
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Returns the peak resident memory of a process, MiB (Linux: VmHWM of proc_pid_status(5)). */
function peakMemory(pid: number | undefined): number | null {
  const line = /^VmHWM:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`) ?? '');
  return line === null ? null : Number(line[1]) / 1024;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The median of some numbers; null if there are none. */
export function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
