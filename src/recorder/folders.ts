import { LinkTree } from './link-tree.js';
import { joinPath } from './text.js';

/**
 * The mounts that processes see. All paths of a recording start at the root of the namespace of the process they
 * belong to, as strace prints them; so do those of a process whose own root is a folder below (`chroot`).
 */
export class MountNamespace {
  /** Whether it is the recorder's own. */
  readonly own: boolean;
  /** Where the recorder finds most of what is at the root of this namespace; null where unknown. */
  outside: string | null;
  /** Shared with copies, which show the same files in most places. */
  links: LinkTree;

  constructor(own: boolean, outside: string | null, links: LinkTree = new LinkTree()) {
    this.own = own;
    this.outside = outside;
    this.links = links;
  }

  /** The namespace that `CLONE_NEWNS` makes from this one. */
  copy(): MountNamespace {
    return new MountNamespace(false, this.outside, this.links);
  }

  /** What was at a path became the root. */
  setRoot(path: string): void {
    if (!this.own && this.outside !== null) this.outside = joinPath(this.outside, path);
    this.links = new LinkTree();
  }
}

/** Where paths start; shared by tasks cloned with `CLONE_FS`. Kernel: `struct fs_struct`. */
export interface FolderState {
  /** Where absolute paths start: `/`, unless `chroot` was called. */
  root: string;
  /** Where relative paths start. Empty where unknown. */
  cwd: string;
  mounts: MountNamespace;
}

/** Whether a path is a folder's, or below it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '/' ? path.startsWith('/') : path === folder || path.startsWith(`${folder}/`);
}

/** What a path becomes when a folder gets another path; the path itself where it is not below the folder. */
export function rebase(path: string, from: string, to: string): string {
  if (!isBelow(path, from)) return path;
  return joinPath(to, from === '/' ? path : path.slice(from.length));
}
