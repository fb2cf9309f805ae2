import type { ProcessOid } from '../sysflow/trace-record.js';
import type { DescriptorTable, Resource } from './descriptors.js';
import type { FolderState } from './folders.js';
import type { ProcessFacts } from './proc-files.js';
import type { Endpoint } from './sockets.js';

/** What a new task shares with the task that calls clone. */
export interface CloneFlags {
  /** `CLONE_THREAD`: a thread of the same process. */
  readonly thread: boolean;
  /** `CLONE_PARENT`: a sibling instead of a child. */
  readonly sameParent: boolean;
  /** `CLONE_FS`. */
  readonly shareFolder: boolean;
  /** `CLONE_FILES`. */
  readonly shareDescriptors: boolean;
  /** `CLONE_NEWNS`: in a new mount namespace. */
  readonly newMounts: boolean;
}

/** The current state of a process. */
export class ProcessState {
  readonly pid: number;
  /** Object id: creation time and pid. */
  readonly oid: ProcessOid;
  readonly parent: ProcessState | null;
  exe = '';
  args: readonly string[] = [];
  uid = -1;
  gid = -1;
  /** Whether it has a controlling terminal. */
  tty = false;
  /** The folders of its main thread. */
  folder: FolderState;
  /** Whether it has been written to the trace. */
  written = false;
  /** Its open flows, by key. */
  readonly flows: Map<string, Flow> = new Map();

  constructor(pid: number, createTs: bigint, parent: ProcessState | null, folder: FolderState) {
    this.pid = pid;
    this.oid = { createTs, pid: BigInt(pid) };
    this.parent = parent;
    this.folder = folder;
  }

  /** Returns a new process that is a copy of this one, as clone creates it with these flags. */
  fork(pid: number, createTs: bigint, folder: FolderState, flags: CloneFlags): ProcessState {
    const child = new ProcessState(pid, createTs, flags.sameParent ? this.parent : this, folder);
    child.copyAttributes(this);
    return child;
  }

  /** Copies program and ids from another process or from `/proc`. */
  copyAttributes({ exe, args, uid, gid, tty }: Pick<ProcessFacts, 'exe' | 'args' | 'uid' | 'gid' | 'tty'>): void {
    this.exe = exe;
    this.args = args;
    this.uid = uid;
    this.gid = gid;
    this.tty = tty;
  }
}

/** A call that has started and not returned. */
export interface PendingCall {
  readonly name: string;
  /** The output of strace for it so far. */
  readonly head: string;
  /** Whether it is known to have succeeded, regardless of the result that strace prints. */
  readonly done?: boolean;
}

/** A thread. The threads of a process usually share folders and descriptors, but need not. */
export class Task {
  readonly tid: number;
  readonly process: ProcessState;
  descriptors: DescriptorTable;
  pending: PendingCall | null = null;
  #folder: FolderState;

  constructor(tid: number, process: ProcessState, folder: FolderState, descriptors: DescriptorTable) {
    this.tid = tid;
    this.process = process;
    this.#folder = folder;
    this.descriptors = descriptors;
  }

  get folder(): FolderState {
    return this.#folder;
  }

  set folder(folder: FolderState) {
    this.#folder = folder;
    if (this.isMain) this.process.folder = folder;
  }

  get isMain(): boolean {
    return this.tid === this.process.pid;
  }
}

/** What a thread did with one descriptor since the flow began. */
export interface Flow {
  readonly task: Task;
  readonly fd: number;
  readonly resource: Resource;
  /** The other end of a network flow; null for a file flow. */
  readonly peer: Endpoint | null;
  ts: bigint;
  opFlags: number;
  openFlags: number;
  readOps: bigint;
  writeOps: bigint;
  readBytes: bigint;
  writeBytes: bigint;
}
