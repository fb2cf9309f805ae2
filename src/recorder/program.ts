/** Finds the program of a command, and explains why a program cannot be executed. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** The program that a command's first word refers to. `reason` explains why an existing file cannot be executed. */
export type FoundProgram =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'not-executable'; readonly reason: string };

/** Maximum number of nested script interpreters, as in the kernel. */
const MAX_INTERPRETERS = 5;
/** Number of bytes of a `#!` line that the kernel reads. */
const HEAD_SIZE = 256;
const NOT_PERMITTED = 'no permission to execute it';

/** Architectures by their number in ELF headers. */
const MACHINES: Readonly<Record<number, string>> = {
  2: 'sparc',
  3: 'i386',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86-64',
  183: 'aarch64',
  243: 'riscv',
  258: 'loongarch',
};

/**
 * Finds a program like a shell. Returns an error only if execution is certain to fail; for other errors see {@link
 * whyNotExecuted}.
 *
 * @param path the value of `PATH`
 * @param folder the working directory
 */
export function findProgram(program: string, path: string, folder: string): FoundProgram {
  const candidates = program.includes('/')
    ? [resolve(folder, program)]
    : path.split(':').map((part) => resolve(folder, part, program));
  let found: FoundProgram = { kind: 'not-found' };
  for (const candidate of program === '' ? [] : candidates) {
    const reason = whyNotExecutable(candidate);
    if (reason === null) {
      const interpreter = whyNotInterpreted(candidate, folder, MAX_INTERPRETERS);
      return interpreter === null
        ? { kind: 'found', path: candidate }
        : { kind: 'not-executable', reason: interpreter };
    }
    if (reason !== 'absent' && found.kind === 'not-found') found = { kind: 'not-executable', reason };
  }
  return found;
}

/**
 * Explains why the kernel refused to execute a program.
 *
 * @param path the program's file
 * @param error name of the error of `execve`
 */
export function whyNotExecuted(path: string, error: string): string {
  switch (error) {
    case 'ENOEXEC':
      return unknownFormat(path);
    case 'ENOENT':
      return 'the required loader does not exist';
    case 'EACCES':
      return NOT_PERMITTED;
    case 'ETXTBSY':
      return 'the file is open for writing';
    case 'E2BIG':
      return 'the arguments and the environment are too long';
    default:
      return error;
  }
}

/** Returns null for a regular file that may be executed. */
function whyNotExecutable(path: string): string | 'absent' | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'absent';
  if (stat.isDirectory()) return 'it is a folder';
  if (!stat.isFile()) return 'it is not a regular file';
  try {
    accessSync(path, constants.X_OK);
    return null;
  } catch {
    return NOT_PERMITTED;
  }
}

/** Explains why the interpreter in a script's `#!` line cannot be executed; null for a program that is not a script. */
function whyNotInterpreted(path: string, folder: string, left: number): string | null {
  const interpreter = interpreterOf(head(path));
  if (interpreter === null || interpreter === '' || left === 0) return null;
  const file = resolve(folder, interpreter);
  const reason = whyNotExecutable(file);
  if (reason === 'absent') return `'${interpreter}' in its #! line does not exist`;
  if (reason !== null) return `'${interpreter}' in its #! line cannot be executed: ${reason}`;
  return whyNotInterpreted(file, folder, left - 1);
}

function unknownFormat(path: string): string {
  const bytes = head(path);
  const machine = machineOf(bytes);
  if (machine !== null && machine !== machineOf(head('/proc/self/exe'))) {
    return `it is a program for ${MACHINES[machine] ?? `another architecture (ELF machine ${machine})`}`;
  }
  if (bytes.length === 0) return 'it is empty';
  if (machine !== null || bytes.includes(0)) return 'it is not a program for this machine';
  return interpreterOf(bytes) === null ? 'no #! line' : 'missing program in its #! line';
}

/** Returns the first word of a `#!` line, empty if there is none; null if the file does not start with `#!`. */
function interpreterOf(bytes: Buffer): string | null {
  return /^#![ \t]*([^ \t\n\0]*)/.exec(bytes.toString('utf8'))?.[1] ?? null;
}

/** Returns the architecture in an ELF header; null for any other file. */
function machineOf(bytes: Buffer): number | null {
  if (bytes.length < 20 || bytes.toString('latin1', 0, 4) !== '\x7fELF') return null;
  return bytes[5] === 2 ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18);
}

/** Returns the start of a file; empty if it cannot be read. */
function head(path: string): Buffer {
  const buffer = Buffer.alloc(HEAD_SIZE);
  try {
    const fd = openSync(path, 'r');
    try {
      return buffer.subarray(0, readSync(fd, buffer, 0, HEAD_SIZE, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return buffer.subarray(0, 0);
  }
}
