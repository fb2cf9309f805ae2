import type { CallContext } from '../call-context.js';
import { placeOf } from '../descriptors.js';
import { rebase } from '../folders.js';
import { flagsOf, stringOf } from '../strace/arguments.js';
import { pathOf } from '../text.js';
import type { CallHandler } from './handler.js';

/** Calls that change where paths start, or whether this is shared. They do not create records. */
export const FOLDER_CALLS: Readonly<Record<string, CallHandler>> = {
  chdir: (context) => {
    const path = stringOf(context.args[0]);
    if (context.succeeded && path !== null) context.task.folder.cwd = context.realPath(path, undefined, true);
  },
  fchdir: (context) => {
    const [value] = context.args;
    const folder = context.resource(value);
    // strace shows the current path of the folder, which may have been renamed since it was opened.
    const path = value?.kind === 'descriptor' ? pathOf(value.target) : folder && placeOf(folder.resource);
    if (context.succeeded && path !== null) context.task.folder.cwd = path;
  },
  chroot: (context) => {
    const path = stringOf(context.args[0]);
    if (context.succeeded && path !== null) context.task.folder.root = context.realPath(path, undefined, true);
  },
  pivot_root: pivotRoot,
  mount: moveMount,
  unshare: (context) => {
    const { task } = context;
    const flags = flagsOf(context.args[0]);
    if (!context.succeeded) return;
    if (flags.has('CLONE_FILES')) task.descriptors = task.descriptors.copy();
    if (['CLONE_FS', 'CLONE_NEWNS', 'CLONE_NEWUSER'].some((flag) => flags.has(flag))) task.folder = { ...task.folder };
    if (flags.has('CLONE_NEWNS')) task.folder.mounts = task.folder.mounts.copy();
  },
};

/** `setns` to another mount namespace continues at its root. */
export function enterNamespace(context: CallContext): void {
  const [value, type] = context.args;
  const target = value?.kind === 'descriptor' ? value.target : '';
  if (!target.startsWith('mnt:[') && !flagsOf(type).has('CLONE_NEWNS')) return;
  context.task.folder = { root: '/', cwd: '/', mounts: context.recorder.paths.namespaceOf(target) };
}

/**
 * The mount at the first path becomes the root of the namespace, and the old root becomes visible at the second path.
 * The kernel moves every process of the namespace whose root or working directory was the old root.
 */
function pivotRoot(context: CallContext): void {
  const [next, old] = [stringOf(context.args[0]), stringOf(context.args[1])];
  if (!context.succeeded || next === null || old === null) return;
  const { folder } = context.task;
  const { root, mounts } = folder;
  const from = context.realPath(next, undefined, true);
  const put = rebase(context.realPath(old, undefined, true), from, root);
  mounts.setRoot(from);
  context.recorder.paths.move(mounts, (path) => {
    if (path === root) return root;
    const inNext = rebase(path, from, root);
    return inNext === path ? rebase(path, root, put) : inNext;
  });
}

/** `MS_MOVE`, with which programs replace the root where `pivot_root` is not possible. */
function moveMount(context: CallContext): void {
  const [source, target] = [stringOf(context.args[0]), stringOf(context.args[1])];
  if (!context.succeeded || source === null || target === null || !flagsOf(context.args[3]).has('MS_MOVE')) return;
  const from = context.realPath(source, undefined, true);
  const to = context.realPath(target, undefined, true);
  const { mounts } = context.task.folder;
  if (to === '/') mounts.setRoot(from);
  context.recorder.paths.move(mounts, (path) => rebase(path, from, to));
}
