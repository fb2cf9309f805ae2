import type { SocketState } from './sockets.js';

/**
 * The resource that a descriptor refers to. Duplicated and inherited descriptors share one object.
 *
 * `path` is the collector's name of the resource: a path, `pipe:[inode]`, `socket:[inode]`.
 */
export interface Resource {
  /** Type in SysFlow: `f`, `d`, `p`, `u`, `4` for network flows, or `o` for a resource that is not recorded. */
  readonly type: ResourceType;
  path: string;
  /** The current path, if the file or a folder above it was renamed while it was open. */
  movedTo?: string;
  /** Set for internet sockets only. */
  readonly socket: SocketState | null;
}

export type ResourceType = 'f' | 'd' | 'p' | 'u' | '4' | 'o';

/** Returns the current path of a resource. */
export function placeOf({ path, movedTo }: Resource): string {
  return movedTo ?? path;
}

interface Descriptor {
  readonly resource: Resource;
  closeOnExec: boolean;
}

/** The descriptors of a process, or of several that share them. */
export class DescriptorTable {
  readonly #entries = new Map<number, Descriptor>();

  get(fd: number): Resource | null {
    return this.#entries.get(fd)?.resource ?? null;
  }

  set(fd: number, resource: Resource, closeOnExec: boolean): void {
    this.#entries.set(fd, { resource, closeOnExec });
  }

  delete(fd: number): void {
    this.#entries.delete(fd);
  }

  setCloseOnExec(fd: number, closeOnExec: boolean): void {
    const entry = this.#entries.get(fd);
    if (entry !== undefined) entry.closeOnExec = closeOnExec;
  }

  /** Returns the resources of all descriptors; a resource may occur more than once. */
  resources(): Resource[] {
    return [...this.#entries.values()].map(({ resource }) => resource);
  }

  /** Returns the numbers of all descriptors that exec closes. */
  closedByExec(): number[] {
    return [...this.#entries].filter(([, entry]) => entry.closeOnExec).map(([fd]) => fd);
  }

  /** Returns the descriptor numbers from `first` to `last`. */
  between(first: number, last: number): number[] {
    return [...this.#entries.keys()].filter((fd) => fd >= first && fd <= last);
  }

  /** Returns a separate table with the same contents, as fork creates it. */
  copy(): DescriptorTable {
    const table = new DescriptorTable();
    for (const [fd, entry] of this.#entries) table.set(fd, entry.resource, entry.closeOnExec);
    return table;
  }
}
