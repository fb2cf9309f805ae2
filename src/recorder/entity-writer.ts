import { createHash } from 'node:crypto';
import { ObjectState } from '../sysflow/entities.js';
import type { TraceRecord } from '../sysflow/trace-record.js';
import { encodeUtf8 } from '../sysflow/utf8.js';
import type { ResourceType } from './descriptors.js';
import type { Identities } from './identities.js';
import type { ProcessState } from './process-state.js';

/**
 * Maximum number of files known to be written. A file that is removed from this set is announced again, which readers
 * treat as the same file.
 */
const MAX_FILES = 65536;

/**
 * Writes processes and files before the first record that refers to them, like the collector: a process with all its
 * ancestors, oldest first; each once, and again when it changed.
 */
export class EntityWriter {
  readonly #write: (record: TraceRecord) => void;
  readonly #identities: Identities;
  readonly #files = new Map<string, string>();

  constructor(write: (record: TraceRecord) => void, identities: Identities) {
    this.#write = write;
    this.#identities = identities;
  }

  /**
   * Writes a process unless it is already in the trace.
   *
   * @param state one of `ObjectState`; ancestors are written as existing ones
   * @returns whether it was written
   */
  announce(process: ProcessState, state: number, ts: bigint): boolean {
    if (process.written) return false;
    if (process.parent !== null) this.announce(process.parent, ObjectState.reup, ts);
    this.write(process, state, ts);
    return true;
  }

  /** Writes the current attributes of a process. */
  write(process: ProcessState, state: number, ts: bigint): void {
    process.written = true;
    this.#write({
      kind: 'process',
      state,
      oid: process.oid,
      parent: process.parent?.oid ?? null,
      ts,
      exe: process.exe,
      args: process.args.join(' '),
      uid: process.uid,
      userName: this.#identities.userName(process.uid),
      gid: process.gid,
      groupName: this.#identities.groupName(process.gid),
      tty: process.tty,
      containerId: null,
      entry: process.pid === 1,
      cwd: process.folder.cwd,
      // Not recorded, since it may contain secrets.
      env: [],
    });
  }

  /** Returns the name of a user; empty if the id has no name. */
  userName(uid: number): string {
    return this.#identities.userName(uid);
  }

  /**
   * Writes a file unless it is already in the trace, and returns its object id in hexadecimal: SHA-1 over container id
   * (none here) and path.
   */
  file(path: string, type: ResourceType | '?', state: number, ts: bigint): string {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const oid = createHash('sha1').update(encodeUtf8(path)).digest('hex');
    if (this.#files.size >= MAX_FILES) this.#files.delete(this.#files.keys().next().value!);
    this.#files.set(path, oid);
    this.#write({ kind: 'file', state, oid, ts, resourceType: type.charCodeAt(0), path, containerId: null });
    return oid;
  }
}
