import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileIdentity } from '../../config/file-identity.js';
import {
  exitStatus,
  findProgram,
  findStrace,
  parseIdentities,
  procFiles,
  type Recording,
  type RecordNotes,
  type RecordOptions,
  record,
  type StraceVersion,
  whyNotExecuted,
} from '../../recorder/index.js';
import { ContainerWriter, NEWEST_VERSION, TraceError } from '../../sysflow/index.js';
import type { TraceRecord } from '../../sysflow/trace-record.js';
import { counted } from '../../telemetry/counted.js';
import type { Command } from '../command.js';
import type { CommandIo } from '../command-io.js';
import { type OptionTable, readOptions, usageProblem } from '../option-table.js';
import type { ParsedOptions } from '../options.js';

const OPTIONS: OptionTable = {
  output: { letter: 'o', value: 'FILE', description: 'the trace (default trace.sf)' },
  exporter: { value: 'NAME', description: 'name of the machine in the header (default: host name)' },
  'no-ancestors': { description: 'leave out the processes above the command' },
  'no-seccomp': { description: 'slower, but set-uid programs get the rights of their owner' },
  quiet: { letter: 'q', description: 'no summary at the end' },
};

/** Exit statuses of commands that run other commands, as in env(1), timeout(1) and shells. */
const FAILED = 125;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

const NO_STRACE = "strace is not installed; the package is called 'strace' (apt-get install strace)";
const NOT_TRACED =
  'strace could not run the command; see its message above. If tracing is not permitted: a container needs the ' +
  'capability SYS_PTRACE, a host must not have kernel.yama.ptrace_scope=3, and processes that are traced already ' +
  '(by strace or a debugger) cannot be traced again';

/**
 * `sfprocessor record`: runs a command under strace and writes its activity as a SysFlow trace.
 *
 * The exit status is that of the command: its code, or 128 plus the number of the signal that ended it; 125 if
 * recording failed, 126 if the command cannot be executed, 127 if it is not found. Recording continues until the last
 * process that the command started has ended.
 */
export const recordCommand: Command = {
  name: 'record',
  usage: '[-o FILE] [--exporter NAME] [--no-ancestors] [--no-seccomp] [--quiet] [--] COMMAND [ARGUMENT...]',
  summary: 'Record what a command does as a SysFlow trace, with strace instead of the collector',
  options: OPTIONS,
  words: 'files',
  run: async (args, io) => {
    const options = readOptions(recordCommand, args, io, true);
    if (typeof options === 'number') return options;
    if (options.words.length === 0) return usageProblem(recordCommand, 'no command', io);
    const program = options.words[0]!;
    const found = findProgram(program, process.env.PATH ?? '', process.cwd());
    if (found.kind === 'not-found') return fail(io, NOT_FOUND, `command '${program}' is not found`);
    if (found.kind === 'not-executable') return failToExecute(io, program, found.reason);
    const strace = await findStrace(process.env);
    if (strace === null) return fail(io, FAILED, NO_STRACE);
    const path = options.values.get('output') ?? 'trace.sf';
    const used = usedByCommand(path, options.words);
    if (used !== null) return fail(io, FAILED, `the trace '${path}' is also '${used}', which the command uses`);
    const writer = await ContainerWriter.create(path);
    if (writer instanceof TraceError) return fail(io, FAILED, `${path} ${writer.message}`);
    return await recordInto(writer, path, found.path, strace, options, io);
  },
};

/**
 * The word of a command that names the file to which its trace is to be written: its program or a file among its arguments.
 * Creating the trace would empty that. Null if there is none.
 */
function usedByCommand(path: string, words: readonly string[]): string | null {
  const output = fileIdentity(path);
  if (output === null || !existsSync(path)) return null;
  const [program, ...args] = words as [string, ...string[]];
  const folders = program.includes('/') ? [] : (process.env.PATH ?? '').split(':');
  const programs = program.includes('/') ? [program] : folders.map((folder) => join(folder || '.', program));
  return [...programs, ...args].find((word) => fileIdentity(word) === output) ?? null;
}

async function recordInto(
  writer: ContainerWriter,
  path: string,
  program: string,
  strace: StraceVersion,
  options: ParsedOptions,
  io: CommandIo,
): Promise<number> {
  const counts = new Map<string, number>();
  let behind: Promise<void> | undefined;
  const write = (traceRecord: TraceRecord): void => {
    counts.set(traceRecord.kind, (counts.get(traceRecord.kind) ?? 0) + 1);
    behind = writer.write(traceRecord) ?? behind;
  };
  const exporter = options.values.get('exporter') ?? hostname();
  write({ kind: 'header', version: NEWEST_VERSION, exporter, ip: 'NA', filename: path });
  const recording = record(recordOptions(strace, options, write, async () => behind));
  const stopSignals = passSignals(recording);
  const result = await recording.result;
  stopSignals();
  const error = await writer.close();
  if (error !== null) return fail(io, FAILED, `${path} ${error.message}`);
  if (result.kind !== 'ended') {
    await removeTrace(path);
    if (result.kind === 'not-executed') {
      return failToExecute(io, options.words[0]!, whyNotExecuted(program, result.error));
    }
    return fail(io, FAILED, result.kind === 'not-traced' ? NOT_TRACED : `no pipe to strace: ${result.message}`);
  }
  if (!options.flags.has('quiet')) for (const line of summary(path, counts, result.notes)) io.err(line);
  return exitStatus(result.end);
}

function recordOptions(
  version: StraceVersion,
  options: ParsedOptions,
  write: (record: TraceRecord) => void,
  drained: () => Promise<void>,
): RecordOptions {
  return {
    command: options.words,
    environment: process.env,
    folder: process.cwd(),
    pid: process.pid,
    temporaryFolder: tmpdir(),
    proc: procFiles(),
    identities: parseIdentities(readText('/etc/passwd'), readText('/etc/group')),
    ancestors: !options.flags.has('no-ancestors'),
    version,
    seccomp: !options.flags.has('no-seccomp'),
    write,
    drained,
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Forwards the first signal to the command (with ^C, the terminal has done so already). A second signal ends all
 * recorded processes immediately. In both cases the trace is completed.
 *
 * @returns a function that stops forwarding
 */
function passSignals(recording: Recording): () => void {
  let signals = 0;
  const fromTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const handler = (name: NodeJS.Signals): void => {
    signals++;
    if (signals > 1) recording.kill();
    else if (name !== 'SIGINT' || !fromTerminal) recording.signal(name);
  };
  const names: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) process.on(name, handler);
  return () => {
    for (const name of names) process.off(name, handler);
  };
}

/** Removes an empty trace if it is a regular file, not a link or a device. */
async function removeTrace(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === true) await rm(path);
}

function failToExecute(io: CommandIo, program: string, reason: string): number {
  return fail(io, NOT_EXECUTABLE, `'${program}' cannot be executed: ${reason}`);
}

function fail(io: CommandIo, status: number, message: string): number {
  io.err(`sfprocessor record: ${message}\n`);
  return status;
}

/** Singular and plural names of record kinds in the summary, in its order. */
const LABELS: ReadonlyMap<string, readonly [one: string, many: string]> = new Map([
  ['header', ['header', 'headers']],
  ['process', ['process', 'processes']],
  ['file', ['file', 'files']],
  ['processEvent', ['PE', 'PE']],
  ['fileEvent', ['FE', 'FE']],
  ['fileFlow', ['FF', 'FF']],
  ['networkFlow', ['NF', 'NF']],
]);

function summary(path: string, counts: ReadonlyMap<string, number>, notes: RecordNotes): string[] {
  let total = 0;
  const parts: string[] = [];
  for (const [kind, [one, many]] of LABELS) {
    const count = counts.get(kind) ?? 0;
    total += count;
    if (kind !== 'header' && count > 0) parts.push(counted(count, one, many));
  }
  const lines = [`${path}: ${counted(total, 'record')} (${parts.join(', ')})`];
  const note = (count: number, one: string, rest: string, many?: string): void => {
    if (count > 0) lines.push(`  ${counted(count, one, many)} ${rest}`);
  };
  note(notes.ipv6Sockets, 'socket', 'with IPv6 addresses left out: network flows of SysFlow hold IPv4 only');
  note(notes.unknownDescriptors, 'operation', 'on descriptors of unknown origin left out');
  note(notes.orphans, 'process', 'whose parent is unknown', 'processes');
  note(notes.ioUring, 'io_uring queue', 'set up: operations through them are invisible to strace');
  note(notes.damagedLines + notes.longLines, 'line', 'of strace that could not be read');
  return lines;
}
