import type { SocketState } from './sockets.js';

/**
 * What a descriptor refers to. Descriptors that were duplicated or inherited share one object.
 *
 * `path` is how the collector names the resource: a path, `pipe:[inode]`, `socket:[inode]`.
 */
export interface Resource {
  /** Type in SysFlow: `f`, `d`, `p`, `u`, `4` for what becomes a network flow, or `o` for what is not recorded. */
  readonly type: ResourceType;
  path: string;
  /** The path it has now, where it or a folder above was renamed while it was open. */
  movedTo?: string;
  /** Only of sockets. */
  readonly socket: SocketState | null;
}

export type ResourceType = 'f' | 'd' | 'p' | 'u' | '4' | 'o';

/** Where a resource is now. */
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

  /** What all descriptors refer to; a resource may come more than once. */
  resources(): Resource[] {
    return [...this.#entries.values()].map(({ resource }) => resource);
  }

  /** The numbers of all that exec closes. */
  closedByExec(): number[] {
    return [...this.#entries].filter(([, entry]) => entry.closeOnExec).map(([fd]) => fd);
  }

  /** The numbers from `first` to `last`. */
  between(first: number, last: number): number[] {
    return [...this.#entries.keys()].filter((fd) => fd >= first && fd <= last);
  }

  /** A table of its own with the same contents, as fork makes it. */
  copy(): DescriptorTable {
    const table = new DescriptorTable();
    for (const [fd, entry] of this.#entries) table.set(fd, entry.resource, entry.closeOnExec);
    return table;
  }
}
