import type { ProcessOid } from '../sysflow/trace-record.js';
import type { DescriptorTable, Resource } from './descriptors.js';
import type { FolderState } from './folders.js';
import type { ProcessFacts } from './proc-files.js';
import type { Endpoint } from './sockets.js';

/** What clone shares between the new task and the one that calls it. */
export interface CloneFlags {
  /** `CLONE_THREAD`: a thread of the same process. */
  readonly thread: boolean;
  /** `CLONE_PARENT`: a sibling instead of a child. */
  readonly sameParent: boolean;
  /** `CLONE_FS`. */
  readonly shareFolder: boolean;
  /** `CLONE_FILES`. */
  readonly shareDescriptors: boolean;
  /** `CLONE_NEWNS`: in a mount namespace of its own. */
  readonly newMounts: boolean;
}

/** A process, as it is now. */
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
  /** That of the main thread. */
  folder: FolderState;
  /** Whether a record of it is in the trace. */
  written = false;
  /** Its open flows, by key. */
  readonly flows: Map<string, Flow> = new Map();

  constructor(pid: number, createTs: bigint, parent: ProcessState | null, folder: FolderState) {
    this.pid = pid;
    this.oid = { createTs, pid: BigInt(pid) };
    this.parent = parent;
    this.folder = folder;
  }

  /** A new process that is a copy of this one, as clone makes it with these flags. */
  fork(pid: number, createTs: bigint, folder: FolderState, flags: CloneFlags): ProcessState {
    const child = new ProcessState(pid, createTs, flags.sameParent ? this.parent : this, folder);
    child.copyAttributes(this);
    return child;
  }

  /** Takes over what another process runs and for whom, or what `/proc` tells of that. */
  copyAttributes({ exe, args, uid, gid, tty }: Pick<ProcessFacts, 'exe' | 'args' | 'uid' | 'gid' | 'tty'>): void {
    this.exe = exe;
    this.args = args;
    this.uid = uid;
    this.gid = gid;
    this.tty = tty;
  }
}

/** A call that has begun and not returned. */
export interface PendingCall {
  readonly name: string;
  /** What strace printed of it so far. */
  readonly head: string;
  /** Whether it is known to have succeeded, whatever strace says that it returned. */
  readonly done?: boolean;
}

/** A thread. Threads of a process mostly share folders and descriptors, but need not. */
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
