/** The command line of strace. */

/** Version of strace as two numbers. */
export interface StraceVersion {
  readonly major: number;
  readonly minor: number;
}

/** Parses the first line of `strace -V`, `strace -- version 6.1`; returns null if it has another form. */
export function parseStraceVersion(text: string): StraceVersion | null {
  const match = /^strace -- version (\d{1,4})\.(\d{1,4})/.exec(text);
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]) };
}

export interface StraceOptions {
  readonly version: StraceVersion;
  /** Path of its output. */
  readonly output: string;
  /** The system calls to trace; those that the machine does not support are ignored. */
  readonly calls: readonly string[];
  /** The calls among them whose arguments are printed as numbers, since the data they point to is not needed. */
  readonly rawCalls: readonly string[];
  /**
   * Whether the kernel stops the command at these calls only (`--seccomp-bpf`). This is several times faster, but sets
   * no_new_privs: set-uid programs do not get the rights of their owner.
   */
  readonly seccomp: boolean;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/** Maximum length of a recorded program argument in bytes; longer ones are truncated and end in `...`. */
const MAX_STRING = 4096;

/**
 * Returns the arguments of strace: follow children, quietly; seconds since the epoch with the highest precision, and
 * the duration of each call; descriptors with their resources, sockets with their addresses; symbolic flags.
 * Environments of programs are not shown (that would need `-v`).
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
