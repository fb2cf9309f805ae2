import type { ProcessOid } from '../sysflow/trace-record.js';
import type { DescriptorTable } from './descriptors.js';
import type { Flow } from './flows.js';
import type { ProcessFacts } from './proc-files.js';

/** Where relative paths start; shared by processes cloned with `CLONE_FS`. */
export interface FolderState {
  cwd: string;
}

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
  folder: FolderState;
  descriptors: DescriptorTable;
  /** Whether a record of it is in the trace. */
  written = false;
  /** Its open flows, by key. */
  readonly flows: Map<string, Flow> = new Map();

  constructor(
    pid: number,
    createTs: bigint,
    parent: ProcessState | null,
    folder: FolderState,
    descriptors: DescriptorTable,
  ) {
    this.pid = pid;
    this.oid = { createTs, pid: BigInt(pid) };
    this.parent = parent;
    this.folder = folder;
    this.descriptors = descriptors;
  }

  /** A new process that is a copy of this one, as clone makes it with these flags. */
  fork(pid: number, createTs: bigint, flags: CloneFlags): ProcessState {
    const parent = flags.sameParent ? this.parent : this;
    const folder = flags.shareFolder ? this.folder : { cwd: this.folder.cwd };
    const child = new ProcessState(
      pid,
      createTs,
      parent,
      folder,
      flags.shareDescriptors ? this.descriptors : this.descriptors.copy(),
    );
    child.takeOver(this);
    return child;
  }

  /** Takes over what another process runs and for whom, or what `/proc` tells of that. */
  takeOver({ exe, args, uid, gid, tty }: Pick<ProcessFacts, 'exe' | 'args' | 'uid' | 'gid' | 'tty'>): void {
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
}

/** A thread. */
export class Task {
  readonly tid: number;
  readonly process: ProcessState;
  pending: PendingCall | null = null;

  constructor(tid: number, process: ProcessState) {
    this.tid = tid;
    this.process = process;
  }

  get isMain(): boolean {
    return this.tid === this.process.pid;
  }
}
