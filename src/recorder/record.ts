import { execFile, spawn } from 'node:child_process';
import { type FileHandle, mkdtemp, open as openFile, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TraceRecord } from '../sysflow/trace-record.js';
import type { Notes } from './call-context.js';
import { DATA_CALLS } from './calls/descriptor-calls.js';
import type { Identities } from './identities.js';
import { ancestry, type ProcessFacts, type ProcFiles, readLink } from './proc-files.js';
import { parseStraceVersion, type StraceVersion, straceArguments } from './strace/command.js';
import { parseLine } from './strace/line.js';
import { LineSplitter } from './strace/line-splitter.js';
import { TRACKED_CALLS, Tracker } from './tracker.js';

/** What to record, and the recorder's access to the machine. */
export interface RecordOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** Id of the recording process. Its parent is recorded as the parent of the command. */
  readonly pid: number;
  /** Folder for a pipe. */
  readonly temporaryFolder: string;
  readonly proc: ProcFiles;
  readonly identities: Identities;
  /** Whether to record the command's ancestors with their arguments. */
  readonly ancestors: boolean;
  /** The strace to use; see {@link findStrace}. */
  readonly version: StraceVersion;
  /** See `StraceOptions`. */
  readonly seccomp: boolean;
  /** Receives the records in trace order. */
  readonly write: (record: TraceRecord) => void;
  /** Waits until more records can be written. */
  readonly drained: () => Promise<void>;
}

/** Counts of what was observed but could not be recorded. */
export interface RecordNotes extends Notes {
  /** Lines of strace that exceed the limit. */
  readonly longLines: number;
}

/** The result of a recording. */
export type RecordResult =
  /** `end` is the command's exit code, or the name of the signal that ended it. */
  | { readonly kind: 'ended'; readonly end: number | string; readonly notes: RecordNotes }
  /** The kernel refused to execute the command; `error` is the name of the error. */
  | { readonly kind: 'not-executed'; readonly error: string }
  /** strace ended before the command started; it has printed the reason on standard error. */
  | { readonly kind: 'not-traced' }
  /** The pipe to strace could not be created. */
  | { readonly kind: 'no-pipe'; readonly message: string };

/** A running recording. */
export interface Recording {
  readonly result: Promise<RecordResult>;
  /** Sends a signal to the command. */
  signal(name: NodeJS.Signals): void;
  /** Ends the command and all processes that it started immediately. */
  kill(): void;
}

const run = promisify(execFile);

/** Runs and records a command. It uses this process's standard input and outputs. */
export function record(options: RecordOptions): Recording {
  const watch: Watch = { tracker: null };
  return {
    result: recordWhole(options, watch),
    signal: (name) => {
      if (watch.tracker !== null && watch.tracker.rootPid !== 0) send(watch.tracker.rootPid, name);
    },
    kill: () => {
      for (const tid of watch.tracker?.alive ?? []) send(tid, 'SIGKILL');
    },
  };
}

interface Watch {
  tracker: Tracker | null;
}

async function recordWhole(options: RecordOptions, watch: Watch): Promise<RecordResult> {
  let folder: string | null = null;
  try {
    folder = await mkdtemp(join(options.temporaryFolder, 'sfprocessor-record-'));
    const pipe = join(folder, 'strace');
    await run('mkfifo', ['-m', '600', pipe]);
    return await recordThrough(options, watch, pipe);
  } catch (error) {
    return { kind: 'no-pipe', message: error instanceof Error ? error.message : String(error) };
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

async function recordThrough(options: RecordOptions, watch: Watch, pipe: string): Promise<RecordResult> {
  const tracker = new Tracker(trackerOptions(options));
  watch.tracker = tracker;
  const { command, seccomp, version } = options;
  const args = straceArguments({ version, output: pipe, calls: TRACKED_CALLS, rawCalls: DATA_CALLS, seccomp, command });
  const strace = spawn('strace', args, { stdio: 'inherit', cwd: options.folder, env: { ...options.environment } });
  const ended = new Promise<void>((resolve) => {
    strace.once('error', () => resolve());
    strace.once('exit', () => resolve());
  });
  // Opening the pipe waits until strace has opened its end. If strace ends before that, this process opens the other
  // end.
  let opened = false;
  const substitute = ended.then(() => (opened ? null : openFile(pipe, 'r+')));
  const input = await openFile(pipe, 'r');
  opened = true;
  void substitute.then((handle) => handle?.close());
  const splitter = new LineSplitter((line) => tracker.line(parseLine(line)));
  await readAll(input, splitter, options.drained);
  await ended;
  tracker.end();
  if (tracker.rootEnd === null) {
    const error = tracker.rootError;
    return error === null ? { kind: 'not-traced' } : { kind: 'not-executed', error };
  }
  return { kind: 'ended', end: tracker.rootEnd, notes: { ...tracker.notes, longLines: splitter.dropped } };
}

/**
 * Reads the output of strace. While the sink is full nothing is read, so the pipe fills, and strace and the command
 * wait.
 */
async function readAll(input: FileHandle, splitter: LineSplitter, drained: () => Promise<void>): Promise<void> {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  try {
    for (;;) {
      const { bytesRead } = await input.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      splitter.push(buffer.subarray(0, bytesRead));
      await drained();
    }
    splitter.end();
  } finally {
    await input.close();
  }
}

function trackerOptions(options: RecordOptions): ConstructorParameters<typeof Tracker>[0] {
  const { proc, pid } = options;
  const chain = ancestry(proc, pid);
  const self: ProcessFacts | undefined = chain[0];
  const inherited = new Map<number, string>();
  for (const fd of [0, 1, 2]) {
    const link = proc.descriptor(pid, fd);
    if (link !== null) inherited.set(fd, link);
  }
  return {
    write: options.write,
    identities: options.identities,
    proc,
    ancestors: options.ancestors ? chain.slice(1) : [],
    starter: { uid: self?.uid ?? -1, gid: self?.gid ?? -1, tty: self?.tty ?? false, cwd: options.folder },
    inherited,
    pid,
    readLink,
  };
}

/** Returns the version of the installed strace; null if there is none. */
export async function findStrace(environment: RecordOptions['environment']): Promise<StraceVersion | null> {
  try {
    const { stdout } = await run('strace', ['-V'], { env: { ...environment } });
    return parseStraceVersion(stdout);
  } catch {
    return null;
  }
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has already ended.
  }
}

/**
 * Returns the exit status with which a shell reports the end of a command: its exit code, or 128 plus the signal
 * number.
 */
export function exitStatus(end: number | string): number {
  if (typeof end === 'number') return end;
  return 128 + ((constants.signals as Record<string, number>)[end] ?? 0);
}
