import { LinkTree } from './link-tree.js';
import { joinPath } from './text.js';

/**
 * The mounts that processes see. All paths of a recording start at the root of the namespace of the process they
 * belong to, as strace prints them; so do those of a process whose own root is a folder below (`chroot`).
 */
export class MountNamespace {
  /**
   * How paths can be looked up from outside: `recorder` is the recorder's own namespace; `copy` was made from that,
   * so that most of it is the same; of an `other` one nothing is known.
   */
  origin: 'recorder' | 'copy' | 'other';
  /** Shared with copies, which show the same files in most places. */
  links: LinkTree;

  constructor(origin: 'recorder' | 'copy' | 'other', links: LinkTree = new LinkTree()) {
    this.origin = origin;
    this.links = links;
  }

  /** The namespace that `CLONE_NEWNS` makes from this one. */
  copy(): MountNamespace {
    return new MountNamespace(this.origin === 'other' ? 'other' : 'copy', this.links);
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
