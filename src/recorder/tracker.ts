import { ObjectState } from '../sysflow/entities.js';
import { OpFlag } from '../sysflow/op-flags.js';
import type { TraceRecord } from '../sysflow/trace-record.js';
import { CallContext, type Notes, type RecorderState, resourceFromLink } from './call-context.js';
import { DESCRIPTOR_CALLS } from './calls/descriptor-calls.js';
import { FILE_CALLS } from './calls/file-calls.js';
import { FOLDER_CALLS } from './calls/folder-calls.js';
import type { CallHandler } from './calls/handler.js';
import { PROCESS_CALLS } from './calls/process-calls.js';
import { SOCKET_CALLS } from './calls/socket-calls.js';
import { DescriptorTable } from './descriptors.js';
import { EntityWriter } from './entity-writer.js';
import { errorNumber, signalNumber } from './errno.js';
import { FlowTable } from './flows.js';
import type { FolderState } from './folders.js';
import type { Identities } from './identities.js';
import { PathResolver } from './paths.js';
import type { ProcessFacts, ProcFiles } from './proc-files.js';
import { type CloneFlags, ProcessState, Task } from './process-state.js';
import { argument, flagsOf, member } from './strace/arguments.js';
import { type LineBody, parseCall, parseHead, type StraceCall, type TraceLine } from './strace/line.js';

/** Calls that create a process or thread. */
const CLONE_CALLS: readonly string[] = ['fork', 'vfork', 'clone', 'clone3'];

const HANDLERS: ReadonlyMap<string, CallHandler> = new Map(
  Object.entries({ ...PROCESS_CALLS, ...FOLDER_CALLS, ...DESCRIPTOR_CALLS, ...FILE_CALLS, ...SOCKET_CALLS }),
);

/** All system calls that the tracker needs. */
export const TRACKED_CALLS: readonly string[] = [...CLONE_CALLS, ...HANDLERS.keys()];

/** Inputs of the tracker besides the lines. */
export interface TrackerOptions {
  /** Receives the records in trace order. */
  readonly write: (record: TraceRecord) => void;
  readonly identities: Identities;
  readonly proc: ProcFiles;
  /** The processes to record as the command's ancestors, nearest first. */
  readonly ancestors: readonly ProcessFacts[];
  /**
   * Attributes of the command before it executes its program: ids, terminal and working directory of the process that
   * starts it.
   */
  readonly starter: Pick<ProcessFacts, 'uid' | 'gid' | 'tty' | 'cwd'>;
  /** The resources of the descriptors that the command inherits, as `/proc` links. */
  readonly inherited: ReadonlyMap<number, string>;
  /** The recorder's process id. */
  readonly pid: number;
  /** Returns the target of a symbolic link; null if the path is not a link or cannot be read. */
  readonly readLink: (path: string) => string | null;
}

/** Maximum number of held lines of a thread whose creator is unknown; after that the creator stays unknown. */
const MAX_HELD = 4096;
/** Maximum number of pids with a remembered creation time: more than a machine has at once, by default. */
const MAX_CREATIONS = 65536;

/**
 * Converts lines of strace to SysFlow: tracks all processes, threads and descriptors, and writes entities, events and
 * flows.
 *
 * The order of lines needs special handling in three cases:
 * - A line shows a call when it returns; a call interrupted by others is printed in two lines.
 * - A new thread's lines may precede the end of the call that created it. If a single such call is open, it created the
 *   thread; otherwise the lines are held until the creator is known.
 * - A thread that executes a program continues with the id of the main thread.
 */
export class Tracker {
  readonly notes: Notes = { damagedLines: 0, unknownDescriptors: 0, orphans: 0, ioUring: 0, ipv6Sockets: 0 };
  /** The id of the command's first process, once known. */
  rootPid = 0;
  /** How the command ended: an exit code, or the name of a signal; null while it runs, and if it never started. */
  rootEnd: number | string | null = null;
  /** Name of the error with which executing the command failed; null if it succeeded. */
  rootError: string | null = null;
  readonly #options: TrackerOptions;
  readonly #recorder: RecorderState;
  readonly #tasks = new Map<number, Task>();
  readonly #held = new Map<number, TraceLine[]>();
  /** Threads created by a call that is still open, by the thread that made the call. */
  readonly #childOfOpenCall = new Map<Task, number>();
  /** Creation time of the last process with each pid, so that the next one gets a different object id. */
  readonly #creations = new Map<number, bigint>();
  #lastTime = 0n;

  constructor(options: TrackerOptions) {
    const entities = new EntityWriter(options.write, options.identities);
    this.#options = options;
    this.#recorder = {
      write: options.write,
      entities,
      flows: new FlowTable(options.write, entities, this.notes),
      proc: options.proc,
      notes: this.notes,
      paths: new PathResolver(options.readLink, options.pid, this.#tasks),
    };
  }

  /** The ids of all live processes and threads. */
  get alive(): readonly number[] {
    return [...this.#tasks.keys()];
  }

  /** Processes the next line. */
  line(line: TraceLine): void {
    const { tid, time, body } = line;
    if (body.kind === 'damaged') this.notes.damagedLines++;
    if (tid === 0 || body.kind === 'damaged' || body.kind === 'note' || body.kind === 'signal') return;
    if (time > this.#lastTime) this.#lastTime = time;
    this.#recorder.flows.exportLong(time);
    const held = this.#held.get(tid);
    if (held !== undefined && held.length < MAX_HELD) {
      held.push(line);
      return;
    }
    if (held !== undefined) this.#adopt(tid, null, time);
    const task = this.#tasks.get(tid) ?? this.#addUnknownTask(line);
    if (task !== null) this.#handle(task, time, body);
  }

  /** Ends the trace: open flows are written as truncated. */
  end(): void {
    for (const tid of [...this.#held.keys()]) this.#adopt(tid, null, this.#lastTime);
    for (const { process } of this.#tasks.values()) this.#recorder.flows.end(process, null, this.#lastTime);
    this.#tasks.clear();
  }

  #handle(task: Task, time: bigint, body: LineBody): void {
    switch (body.kind) {
      case 'call':
        this.#call(task, body.call, time + (body.call.duration ?? 0n));
        break;
      case 'unfinished':
        task.pending = { name: body.name, head: body.text };
        break;
      case 'resumed':
        this.#resume(task, body.name, body.text, time);
        break;
      case 'exited':
        this.#exit(task, body.code << 8, body.code, time);
        break;
      case 'killed':
        this.#exit(task, signalNumber(body.signal) | (body.core ? 0x80 : 0), body.signal, time);
        break;
      case 'superseded':
        this.#supersede(task, body.by, time);
        break;
    }
  }

  #resume(task: Task, name: string, rest: string, time: bigint): void {
    const { pending } = task;
    task.pending = null;
    const call = pending?.name === name ? parseCall(pending.head + rest) : null;
    if (call === null) this.notes.damagedLines++;
    else this.#call(task, pending?.done === true ? { ...call, value: 0, errno: null } : call, time);
  }

  #call(task: Task, call: StraceCall, ts: bigint): void {
    const context = new CallContext(this.#recorder, task, call, ts);
    if (CLONE_CALLS.includes(call.name)) this.#cloned(context);
    else {
      context.refreshSockets();
      HANDLERS.get(call.name)?.(context);
      if (task.tid === this.rootPid && task.process.exe === '' && call.name === 'execve') this.rootError = call.errno;
    }
  }

  /** Handles a clone that returned in the calling thread. */
  #cloned(context: CallContext): void {
    const { task, call, ts } = context;
    const known = this.#childOfOpenCall.get(task);
    this.#childOfOpenCall.delete(task);
    if (call.value !== null && call.value > 0 && known === undefined) {
      const tid = call.childTid ?? call.value;
      if (this.#held.has(tid)) this.#adopt(tid, task, ts, cloneFlags(call));
      else if (!this.#tasks.has(tid)) this.#create(tid, task, cloneFlags(call), ts);
    }
    const ret = call.errno === null ? (call.value ?? 0) : -errorNumber(call.errno);
    this.#event(task, OpFlag.clone, ret, ts, ObjectState.reup);
    this.#resolveHeldTasks(ts);
  }

  /** Handles the first line of an unknown thread. Returns the thread, or null if its lines have to be held. */
  #addUnknownTask(line: TraceLine): Task | null {
    if (this.rootPid === 0) return this.#createRoot(line);
    const makers = this.#openMakers();
    if (makers.length > 1) {
      this.#held.set(line.tid, [line]);
      return null;
    }
    return this.#adopt(line.tid, makers[0] ?? null, line.time);
  }

  /** Returns the threads with an open call that may have created a thread. */
  #openMakers(): Task[] {
    const makers: Task[] = [];
    for (const task of this.#tasks.values()) {
      if (task.pending !== null && CLONE_CALLS.includes(task.pending.name) && !this.#childOfOpenCall.has(task)) {
        makers.push(task);
      }
    }
    return makers;
  }

  /** Assigns creators to held threads if a single candidate is left. */
  #resolveHeldTasks(ts: bigint): void {
    while (this.#held.size > 0) {
      const makers = this.#openMakers();
      if (makers.length > 1) return;
      this.#adopt(this.#held.keys().next().value!, makers[0] ?? null, ts);
    }
  }

  /** Adds a thread with its creator (null if unknown), and processes the lines that were held for it. */
  #adopt(tid: number, maker: Task | null, ts: bigint, flags?: CloneFlags): Task {
    const lines = this.#held.get(tid) ?? [];
    this.#held.delete(tid);
    const time = lines[0]?.time ?? ts;
    let task: Task;
    if (maker === null) task = this.#createOrphan(tid, time);
    else {
      if (flags === undefined) this.#childOfOpenCall.set(maker, tid);
      task = this.#create(tid, maker, flags ?? pendingFlags(maker), time);
    }
    for (const line of lines) {
      const current = this.#tasks.get(tid);
      if (current !== undefined) this.#handle(current, line.time, line.body);
    }
    return task;
  }

  #create(tid: number, maker: Task, flags: CloneFlags, ts: bigint): Task {
    const folder = flags.shareFolder ? maker.folder : { ...maker.folder };
    if (flags.newMounts) folder.mounts = folder.mounts.copy();
    const process = flags.thread ? maker.process : maker.process.fork(tid, this.#creationTime(tid, ts), folder, flags);
    const descriptors = flags.shareDescriptors ? maker.descriptors : maker.descriptors.copy();
    const task = new Task(tid, process, folder, descriptors);
    this.#tasks.set(tid, task);
    this.#event(task, OpFlag.clone, 0, ts, flags.thread ? ObjectState.reup : ObjectState.created);
    return task;
  }

  /** Adds the command's first process. It exists from its first line on and gets its program with its first exec. */
  #createRoot({ tid, time }: TraceLine): Task {
    const { ancestors, starter, inherited } = this.#options;
    let parent: ProcessState | null = null;
    for (const facts of ancestors.toReversed()) parent = processOf(facts, parent, this.#folderOf(facts));
    const descriptors = new DescriptorTable();
    for (const [fd, link] of inherited) descriptors.set(fd, resourceFromLink(link), false);
    const folder = this.#folderOf({ root: '/', cwd: starter.cwd });
    const process = new ProcessState(tid, this.#creationTime(tid, time), parent, folder);
    process.copyAttributes({ ...starter, exe: '', args: [] });
    this.rootPid = tid;
    const task = new Task(tid, process, folder, descriptors);
    this.#tasks.set(tid, task);
    return task;
  }

  /** Adds a process whose creation was not traced, as a child of the command, with its attributes in `/proc`. */
  #createOrphan(tid: number, ts: bigint): Task {
    this.notes.orphans++;
    const facts = this.#recorder.proc.process(tid);
    const createTs = this.#creationTime(tid, ts);
    const parent = this.#tasks.get(facts?.parentPid ?? 0)?.process ?? null;
    const folder = this.#folderOf(facts ?? { root: '/', cwd: '' });
    const process =
      facts === null
        ? new ProcessState(tid, createTs, parent, folder)
        : processOf({ ...facts, createTs }, parent, folder);
    const task = new Task(tid, process, folder, new DescriptorTable());
    this.#tasks.set(tid, task);
    return task;
  }

  #folderOf({ root, cwd }: Pick<ProcessFacts, 'root' | 'cwd'>): FolderState {
    return { root, cwd, mounts: this.#recorder.paths.mounts };
  }

  #exit(task: Task, status: number, end: number | string, ts: bigint): void {
    const { process, tid } = task;
    this.#recorder.flows.end(process, task.isMain ? null : tid, ts);
    this.#event(task, OpFlag.exit, status, ts, ObjectState.reup);
    this.#remove(task);
    if (tid === this.rootPid && process.exe !== '') this.rootEnd = end;
    this.#resolveHeldTasks(ts);
  }

  /**
   * Handles that another thread of the process executed a program and continues with the id of this one, the main
   * thread.
   */
  #supersede(main: Task, by: number, ts: bigint): void {
    const executing = this.#tasks.get(by);
    if (executing === undefined || executing === main) return;
    // The kernel ends the other threads once exec cannot fail any more; strace may print a wrong result for the call.
    main.pending = executing.pending === null ? null : { ...executing.pending, done: true };
    main.folder = executing.folder;
    main.descriptors = executing.descriptors;
    this.#recorder.flows.end(main.process, by, ts);
    this.#remove(executing);
  }

  #event({ process, tid }: Task, opFlags: number, ret: number, ts: bigint, state: number): void {
    this.#recorder.entities.announce(process, state, ts);
    const { oid } = process;
    this.#recorder.write({ kind: 'processEvent', process: oid, ts, tid: BigInt(tid), opFlags, args: [], ret });
  }

  #creationTime(pid: number, ts: bigint): bigint {
    const before = this.#creations.get(pid);
    const time = before !== undefined && ts <= before ? before + 1n : ts;
    this.#creations.delete(pid);
    if (this.#creations.size >= MAX_CREATIONS) this.#creations.delete(this.#creations.keys().next().value!);
    this.#creations.set(pid, time);
    return time;
  }

  #remove(task: Task): void {
    this.#tasks.delete(task.tid);
    this.#childOfOpenCall.delete(task);
  }
}

function processOf(facts: ProcessFacts, parent: ProcessState | null, folder: FolderState): ProcessState {
  const process = new ProcessState(facts.pid, facts.createTs, parent, folder);
  process.copyAttributes(facts);
  return process;
}

function pendingFlags(maker: Task): CloneFlags {
  const { name, head } = maker.pending!;
  return cloneFlags({ name, args: parseHead(head) });
}

/** The flags are an argument of `clone`, and a member of the struct of `clone3`; `fork` and `vfork` have none. */
function cloneFlags({ name, args }: Pick<StraceCall, 'name' | 'args'>): CloneFlags {
  const flags = flagsOf(name === 'clone3' ? member(args[0], 'flags') : argument(args, 1, 'flags'));
  return {
    thread: flags.has('CLONE_THREAD'),
    sameParent: flags.has('CLONE_PARENT'),
    shareFolder: flags.has('CLONE_FS'),
    shareDescriptors: flags.has('CLONE_FILES'),
    newMounts: flags.has('CLONE_NEWNS'),
  };
}
