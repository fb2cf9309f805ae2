/** Maximum number of nodes. When it is exceeded all are removed, and links are again read from the file system. */
const MAX_NODES = 65536;

interface Node {
  /** Target of the symbolic link at this path; null if there is no link; undefined if unknown. */
  target: string | null | undefined;
  children: Map<string, Node>;
}

/**
 * The effects of recorded calls on names: symbolic links that were created, and names that were removed or replaced.
 *
 * The recorder reads the file system later than the calls happen, so a link that exists only in between is known from
 * here alone. All paths are absolute and contain no `.`, `..` or repeated slashes.
 */
export class LinkTree {
  #root: Node = emptyNode();
  #nodes = 0;

  /** Returns the target of the link at a path; null if there is none; undefined if no call has changed it. */
  get(path: string): string | null | undefined {
    return this.#find(path)?.target;
  }

  /** Sets the target of a new link, or null if the name is not a link any more. Removes everything below the path. */
  set(path: string, target: string | null): void {
    this.#put(path, { target, children: new Map() });
  }

  /** Removes what is known about a path. */
  forget(path: string): void {
    const node = this.#find(path);
    if (node === undefined) return;
    node.target = undefined;
    node.children = new Map();
  }

  /** Handles a rename: moves the entries at and below `from` to `to`. */
  move(from: string, to: string): void {
    if (from === to) return;
    const node = this.#find(from) ?? emptyNode();
    this.set(from, null);
    this.#put(to, node);
  }

  /** Handles a rename with `RENAME_EXCHANGE`. */
  exchange(one: string, other: string): void {
    const [first, second] = [this.#find(one) ?? emptyNode(), this.#find(other) ?? emptyNode()];
    this.#put(one, second);
    this.#put(other, first);
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of namesOf(path)) node = node?.children.get(name);
    return node;
  }

  #put(path: string, node: Node): void {
    if (this.#nodes > MAX_NODES) {
      this.#root = emptyNode();
      this.#nodes = 0;
    }
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) return;
    let parent = this.#root;
    for (const name of names) {
      let next = parent.children.get(name);
      if (next === undefined) {
        next = emptyNode();
        parent.children.set(name, next);
        this.#nodes++;
      }
      parent = next;
    }
    parent.children.set(last, node);
    this.#nodes++;
  }
}

function emptyNode(): Node {
  return { target: undefined, children: new Map() };
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}
