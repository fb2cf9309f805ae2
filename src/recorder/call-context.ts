import type { TraceRecord } from '../sysflow/trace-record.js';
import { type DescriptorTable, placeOf, type Resource, type ResourceType } from './descriptors.js';
import type { EntityWriter } from './entity-writer.js';
import type { FlowNotes, FlowTable } from './flows.js';
import type { PathResolver } from './paths.js';
import type { ProcFiles } from './proc-files.js';
import type { ProcessState, Task } from './process-state.js';
import { BEYOND_IPV4, parseInternetTarget, parseUnixTarget } from './sockets.js';
import { descriptorNumber, descriptorsIn } from './strace/arguments.js';
import type { StraceCall } from './strace/line.js';
import { AT_FDCWD, type DescriptorValue, type StraceValue } from './strace/values.js';
import { pathOf } from './text.js';

/** Counts of what was observed but could not be recorded completely. */
export interface Notes extends FlowNotes {
  /** Lines of strace that do not match its grammar. */
  damagedLines: number;
  /** Operations on an unknown descriptor. */
  unknownDescriptors: number;
  /** Processes whose parent is unknown. */
  orphans: number;
  /** Calls that set up io_uring. strace does not see the operations of io_uring. */
  ioUring: number;
}

/** The state that the handlers of system calls work on. */
export interface RecorderState {
  readonly write: (record: TraceRecord) => void;
  readonly entities: EntityWriter;
  readonly flows: FlowTable;
  readonly proc: ProcFiles;
  readonly notes: Notes;
  readonly paths: PathResolver;
}

/** One system call that returned, with its thread and time. */
export class CallContext {
  readonly recorder: RecorderState;
  readonly task: Task;
  readonly call: StraceCall;
  /** The time at which it returned. */
  readonly ts: bigint;

  constructor(recorder: RecorderState, task: Task, call: StraceCall, ts: bigint) {
    this.recorder = recorder;
    this.task = task;
    this.call = call;
    this.ts = ts;
  }

  get process(): ProcessState {
    return this.task.process;
  }

  get descriptors(): DescriptorTable {
    return this.task.descriptors;
  }

  get args(): readonly StraceValue[] {
    return this.call.args;
  }

  get succeeded(): boolean {
    return this.call.value !== null && this.call.errno === null;
  }

  /** Updates the addresses of sockets from the arguments, where strace shows them as soon as they are known. */
  refreshSockets(): void {
    for (const value of descriptorsIn(this.args)) {
      const socket = this.descriptors.get(value.fd)?.socket;
      const seen = socket == null ? null : parseInternetTarget(value.target);
      if (socket == null || seen === null) continue;
      if (seen.local === BEYOND_IPV4 || seen.remote === BEYOND_IPV4) socket.beyondIpv4 = true;
      if (seen.local !== null && seen.local !== BEYOND_IPV4) socket.local = seen.local;
      if (seen.remote !== null && seen.remote !== BEYOND_IPV4) socket.remote ??= seen.remote;
    }
  }

  /**
   * Returns the resource of a descriptor argument: as tracked, otherwise as shown by strace, otherwise as shown by
   * `/proc`, which may have changed since. If it is unknown, counts it and returns null.
   */
  resource(value: StraceValue | undefined): { fd: number; resource: Resource } | null {
    const fd = descriptorNumber(value);
    if (fd === null || fd < 0) return null;
    let resource = this.descriptors.get(fd);
    if (resource === null) {
      const link = value?.kind === 'descriptor' ? null : this.recorder.proc.descriptor(this.process.pid, fd);
      if (value?.kind === 'descriptor') resource = resourceOf(value);
      else if (link !== null) resource = resourceFromLink(link);
      else this.recorder.notes.unknownDescriptors++;
      if (resource !== null) this.descriptors.set(fd, resource, false);
    }
    return resource === null ? null : { fd, resource };
  }

  /**
   * Resolves a path argument, following links in its folder part.
   *
   * @param folder the folder descriptor that the path is relative to; if missing, the working directory
   * @param followLast whether the call also follows a link at the end of the path
   */
  realPath(path: string, folder?: StraceValue, followLast = false): string {
    return this.recorder.paths.resolve(this.task, path, { from: this.folder(folder), followLast }).path;
  }

  /** Returns the path of the folder that relative paths start from, given as an argument; empty if unknown. */
  folder(value: StraceValue | undefined): string {
    const { folder } = this.task;
    const fd = descriptorNumber(value) ?? AT_FDCWD;
    if (value?.kind === 'descriptor') {
      const shown = pathOf(value.target);
      if (fd === AT_FDCWD) folder.cwd = shown;
      return shown;
    }
    if (fd === AT_FDCWD) return folder.cwd;
    const resource = this.descriptors.get(fd);
    return resource === null ? '' : placeOf(resource);
  }
}

/** Returns the resource of a descriptor as shown by strace. */
export function resourceOf(value: DescriptorValue): Resource {
  const { target } = value;
  if (target.startsWith('/')) return { type: 'f', path: pathOf(target), socket: null };
  if (target.startsWith('pipe:[')) return { type: 'p', path: target, socket: null };
  const unix = parseUnixTarget(target);
  if (unix !== null) return { type: 'u', path: unix.path === '' ? `socket:[${unix.inode}]` : unix.path, socket: null };
  const internet = parseInternetTarget(target);
  if (internet === null) return { type: 'o', path: target, socket: null };
  const { protocol, local, remote } = internet;
  const beyondIpv4 = local === BEYOND_IPV4 || remote === BEYOND_IPV4;
  return {
    type: '4',
    path: target,
    socket: {
      protocol,
      local: local === BEYOND_IPV4 ? null : local,
      remote: remote === BEYOND_IPV4 ? null : remote,
      server: null,
      beyondIpv4,
      counted: false,
    },
  };
}

/** Returns the resource of a descriptor by its link in `/proc`. */
export function resourceFromLink(link: string): Resource {
  const path = link.replace(/ \(deleted\)$/, '');
  let type: ResourceType = 'o';
  if (path.startsWith('/')) type = 'f';
  else if (path.startsWith('pipe:[')) type = 'p';
  else if (path.startsWith('socket:[')) type = 'u';
  return { type, path, socket: null };
}
