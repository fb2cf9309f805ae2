import { type DescriptorTable, placeOf, type Resource } from './descriptors.js';
import { type FolderState, isBelow, MountNamespace, rebase } from './folders.js';
import type { Task } from './process-state.js';
import { joinPath, parentOf } from './text.js';

/** Maximum number of links followed in one path, as in the kernel. */
const MAX_LINKS = 40;
const LINKS_OF_PROCESSES: ReadonlySet<string> = new Set(['self', 'thread-self', 'cwd', 'root', 'exe']);
const PROCESS_FOLDER = /^(.*?)\/(self|\d{1,10})(?:\/task\/(\d{1,10}))?$/s;
const DESCRIPTOR_FOLDER = /^(.*?)\/(self|\d{1,10})(?:\/task\/(\d{1,10}))?\/fd$/s;

/** How a path is resolved. */
export interface Lookup {
  /** Folder that a relative path starts from; by default the task's working directory; empty if unknown. */
  readonly from?: string | undefined;
  /** Whether a link at the end of the path is also followed. */
  readonly followLast?: boolean;
}

/** A resolved path. */
export interface ResolvedPath {
  readonly path: string;
  /** Whether the path leads through a link of a process in `/proc`, such as `/proc/self` or `/proc/7/fd/3`. */
  readonly throughProcess: boolean;
}

/** A path that a link in `/proc` refers to, and a task in whose mount namespace it is valid. */
interface Place {
  readonly path: string;
  readonly viewer: Task;
}

/**
 * Resolves the paths in system calls as the kernel did for the calling task: from its root and working directory, with
 * `..` applied after links, and with links in `/proc` resolved for this task instead of the recorder.
 */
export class PathResolver {
  /** The mount namespace of the recorder. */
  readonly mounts: MountNamespace = new MountNamespace(true, '/');
  readonly #readLink: (path: string) => string | null;
  readonly #pid: string;
  readonly #tasks: ReadonlyMap<number, Task>;

  /**
   * @param readLink returns the target of a symbolic link as the recorder sees it; null if the path is not a link or
   * cannot be read
   * @param pid the recorder's process id
   * @param tasks all recorded tasks that are alive
   */
  constructor(readLink: (path: string) => string | null, pid: number, tasks: ReadonlyMap<number, Task>) {
    this.#readLink = readLink;
    this.#pid = String(pid);
    this.#tasks = tasks;
  }

  /** Resolves a path. A path relative to an unknown folder is returned unchanged. */
  resolve(task: Task, path: string, lookup: Lookup = {}): ResolvedPath {
    const { root, cwd } = task.folder;
    const { from = cwd, followLast = false } = lookup;
    if (!path.startsWith('/') && !from.startsWith('/')) return unresolved(from, path);
    let place: Place = { path: path.startsWith('/') ? root : from, viewer: task };
    let throughProcess = false;
    let links = 0;
    const names = path.split('/').reverse();
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      if (name === '' || name === '.') continue;
      if (name === '..') {
        if (place.path !== root) place = { ...place, path: parentOf(place.path) };
        continue;
      }
      const next: Place = { ...place, path: place.path === '/' ? `/${name}` : `${place.path}/${name}` };
      if (!followLast && names.every((rest) => rest === '')) return { path: next.path, throughProcess };
      const jump = this.#processLink(task, place, name);
      const target = jump === null ? this.#linkAt(next) : null;
      if (jump !== null) throughProcess = true;
      if (target !== null && ++links <= MAX_LINKS) {
        names.push(...target.split('/').reverse());
        if (target.startsWith('/')) place = { path: root, viewer: task };
      } else place = jump ?? next;
    }
    return { path: place.path, throughProcess };
  }

  /** Makes a path absolute without following links. */
  asked(task: Task, path: string, from: string = task.folder.cwd): string {
    const { root } = task.folder;
    if (path.startsWith('/')) return joinPath(root, joinPath('/', path));
    if (!from.startsWith('/')) return unresolved(from, path).path;
    // A process cannot leave its root, unless it is outside already.
    return isBelow(from, root) ? joinPath(root, joinPath(rebase(from, root, '/'), path)) : joinPath(from, path);
  }

  /** Returns the mount namespace of a descriptor passed to `setns`, such as `mnt:[4026531841]`. */
  namespaceOf(target: string): MountNamespace {
    return target === this.#readLink('/proc/self/ns/mnt') ? this.mounts : new MountNamespace(false, null);
  }

  /** Changes the paths of files in a mount namespace: in roots, working directories and resources of descriptors. */
  move(mounts: MountNamespace, change: (path: string) => string): void {
    const folders = new Set<FolderState>();
    const tables = new Set<DescriptorTable>();
    for (const { folder, descriptors } of this.#tasks.values()) {
      if (folder.mounts !== mounts) continue;
      folders.add(folder);
      tables.add(descriptors);
    }
    for (const folder of folders) {
      folder.root = change(folder.root);
      folder.cwd = change(folder.cwd);
    }
    const resources = new Set<Resource>();
    for (const table of tables) for (const resource of table.resources()) resources.add(resource);
    for (const resource of resources) {
      const before = placeOf(resource);
      const now = change(before);
      if (now !== before) resource.movedTo = now;
    }
  }

  /** Resolves a link of a process in `/proc` as the task sees it; returns null if the name is not such a link. */
  #processLink(task: Task, { path, viewer }: Place, name: string): Place | null {
    if (name === 'self' || name === 'thread-self') {
      if (!this.#isProc(viewer, path)) return null;
      const { pid } = task.process;
      return { path: `${path}/${name === 'self' ? pid : `${pid}/task/${task.tid}`}`, viewer };
    }
    const descriptor = /^\d{1,10}$/.test(name) ? Number(name) : null;
    if (descriptor === null && !LINKS_OF_PROCESSES.has(name)) return null;
    const match = (descriptor === null ? PROCESS_FOLDER : DESCRIPTOR_FOLDER).exec(path);
    if (match === null) return null;
    // In another mount namespace `self` may not have been resolved, but the process is known nevertheless.
    const own = match[2] === 'self' && !viewer.folder.mounts.own && match[1] === joinPath(task.folder.root, 'proc');
    if (!own && !this.#isProc(viewer, match[1]!)) return null;
    const owner = own ? task : this.#tasks.get(Number(match[3] ?? match[2]));
    const target = owner === undefined ? this.#readSeen(viewer, `${path}/${name}`) : linkOf(owner, descriptor ?? name);
    if (target === null || target === '') return null;
    return { path: target.replace(/ \(deleted\)$/, ''), viewer: owner ?? viewer };
  }

  /** Whether a folder is a mounted `/proc` with the same process ids that strace prints. */
  #isProc(viewer: Task, path: string): boolean {
    return this.#readSeen(viewer, `${path}/self`) === this.#pid;
  }

  #linkAt({ path, viewer }: Place): string | null {
    const known = viewer.folder.mounts.links.get(path);
    return known === undefined ? this.#readSeen(viewer, path) : known;
  }

  /**
   * Reads a link as a task sees it. In another mount namespace this uses the task's root in `/proc` while the task is
   * alive, and afterwards the last known path of the root.
   */
  #readSeen(viewer: Task, path: string): string | null {
    const { mounts, root } = viewer.folder;
    if (mounts.own) return this.#readLink(path);
    const door = `/proc/${viewer.tid}/root`;
    if (this.#readLink(door) === root && isBelow(path, root)) return this.#readLink(door + rebase(path, root, '/'));
    return mounts.outside === null ? null : this.#readLink(joinPath(mounts.outside, path));
  }
}

function unresolved(from: string, path: string): ResolvedPath {
  return { path: from === '' ? path : `${from}/${path}`, throughProcess: false };
}

/** Returns the target of a recorded task's link in `/proc`: of a descriptor, or `cwd`, `root`, `exe`. */
function linkOf(owner: Task, link: number | string): string | null {
  if (typeof link === 'number') {
    const resource = owner.descriptors.get(link);
    return resource === null ? null : placeOf(resource);
  }
  if (link === 'cwd') return owner.folder.cwd;
  return link === 'root' ? owner.folder.root : owner.process.exe;
}
