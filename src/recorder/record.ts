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

/** What to record, and what the recorder may know of the machine. */
export interface RecordOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** Id of the process that records: the command gets its parent as parent. */
  readonly pid: number;
  /** Folder for a pipe. */
  readonly temporaryFolder: string;
  readonly proc: ProcFiles;
  readonly identities: Identities;
  /** Whether the trace tells where the command comes from: its ancestors with their arguments. */
  readonly ancestors: boolean;
  /** The strace to use; see {@link findStrace}. */
  readonly version: StraceVersion;
  /** See `StraceOptions`. */
  readonly seccomp: boolean;
  /** Takes the records, in the order in which they belong into the trace. */
  readonly write: (record: TraceRecord) => void;
  /** Waits until more records can be taken. */
  readonly drained: () => Promise<void>;
}

/** What was seen and could not be recorded. */
export interface RecordNotes extends Notes {
  /** Lines of strace beyond the bound. */
  readonly longLines: number;
}

/** How a recording went. */
export type RecordResult =
  /** `end` is the command's exit code, or the name of the signal that ended it. */
  | { readonly kind: 'ended'; readonly end: number | string; readonly notes: RecordNotes }
  /** The kernel refused to execute the command; `error` is the name of the error. */
  | { readonly kind: 'not-executed'; readonly error: string }
  /** strace ended before the command began; it has said why on standard error. */
  | { readonly kind: 'not-traced' }
  /** The pipe to strace could not be made. */
  | { readonly kind: 'no-pipe'; readonly message: string };

/** A recording under way. */
export interface Recording {
  readonly result: Promise<RecordResult>;
  /** Sends a signal to the command. */
  signal(name: NodeJS.Signals): void;
  /** Ends the command and everything it started, at once. */
  kill(): void;
}

const run = promisify(execFile);

/** Runs a command and records it; it has this process's standard input and outputs. */
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
  // Opening the pipe waits until strace has opened its end; if strace ends without, the end is opened here.
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

/** Reads as strace writes: while the sink is full nothing is read, so the pipe fills, and strace and the command wait. */
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

/** The version of the strace that is installed; null where there is none. */
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
    // It has ended in the meantime.
  }
}

/** The exit status that tells a shell how a command ended: its code, or 128 and the number of the signal. */
export function exitStatus(end: number | string): number {
  if (typeof end === 'number') return end;
  return 128 + ((constants.signals as Record<string, number>)[end] ?? 0);
}
