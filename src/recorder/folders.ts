import { LinkTree } from './link-tree.js';
import { joinPath } from './text.js';

/**
 * The mounts that a group of processes sees. All paths of a recording start at the root of the mount namespace of their
 * process, as strace prints them. This includes the paths of a process whose own root is a subfolder (`chroot`).
 */
export class MountNamespace {
  /** Whether it is the namespace of the recorder. */
  readonly own: boolean;
  /** Path under which the recorder sees most of this namespace's root; null if unknown. */
  outside: string | null;
  /** Shared with copies, which show the same files in most folders. */
  links: LinkTree;

  constructor(own: boolean, outside: string | null, links: LinkTree = new LinkTree()) {
    this.own = own;
    this.outside = outside;
    this.links = links;
  }

  /** Returns the namespace that `CLONE_NEWNS` creates from this one. */
  copy(): MountNamespace {
    return new MountNamespace(false, this.outside, this.links);
  }

  /** Handles that the folder at a path became the root. */
  setRoot(path: string): void {
    if (!this.own && this.outside !== null) this.outside = joinPath(this.outside, path);
    this.links = new LinkTree();
  }
}

/** Where paths start; shared by tasks cloned with `CLONE_FS`. Kernel: `struct fs_struct`. */
export interface FolderState {
  /** Where absolute paths start: `/`, unless `chroot` was called. */
  root: string;
  /** Where relative paths start; empty if unknown. */
  cwd: string;
  mounts: MountNamespace;
}

/** Whether a path is that of a folder, or below it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '/' ? path.startsWith('/') : path === folder || path.startsWith(`${folder}/`);
}

/** Returns the new path after a folder was moved; paths outside of the folder are returned unchanged. */
export function rebase(path: string, from: string, to: string): string {
  if (!isBelow(path, from)) return path;
  return joinPath(to, from === '/' ? path : path.slice(from.length));
}
