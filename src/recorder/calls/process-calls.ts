import { ObjectState } from '../../sysflow/entities.js';
import { OpFlag } from '../../sysflow/op-flags.js';
import type { CallContext } from '../call-context.js';
import { errorNumber } from '../errno.js';
import { argument, numberOf, stringOf, stringsOf } from '../strace/arguments.js';
import type { CallHandler } from './handler.js';

/**
 * Calls that change the attributes of a process. The tracker handles clone and exit, since they change the set of
 * processes.
 */
export const PROCESS_CALLS: Readonly<Record<string, CallHandler>> = {
  execve: (context) => execute(context, context.args[0] === undefined ? '' : programPath(context, 0), 1),
  execveat: (context) => execute(context, programPath(context, 1), 2),
  setuid: (context) => {
    const uid = numberOf(context.args[0]);
    setUser(context, uid, uid === null ? '' : askedUser(context, uid));
  },
  setreuid: (context) => setUser(context, numberOf(context.args[1]), ''),
  setresuid: (context) => setUser(context, numberOf(context.args[1]), ''),
  setgid: (context) => setGroup(context, numberOf(context.args[0])),
  setregid: (context) => setGroup(context, numberOf(context.args[1])),
  setresgid: (context) => setGroup(context, numberOf(context.args[1])),
  setsid: (context) => {
    if (context.succeeded) context.process.tty = false;
  },
};

/**
 * Returns the program of `execve` (argument 0) or `execveat` (argument 1, after its folder). Links are not resolved,
 * since programs such as busybox depend on the name of the link; but links of processes in `/proc` are followed.
 */
function programPath(context: CallContext, position: number): string {
  const path = stringOf(context.args[position]) ?? '';
  const from = context.folder(position === 0 ? undefined : context.args[0]);
  // With AT_EMPTY_PATH the descriptor refers to the program itself.
  if (path === '') return from;
  const { paths } = context.recorder;
  const real = paths.resolve(context.task, path, { from, followLast: true });
  return real.throughProcess ? real.path : paths.asked(context.task, path, from);
}

function execute(context: CallContext, exe: string, argv: number): void {
  const { process, recorder, ts } = context;
  if (context.succeeded) {
    const { descriptors } = context;
    // After exec the process no longer shares its descriptors.
    context.task.descriptors = descriptors.copy();
    for (const fd of descriptors.closedByExec()) {
      recorder.flows.closeUsed(context.task, fd, descriptors.get(fd)!, ts);
      context.descriptors.delete(fd);
    }
    process.exe = exe;
    process.args = stringsOf(argument(context.args, argv)).slice(1);
    if (!recorder.entities.announce(process, ObjectState.created, ts)) {
      recorder.entities.write(process, ObjectState.modified, ts);
    }
  }
  processEvent(context, OpFlag.exec, []);
}

/**
 * Sets the effective user, and writes the event after the process with its new user.
 *
 * @param argument the argument of the event. As in the collector's traces, this is the name of the user for setuid, and
 * an empty text for setresuid. It is also empty for setreuid, which the collector does not record.
 */
function setUser(context: CallContext, uid: number | null, argument: string): void {
  if (context.succeeded && uid !== null && uid !== -1) {
    const { process, recorder, ts } = context;
    process.uid = uid;
    if (!recorder.entities.announce(process, ObjectState.reup, ts)) {
      recorder.entities.write(process, ObjectState.modified, ts);
    }
  }
  processEvent(context, OpFlag.setuid, [argument]);
}

/** Formats a user like the collector: by name, with placeholders for an id without a name and for -1. */
function askedUser(context: CallContext, uid: number): string {
  if (uid === -1) return '<NONE>';
  return context.recorder.entities.userName(uid) || '<NA>';
}

/** SysFlow has no event for it. The next record of the process has the new group. */
function setGroup(context: CallContext, gid: number | null): void {
  if (context.succeeded && gid !== null && gid !== -1) context.process.gid = gid;
}

function processEvent(context: CallContext, opFlags: number, args: readonly string[]): void {
  const { process, task, ts, recorder, call } = context;
  recorder.entities.announce(process, ObjectState.reup, ts);
  const ret = call.errno === null ? (call.value ?? 0) : -errorNumber(call.errno);
  const tid = BigInt(task.tid);
  recorder.write({ kind: 'processEvent', process: process.oid, ts, tid, opFlags, args, ret });
}
