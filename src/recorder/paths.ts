import { type DescriptorTable, placeOf, type Resource } from './descriptors.js';
import { type FolderState, isBelow, MountNamespace, rebase } from './folders.js';
import type { Task } from './process-state.js';
import { joinPath, parentOf } from './text.js';

/** Links followed in one path; the kernel gives up after as many. */
const MAX_LINKS = 40;
const LINKS_OF_PROCESSES: ReadonlySet<string> = new Set(['self', 'thread-self', 'cwd', 'root', 'exe']);
const PROCESS_FOLDER = /^(.*?)\/(self|\d{1,10})(?:\/task\/(\d{1,10}))?$/s;
const DESCRIPTOR_FOLDER = /^(.*?)\/(self|\d{1,10})(?:\/task\/(\d{1,10}))?\/fd$/s;

/** How a path is looked up. */
export interface Lookup {
  /** Folder that a relative path starts at; the task's working directory by default, empty where unknown. */
  readonly from?: string | undefined;
  /** Whether a link at the end of the path is followed too. */
  readonly followLast?: boolean;
}

/** Where a path leads. */
export interface ResolvedPath {
  readonly path: string;
  /** Whether the way went through a link of a process in `/proc`, such as `/proc/self` or `/proc/7/fd/3`. */
  readonly throughProcess: boolean;
}

/** A place that a link in `/proc` leads to, and the task whose mount namespace it is in. */
interface Place {
  readonly path: string;
  readonly viewer: Task;
}

/**
 * Looks up the paths in system calls as the kernel did for the task that made the call: from its root and working
 * directory, `..` after links, and links in `/proc` for this task instead of the recorder.
 */
export class PathResolver {
  /** The recorder's own mounts. */
  readonly mounts: MountNamespace = new MountNamespace(true, '/');
  readonly #readLink: (path: string) => string | null;
  readonly #pid: string;
  readonly #tasks: ReadonlyMap<number, Task>;

  /**
   * @param readLink target of a symbolic link, read by the recorder; null where the path is none or cannot be read
   * @param pid the recorder's process id
   * @param tasks all recorded tasks that are alive
   */
  constructor(readLink: (path: string) => string | null, pid: number, tasks: ReadonlyMap<number, Task>) {
    this.#readLink = readLink;
    this.#pid = String(pid);
    this.#tasks = tasks;
  }

  /** Where a path leads; a path relative to an unknown folder stays as it is. */
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

  /** A path as it was asked for, made absolute: no links are followed. */
  asked(task: Task, path: string, from: string = task.folder.cwd): string {
    const { root } = task.folder;
    if (path.startsWith('/')) return joinPath(root, joinPath('/', path));
    if (!from.startsWith('/')) return unresolved(from, path).path;
    // Above the root of the process there is nothing, unless it is outside already.
    return isBelow(from, root) ? joinPath(root, joinPath(rebase(from, root, '/'), path)) : joinPath(from, path);
  }

  /** The mounts that a descriptor given to `setns` stands for, such as `mnt:[4026531841]`. */
  namespaceOf(target: string): MountNamespace {
    return target === this.#readLink('/proc/self/ns/mnt') ? this.mounts : new MountNamespace(false, null);
  }

  /** Files in a mount namespace have other paths now: changes roots, working directories and what descriptors refer to. */
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

  /** Where a link of a process in `/proc` leads, as the task sees it; null where the name is none. */
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
    // In another mount namespace `self` may have stayed as it is, but whose links these are is known all the same.
    const own = match[2] === 'self' && !viewer.folder.mounts.own && match[1] === joinPath(task.folder.root, 'proc');
    if (!own && !this.#isProc(viewer, match[1]!)) return null;
    const owner = own ? task : this.#tasks.get(Number(match[3] ?? match[2]));
    const target = owner === undefined ? this.#readSeen(viewer, `${path}/${name}`) : linkOf(owner, descriptor ?? name);
    if (target === null || target === '') return null;
    return { path: target.replace(/ \(deleted\)$/, ''), viewer: owner ?? viewer };
  }

  /** Whether a folder is a mounted `/proc` whose process ids are those that strace prints. */
  #isProc(viewer: Task, path: string): boolean {
    return this.#readSeen(viewer, `${path}/self`) === this.#pid;
  }

  #linkAt({ path, viewer }: Place): string | null {
    const known = viewer.folder.mounts.links.get(path);
    return known === undefined ? this.#readSeen(viewer, path) : known;
  }

  /**
   * Reads a link as a task sees it: in another mount namespace through the task's root as long as it is alive, then from
   * where the root was before.
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

/** Where one of the links of a recorded task leads: of a descriptor, or `cwd`, `root`, `exe`. */
function linkOf(owner: Task, link: number | string): string | null {
  if (typeof link === 'number') {
    const resource = owner.descriptors.get(link);
    return resource === null ? null : placeOf(resource);
  }
  if (link === 'cwd') return owner.folder.cwd;
  return link === 'root' ? owner.folder.root : owner.process.exe;
}
