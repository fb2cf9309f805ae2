/** Nodes kept at most; beyond that everything is forgotten and links are looked up in the file system again. */
const MAX_NODES = 65536;

interface Node {
  /** Target of the symbolic link at this path; null: no link; undefined: not known. */
  target: string | null | undefined;
  children: Map<string, Node>;
}

/**
 * What the recorded calls did to names: symbolic links they made, and names they removed or made something else of.
 *
 * The recorder reads the file system later than the calls happen. A link that was made and removed in between is only
 * known from here. All paths are absolute and have no `.`, `..` or doubled slashes.
 */
export class LinkTree {
  #root: Node = emptyNode();
  #nodes = 0;

  /** The target of the link at a path; null where there is none; undefined where no call told. */
  get(path: string): string | null | undefined {
    return this.#find(path)?.target;
  }

  /** A link was made (its target), or the name is no link now (null). What was known below the path is forgotten. */
  set(path: string, target: string | null): void {
    this.#put(path, { target, children: new Map() });
  }

  /** Whatever is at the path now, nothing is known of it. */
  forget(path: string): void {
    const node = this.#find(path);
    if (node === undefined) return;
    node.target = undefined;
    node.children = new Map();
  }

  /** A rename: what is known of `from` and below it holds for `to`. */
  move(from: string, to: string): void {
    if (from === to) return;
    const node = this.#find(from) ?? emptyNode();
    this.set(from, null);
    this.#put(to, node);
  }

  /** A rename with `RENAME_EXCHANGE`. */
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
