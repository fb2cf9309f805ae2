/** How strace is called. */

/** Version of strace as two numbers. */
export interface StraceVersion {
  readonly major: number;
  readonly minor: number;
}

/** Reads the first line of `strace -V`, `strace -- version 6.1`; null where it is none. */
export function parseStraceVersion(text: string): StraceVersion | null {
  const match = /^strace -- version (\d{1,4})\.(\d{1,4})/.exec(text);
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]) };
}

export interface StraceOptions {
  readonly version: StraceVersion;
  /** Where it writes. */
  readonly output: string;
  /** The system calls to show; those that the machine does not have are passed over. */
  readonly calls: readonly string[];
  /** Those of them whose arguments stay numbers, since nobody wants the data they point to. */
  readonly rawCalls: readonly string[];
  /**
   * Whether the kernel stops the command only at these calls (`--seccomp-bpf`), which is several times faster, but
   * sets no_new_privs: set-uid programs do not get the rights of their owner.
   */
  readonly seccomp: boolean;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/** Longest argument of a program that is recorded whole, in bytes; a longer one ends in `...`. */
const MAX_STRING = 4096;

/**
 * The arguments of strace: follow children, quietly; seconds since the epoch, as fine as it can, and how long each call
 * took; descriptors with what they refer to, sockets with their addresses; symbolic flags; the environment
 * of programs is not shown at all (that would take `-v`).
 */
export function straceArguments(options: StraceOptions): string[] {
  const { major, minor } = options.version;
  const since = (m: number, n: number): boolean => major > m || (major === m && minor >= n);
  const args = ['-f', '-q', '-yy', '-s', String(MAX_STRING)];
  if (since(5, 10)) {
    args.push('--absolute-timestamps=format:unix,precision:ns', '--syscall-times=ns', '--decode-pids=pidns');
  } else args.push('-ttt', '-T');
  if (options.seccomp && since(5, 3)) args.push('--seccomp-bpf');
  args.push('-e', `trace=${optional(options.calls)}`, '-e', `raw=${optional(options.rawCalls)}`);
  return [...args, '-o', options.output, '--', ...options.command];
}

function optional(calls: readonly string[]): string {
  return calls.map((call) => `?${call}`).join();
}
