import { ObjectState } from '../../sysflow/entities.js';
import { OpFlag } from '../../sysflow/op-flags.js';
import type { CallContext } from '../call-context.js';
import type { ResourceType } from '../descriptors.js';
import { errorNumber } from '../errno.js';
import { isBelow, rebase } from '../folders.js';
import type { LinkTree } from '../link-tree.js';
import { flagsOf, stringOf } from '../strace/arguments.js';
import type { StraceValue } from '../strace/values.js';
import { parentOf } from '../text.js';
import type { CallHandler } from './handler.js';

/**
 * Calls that create, remove and rename files: one file event each, even if they fail.
 *
 * Like the collector, this records an unknown file with the type `d` if the call is about a folder, otherwise `?`,
 * since the call does not show the type. Unlike the collector, it records `unlinkat` with `AT_REMOVEDIR` as RMDIR, and
 * resolves the target of a relative symbolic link relative to the link.
 */
export const FILE_CALLS: Readonly<Record<string, CallHandler>> = {
  mkdir: (context) => one(context, OpFlag.mkdir, context.args[0]),
  mkdirat: (context) => one(context, OpFlag.mkdir, context.args[1], context.args[0]),
  rmdir: (context) => one(context, OpFlag.rmdir, context.args[0]),
  unlink: (context) => one(context, OpFlag.unlink, context.args[0]),
  unlinkat: (context) => {
    const folder = flagsOf(context.args[2]).has('AT_REMOVEDIR');
    one(context, folder ? OpFlag.rmdir : OpFlag.unlink, context.args[1], context.args[0]);
  },
  link: (context) => link(context, [context.args[0]], [context.args[1]], undefined),
  linkat: (context) =>
    link(context, [context.args[1], context.args[0]], [context.args[3], context.args[2]], context.args[4]),
  rename: (context) => rename(context, [context.args[0]], [context.args[1]], undefined),
  renameat: (context) =>
    rename(context, [context.args[1], context.args[0]], [context.args[3], context.args[2]], undefined),
  renameat2: (context) =>
    rename(context, [context.args[1], context.args[0]], [context.args[3], context.args[2]], context.args[4]),
  symlink: (context) => symlink(context, [context.args[1]]),
  symlinkat: (context) => symlink(context, [context.args[2], context.args[1]]),
};

/** A path argument, and the folder descriptor that it is relative to. */
type PathArguments = readonly [path: StraceValue | undefined, folder?: StraceValue | undefined];

function one(context: CallContext, opFlags: number, path: StraceValue | undefined, folder?: StraceValue): void {
  const text = stringOf(path);
  if (text === null) return;
  const type = opFlags === OpFlag.mkdir || opFlags === OpFlag.rmdir ? 'd' : '?';
  const real = context.realPath(text, folder);
  fileEvent(context, opFlags, type, real, ObjectState.created, null);
  if (context.succeeded) linksOf(context).set(real, null);
}

function link(context: CallContext, from: PathArguments, to: PathArguments, flags: StraceValue | undefined): void {
  const [old, next] = [stringOf(from[0]), stringOf(to[0])];
  if (old === null || next === null) return;
  const path = context.realPath(old, from[1], flagsOf(flags).has('AT_SYMLINK_FOLLOW'));
  const newPath = context.realPath(next, to[1]);
  fileEvent(context, OpFlag.link, '?', path, ObjectState.reup, newPath);
  if (context.succeeded) linksOf(context).forget(newPath);
}

function rename(context: CallContext, from: PathArguments, to: PathArguments, flags: StraceValue | undefined): void {
  const [old, next] = [stringOf(from[0]), stringOf(to[0])];
  if (old === null || next === null) return;
  const path = context.realPath(old, from[1]);
  const newPath = context.realPath(next, to[1]);
  fileEvent(context, OpFlag.rename, '?', path, ObjectState.reup, newPath);
  if (!context.succeeded || path === newPath) return;
  const { paths } = context.recorder;
  const { mounts } = context.task.folder;
  if (flagsOf(flags).has('RENAME_EXCHANGE')) {
    linksOf(context).exchange(path, newPath);
    paths.move(mounts, (folder) =>
      isBelow(folder, path) ? rebase(folder, path, newPath) : rebase(folder, newPath, path),
    );
  } else {
    linksOf(context).move(path, newPath);
    paths.move(mounts, (folder) => rebase(folder, path, newPath));
  }
}

/** Returns the known links in the mounts that the calling process sees. */
function linksOf(context: CallContext): LinkTree {
  return context.task.folder.mounts.links;
}

function symlink(context: CallContext, link: PathArguments): void {
  const [target, path] = [stringOf(context.args[0]), stringOf(link[0])];
  if (target === null || path === null) return;
  const linkPath = context.realPath(path, link[1]);
  const leadsTo = context.recorder.paths.asked(context.task, target, parentOf(linkPath));
  fileEvent(context, OpFlag.symlink, '?', leadsTo, ObjectState.reup, linkPath);
  if (context.succeeded) linksOf(context).set(linkPath, target);
}

function fileEvent(
  context: CallContext,
  opFlags: number,
  type: ResourceType | '?',
  path: string,
  state: number,
  newPath: string | null,
): void {
  const { recorder, process, task, call, ts } = context;
  recorder.entities.announce(process, ObjectState.reup, ts);
  const fileOid = recorder.entities.file(path, type, state, ts);
  const newFileOid = newPath === null ? null : recorder.entities.file(newPath, '?', ObjectState.created, ts);
  const ret = call.errno === null ? (call.value ?? 0) : -errorNumber(call.errno);
  const tid = BigInt(task.tid);
  recorder.write({ kind: 'fileEvent', process: process.oid, ts, tid, opFlags, fileOid, newFileOid, ret });
}
