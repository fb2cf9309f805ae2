import { OpFlag } from '../../sysflow/op-flags.js';
import { OpenFlag } from '../../sysflow/open-flags.js';
import { type CallContext, resourceOf } from '../call-context.js';
import type { Resource } from '../descriptors.js';
import { argument, descriptorNumber, descriptorsIn, flagsOf, member, numberOf, stringOf } from '../strace/arguments.js';
import type { StraceValue } from '../strace/values.js';
import { enterNamespace } from './folder-calls.js';
import type { CallHandler } from './handler.js';

/** Calls that open, use, duplicate and close descriptors: file flows. */
export const DESCRIPTOR_CALLS: Readonly<Record<string, CallHandler>> = {
  open: (context) => open(context, context.args[0], context.args[1]),
  openat: (context) => open(context, context.args[1], context.args[2], context.args[0]),
  openat2: (context) => open(context, context.args[1], member(context.args[2], 'flags'), context.args[0]),
  creat: (context) => open(context, context.args[0], { kind: 'word', text: 'O_WRONLY|O_CREAT|O_TRUNC' }),
  open_by_handle_at: (context) => open(context, undefined, context.args[2]),

  close,
  close_range: closeRange,
  dup: (context) => duplicate(context, context.call.value, false),
  dup2: (context) => duplicate(context, context.call.value, false),
  dup3: (context) => duplicate(context, context.call.value, flagsOf(context.args[2]).has('O_CLOEXEC')),
  fcntl: control,
  fcntl64: control,
  ioctl: (context) => {
    const command = context.args[1];
    const fd = descriptorNumber(context.args[0]);
    if (!context.succeeded || fd === null || command?.kind !== 'word') return;
    if (command.text === 'FIOCLEX') context.descriptors.setCloseOnExec(fd, true);
    else if (command.text === 'FIONCLEX') context.descriptors.setCloseOnExec(fd, false);
  },
  pipe: (context) => installAll(context, context.args[0], false),
  pipe2: (context) => installAll(context, context.args[0], flagsOf(context.args[1]).has('O_CLOEXEC')),

  read: (context) => use(context, OpFlag.readRecv, 0),
  readv: (context) => use(context, OpFlag.readRecv, 0),
  pread64: (context) => use(context, OpFlag.readRecv, 0),
  preadv: (context) => use(context, OpFlag.readRecv, 0),
  preadv2: (context) => use(context, OpFlag.readRecv, 0),
  write: (context) => use(context, OpFlag.writeSend, 0),
  writev: (context) => use(context, OpFlag.writeSend, 0),
  pwrite64: (context) => use(context, OpFlag.writeSend, 0),
  pwritev: (context) => use(context, OpFlag.writeSend, 0),
  pwritev2: (context) => use(context, OpFlag.writeSend, 0),
  sendfile: (context) => transfer(context, 1, 0),
  sendfile64: (context) => transfer(context, 1, 0),
  splice: (context) => transfer(context, 0, 2),
  tee: (context) => transfer(context, 0, 1),
  copy_file_range: (context) => transfer(context, 0, 2),
  mmap: map,
  mmap2: map,
  setns: (context) => {
    if (!context.succeeded) return;
    use(context, OpFlag.setns, 0);
    enterNamespace(context);
  },

  // Descriptors of kinds that are not recorded. They are tracked so that their numbers are not attributed to other
  // resources.
  epoll_create: installed,
  epoll_create1: installed,
  eventfd: installed,
  eventfd2: installed,
  signalfd: installed,
  signalfd4: installed,
  timerfd_create: installed,
  inotify_init: installed,
  inotify_init1: installed,
  fanotify_init: installed,
  memfd_create: installed,
  memfd_secret: installed,
  perf_event_open: installed,
  pidfd_open: installed,
  pidfd_getfd: installed,
  userfaultfd: installed,
  io_uring_setup: (context) => {
    if (context.succeeded) context.recorder.notes.ioUring++;
    installed(context);
  },
};

/** Calls whose data strace would print. They are traced with raw arguments, since only sizes are recorded. */
export const DATA_CALLS: readonly string[] = [
  ...['read', 'readv', 'pread64', 'preadv', 'preadv2'],
  ...['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2'],
];

const OPEN_FLAGS: Readonly<Record<string, number>> = {
  O_RDONLY: OpenFlag.rdonly,
  O_WRONLY: OpenFlag.wronly,
  O_RDWR: OpenFlag.rdwr,
  O_CREAT: OpenFlag.creat,
  O_APPEND: OpenFlag.append,
  O_DSYNC: OpenFlag.dsync,
  O_EXCL: OpenFlag.excl,
  O_NONBLOCK: OpenFlag.nonblock,
  O_SYNC: OpenFlag.sync,
  O_TRUNC: OpenFlag.trunc,
  O_DIRECT: OpenFlag.direct,
  O_DIRECTORY: OpenFlag.directory,
  O_LARGEFILE: OpenFlag.largefile,
  O_CLOEXEC: OpenFlag.cloexec,
};

/** Converts strace's flag names to `OpenFlag` bits. */
function openFlagsOf(names: Iterable<string>): number {
  let bits = 0;
  for (const name of names) bits |= OPEN_FLAGS[name] ?? 0;
  return bits;
}

/** Only successful opens are recorded, since a file flow needs a descriptor. */
function open(context: CallContext, path: StraceValue | undefined, flags: StraceValue | undefined, at?: StraceValue) {
  const { value } = context.call;
  if (!context.succeeded || value === null) return;
  const names = flagsOf(flags);
  const resource = opened(context, stringOf(path), at, names.has('O_DIRECTORY'));
  context.descriptors.set(value, resource, names.has('O_CLOEXEC'));
  const openFlags = openFlagsOf(names);
  context.recorder.flows.add(context.task, value, resource, { op: OpFlag.open, ts: context.ts, openFlags });
}

/**
 * Returns the path with links resolved, as the kernel shows it. If the kernel shows no path, as for the files of
 * `/proc/PID/ns`, returns the requested path.
 */
function opened(context: CallContext, path: string | null, at: StraceValue | undefined, folder: boolean): Resource {
  const asked: Resource = { type: 'f', path: path === null ? '' : context.realPath(path, at), socket: null };
  const { descriptor } = context.call;
  const shown = descriptor === null ? asked : resourceOf(descriptor);
  const resource = shown.type === 'o' ? asked : shown;
  return folder && resource.type === 'f' ? { ...resource, type: 'd' } : resource;
}

function close(context: CallContext): void {
  if (!context.succeeded) return;
  const closed = context.resource(context.args[0]);
  if (closed === null) return;
  context.recorder.flows.close(context.task, closed.fd, closed.resource, context.ts);
  context.descriptors.delete(closed.fd);
}

function closeRange(context: CallContext): void {
  const [first, last] = [numberOf(context.args[0]), numberOf(context.args[1])];
  if (!context.succeeded || first === null || last === null) return;
  const flags = flagsOf(context.args[2]);
  if (flags.has('CLOSE_RANGE_UNSHARE')) context.task.descriptors = context.descriptors.copy();
  const { descriptors } = context;
  const onExec = flags.has('CLOSE_RANGE_CLOEXEC');
  for (const fd of descriptors.between(first, last)) {
    if (onExec) descriptors.setCloseOnExec(fd, true);
    else {
      context.recorder.flows.close(context.task, fd, descriptors.get(fd)!, context.ts);
      descriptors.delete(fd);
    }
  }
}

function duplicate(context: CallContext, fd: number | null, closeOnExec: boolean): void {
  const from = context.resource(context.args[0]);
  if (!context.succeeded || from === null || fd === null || fd === from.fd) return;
  const { descriptors } = context;
  const replaced = descriptors.get(fd);
  // The kernel first closes the descriptor with this number.
  if (replaced !== null) context.recorder.flows.closeUsed(context.task, fd, replaced, context.ts);
  descriptors.set(fd, from.resource, closeOnExec);
}

function control(context: CallContext): void {
  const command = argument(context.args, 1);
  if (!context.succeeded || command?.kind !== 'word') return;
  if (command.text === 'F_DUPFD') duplicate(context, context.call.value, false);
  else if (command.text === 'F_DUPFD_CLOEXEC') duplicate(context, context.call.value, true);
  else if (command.text === 'F_SETFD') {
    const fd = descriptorNumber(context.args[0]);
    if (fd !== null) context.descriptors.setCloseOnExec(fd, flagsOf(context.args[2]).has('FD_CLOEXEC'));
  }
}

function use(context: CallContext, op: number, position: number): void {
  const used = context.resource(context.args[position]);
  if (used === null) return;
  const bytes = context.succeeded ? (context.call.value ?? 0) : 0;
  context.recorder.flows.add(context.task, used.fd, used.resource, { op, ts: context.ts, bytes });
}

function transfer(context: CallContext, from: number, to: number): void {
  use(context, OpFlag.readRecv, from);
  use(context, OpFlag.writeSend, to);
}

function map(context: CallContext): void {
  if (context.succeeded && !flagsOf(context.args[3]).has('MAP_ANONYMOUS')) use(context, OpFlag.mmap, 4);
}

/** The call returned a descriptor. */
function installed(context: CallContext): void {
  const { descriptor } = context.call;
  if (!context.succeeded || descriptor === null) return;
  const closeOnExec = /CLOEXEC/.test(context.args.map((value) => (value.kind === 'word' ? value.text : '')).join());
  context.descriptors.set(descriptor.fd, resourceOf(descriptor), closeOnExec);
}

/** Handles a call that returned several descriptors in an argument. */
export function installAll(context: CallContext, value: StraceValue | undefined, closeOnExec: boolean): void {
  if (!context.succeeded || value === undefined) return;
  for (const descriptor of descriptorsIn([value])) {
    context.descriptors.set(descriptor.fd, resourceOf(descriptor), closeOnExec);
  }
}
