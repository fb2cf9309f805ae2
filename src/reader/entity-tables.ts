import { Subject } from '../records/subject.js';
import { type Container, type File, type Header, ObjectState, type Pod, type Process } from '../sysflow/entities.js';
import { ObjectTable } from './object-table.js';
import { trimSpace } from './trim-space.js';

/** How many entities are kept at most. */
export interface TableLimits {
  readonly processes: number;
  readonly files: number;
  readonly containers: number;
  readonly pods: number;
}

/** Room for a busy node; at these bounds the tables take about 100 MiB. */
export const DEFAULT_TABLE_LIMITS: TableLimits = { processes: 65536, files: 131072, containers: 16384, pods: 16384 };

/** What was missing or dropped, in events and entities. */
export interface TableCounts {
  /** Events whose process, file, container or pod was never announced (or was evicted). */
  unknownProcess: number;
  unknownFile: number;
  unknownContainer: number;
  unknownPod: number;
  /** Entities dropped to stay within the limits. */
  evictedProcesses: number;
  evictedFiles: number;
  evictedContainers: number;
  evictedPods: number;
}

/** The header of a stream that has none. */
const NO_HEADER: Header = { version: 0, exporter: '', ip: '', filename: '' };

/** Longest chain of ancestors; a real one has a dozen, a forged one may be a circle. */
const MAX_ANCESTORS = 256;

/** Part of a full table that one eviction frees. */
const EVICTED_SHARE = 4;

/** A process by its object id, with what is known of it. */
class ProcessEntry {
  /** The latest announcement of each state, by `ObjectState`, and the version it stands for. */
  readonly announced: (Process | null)[] = [null, null, null];
  readonly versions: (Process | null)[] = [null, null, null];
  /** The process and its ancestors as first asked for; see `Subject.ancestors`. */
  ancestors: readonly Process[] | null = null;
  /** The subject of the latest events, valid in `epoch` only. */
  subject: Subject | null = null;
  epoch = 0;
  /** Whether the subject lacks a container or pod that it names. */
  lacksContainer = false;
  lacksPod = false;
  /** When it was last used, in batches. */
  usedAt = 0;
  exited = false;

  /** The version that events refer to: a modified process wins over a created one, that over one announced again. */
  get current(): Process | null {
    return (
      this.versions[ObjectState.modified] ?? this.versions[ObjectState.created] ?? this.versions[ObjectState.reup]!
    );
  }
}

/** A file by its object id. One of a stream before is not known any more, but keeps its version if it comes again. */
class FileEntry {
  /** As it was announced last. */
  announced: File;
  file: File;
  usedAt: number;
  /** The stream in which it was announced. */
  stream: number;

  constructor(announced: File, file: File, usedAt: number, stream: number) {
    this.announced = announced;
    this.file = file;
    this.usedAt = usedAt;
    this.stream = stream;
  }
}

/** The tables of a stream that has ended. */
interface Generation {
  readonly processes: ObjectTable<ProcessEntry>;
  readonly containers: ReadonlyMap<string, Container>;
}

/** The entities of a stream and the joins between them, by the rules of the original, within limits. */
export class EntityTables {
  readonly counts: TableCounts = {
    unknownProcess: 0,
    unknownFile: 0,
    unknownContainer: 0,
    unknownPod: 0,
    evictedProcesses: 0,
    evictedFiles: 0,
    evictedContainers: 0,
    evictedPods: 0,
  };
  readonly #limits: TableLimits;
  #processes = new ObjectTable<ProcessEntry>(4);
  readonly #files = new ObjectTable<FileEntry>(5);
  /** How many of them are of this stream. */
  #knownFiles = 0;
  #containers = new Map<string, Container>();
  #pods = new Map<string, Pod>();
  /**
   * The entities before the last header. A collector that starts another trace announces most of them again: what did not
   * change keeps its version, and with it all that consumers keep for it. Nothing else is looked up here.
   */
  #before: Generation = { processes: this.#processes, containers: this.#containers };
  /** The process of the last event, by its id: nine in ten events are of the same one as the event before. */
  #last: ProcessEntry | null = null;
  readonly #lastId = new Int32Array(4);
  readonly #id = new Int32Array(4);
  #header: Header = NO_HEADER;
  #withoutProcess = new Subject(NO_HEADER, null, [], null, null);
  /** The stream under way, counted by headers. */
  #stream = 0;
  /** Moves on when a container or pod changes, so that subjects are joined anew. */
  #epoch = 1;
  /** The batch under way, as a clock for eviction. */
  #now = 0;

  constructor(limits: TableLimits) {
    this.#limits = limits;
  }

  /** Marks the start of another batch. */
  tick(): void {
    this.#now++;
  }

  /** A header starts a stream: all entities are forgotten. */
  setHeader(header: Header): void {
    this.#before = { processes: this.#processes, containers: this.#containers };
    if (!sameFields(this.#header, header)) this.#header = header;
    this.#withoutProcess = new Subject(this.#header, null, [], null, null);
    this.#processes = new ObjectTable<ProcessEntry>(4);
    this.#last = null;
    if (this.#files.size > 2 * this.#knownFiles) this.#dropUnknownFiles();
    this.#stream++;
    this.#knownFiles = 0;
    this.#containers = new Map();
    this.#pods = new Map();
    this.#epoch++;
  }

  setContainer(announced: Container): void {
    const container = { ...announced, name: trimSpace(announced.name), image: trimSpace(announced.image) };
    if (sameFields(this.#containers.get(container.id), container)) return;
    this.counts.evictedContainers += makeRoom(this.#containers, this.#limits.containers);
    const before = this.#before.containers.get(container.id);
    this.#containers.set(container.id, sameFields(before, container) ? before! : container);
    this.#epoch++;
  }

  setPod(announced: Pod): void {
    const pod = {
      ...announced,
      name: trimSpace(announced.name),
      nodeName: trimSpace(announced.nodeName),
      namespace: trimSpace(announced.namespace),
    };
    this.counts.evictedPods += makeRoom(this.#pods, this.#limits.pods);
    this.#pods.set(pod.id, pod);
    this.#epoch++;
  }

  /** Takes an announced process; `ids[offset …]` is its object id. */
  setProcess(announced: Process, ids: Int32Array, offset: number): void {
    const { state } = announced;
    let entry = this.#processes.get(ids, offset);
    if (entry === undefined) {
      if (this.#processes.size >= this.#limits.processes) this.#evictProcesses();
      entry = new ProcessEntry();
      this.#processes.set(ids, offset, entry);
    }
    entry.usedAt = this.#now;
    if (entry.announced[state] === announced) return;
    // Before the first header, this is the same table.
    const before = this.#before.processes.get(ids, offset);
    const version = before?.announced[state] === announced ? before.versions[state]! : trimmedProcess(announced);
    entry.announced[state] = announced;
    if (sameFields(entry.versions[state], version)) return;
    const old = before?.versions[state];
    entry.versions[state] = sameFields(old, version) ? old! : version;
    entry.subject = null;
  }

  /** Takes an announced file; `ids[offset …]` is its object id. */
  setFile(announced: File, ids: Int32Array, offset: number): void {
    const entry = this.#files.get(ids, offset);
    if (entry === undefined) {
      if (this.#files.size >= this.#limits.files) this.#evictFiles();
      this.#files.set(ids, offset, new FileEntry(announced, trimmedFile(announced), this.#now, this.#stream));
      this.#knownFiles++;
      return;
    }
    if (entry.announced !== announced) {
      entry.announced = announced;
      const file = trimmedFile(announced);
      if (!sameFields(entry.file, file)) entry.file = file;
    }
    entry.usedAt = this.#now;
    if (entry.stream !== this.#stream) {
      entry.stream = this.#stream;
      this.#knownFiles++;
    }
  }

  /** The subject of events that have no process. */
  subjectWithoutProcess(): Subject {
    return this.#withoutProcess;
  }

  /** The subject of an event by its process's object id. */
  subject(ids: Int32Array, offset: number): Subject {
    const entry = this.#isLast(ids, offset) ? this.#last : this.#look(ids, offset);
    if (entry === null) {
      this.counts.unknownProcess++;
      return this.#withoutProcess;
    }
    entry.usedAt = this.#now;
    if (entry.subject === null || entry.epoch !== this.#epoch) this.#join(entry, ids, offset);
    if (entry.lacksContainer) this.counts.unknownContainer++;
    if (entry.lacksPod) this.counts.unknownPod++;
    return entry.subject!;
  }

  #isLast(ids: Int32Array, offset: number): boolean {
    const id = this.#lastId;
    return (
      this.#last !== null &&
      id[2] === ids[offset + 2] &&
      id[0] === ids[offset] &&
      id[1] === ids[offset + 1] &&
      id[3] === ids[offset + 3]
    );
  }

  #look(ids: Int32Array, offset: number): ProcessEntry | null {
    const entry = this.#processes.get(ids, offset) ?? null;
    this.#last = entry;
    for (let i = 0; i < 4; i++) this.#lastId[i] = ids[offset + i]!;
    return entry;
  }

  /** The file of an event by its object id, or null. */
  file(ids: Int32Array, offset: number): File | null {
    const entry = this.#files.get(ids, offset);
    if (entry === undefined || entry.stream !== this.#stream) {
      this.counts.unknownFile++;
      return null;
    }
    entry.usedAt = this.#now;
    return entry.file;
  }

  /** Notes that a process ended, so that it is evicted before living ones. */
  exited(ids: Int32Array, offset: number): void {
    const entry = this.#processes.get(ids, offset);
    if (entry !== undefined) entry.exited = true;
  }

  /** Joins a process with its ancestors, container and pod as they are now. */
  #join(entry: ProcessEntry, ids: Int32Array, offset: number): void {
    const process = entry.current!;
    entry.ancestors ??= this.#ancestors(process);
    const container = process.containerId === null ? null : (this.#containers.get(process.containerId) ?? null);
    const podId = container?.podId ?? null;
    const pod = podId === null ? null : (this.#pods.get(podId) ?? null);
    entry.lacksContainer = process.containerId !== null && container === null;
    entry.lacksPod = podId !== null && pod === null;
    const before = this.#before.processes.get(ids, offset)?.subject ?? null;
    const joined = new Subject(this.#header, process, entry.ancestors, container, pod);
    entry.subject = before !== null && sameSubject(before, joined) ? before : joined;
    entry.epoch = this.#epoch;
  }

  #ancestors(process: Process): Process[] {
    const chain = [process];
    for (let p = process; p.hasParent && chain.length < MAX_ANCESTORS; ) {
      const parent = this.#parentOf(p)?.current ?? null;
      if (parent === null || chain.includes(parent)) break;
      chain.push(parent);
      p = parent;
    }
    return chain;
  }

  #parentOf(process: Process): ProcessEntry | undefined {
    this.#id[0] = process.parentCreateTsLo;
    this.#id[1] = process.parentCreateTsHi;
    this.#id[2] = process.parentPidLo;
    this.#id[3] = process.parentPidHi;
    return this.#processes.get(this.#id, 0);
  }

  /**
   * Drops a share of the processes: those that ended first, then those unused for longest, but none that is the parent
   * of one that stays, so that ancestries remain whole.
   */
  #evictProcesses(): void {
    const children = new Map<ProcessEntry, number>();
    const entries = [...this.#processes.values()];
    for (const entry of entries) {
      const parent = this.#knownParent(entry);
      if (parent !== undefined) children.set(parent, (children.get(parent) ?? 0) + 1);
    }
    entries.sort((a, b) => Number(b.exited) - Number(a.exited) || a.usedAt - b.usedAt);
    const dropped = new Set<ProcessEntry>();
    const wanted = Math.max(1, Math.floor(entries.length / EVICTED_SHARE));
    // Dropping a child frees its parent for the next round; a round that finds nothing meets a circle of parents.
    for (let before = -1; dropped.size < wanted && dropped.size > before; ) {
      before = dropped.size;
      for (const entry of entries) {
        if (dropped.size >= wanted) break;
        if (dropped.has(entry) || (children.get(entry) ?? 0) > 0) continue;
        dropped.add(entry);
        const parent = this.#knownParent(entry);
        if (parent !== undefined) children.set(parent, children.get(parent)! - 1);
      }
    }
    for (const entry of entries) {
      if (dropped.size >= wanted) break;
      dropped.add(entry);
    }
    this.#processes.retain((entry) => !dropped.has(entry));
    this.#last = null;
    this.counts.evictedProcesses += dropped.size;
  }

  /** The entry of a process's parent, if it has one that is known and not itself. */
  #knownParent(entry: ProcessEntry): ProcessEntry | undefined {
    const process = entry.current;
    if (process === null || !process.hasParent) return undefined;
    const parent = this.#parentOf(process);
    return parent === entry ? undefined : parent;
  }

  #dropUnknownFiles(): void {
    this.#files.retain((entry) => entry.stream === this.#stream);
  }

  /** Drops the files of streams before, or else the share of the files unused for longest. */
  #evictFiles(): void {
    if (this.#knownFiles < this.#files.size) {
      this.#dropUnknownFiles();
      return;
    }
    const ages = [...this.#files.values()].sort((a, b) => a.usedAt - b.usedAt);
    const dropped = new Set(ages.slice(0, Math.max(1, Math.floor(ages.length / EVICTED_SHARE))));
    this.#files.retain((entry) => !dropped.has(entry));
    this.#knownFiles = this.#files.size;
    this.counts.evictedFiles += dropped.size;
  }
}

function trimmedProcess(announced: Process): Process {
  const exe = trimSpace(announced.exe);
  const args = trimSpace(announced.args);
  return exe === announced.exe && args === announced.args ? announced : { ...announced, exe, args };
}

function trimmedFile(announced: File): File {
  const path = trimSpace(announced.path);
  return path === announced.path ? announced : { ...announced, path };
}

/** Whether two subjects consist of the same versions. */
function sameSubject(a: Subject, b: Subject): boolean {
  return (
    a.header === b.header &&
    a.process === b.process &&
    a.container === b.container &&
    a.pod === b.pod &&
    a.ancestors.length === b.ancestors.length &&
    a.ancestors.every((ancestor, i) => ancestor === b.ancestors[i])
  );
}

/** Drops the oldest entry of a full map; returns how many were dropped. */
function makeRoom(map: Map<string, unknown>, limit: number): number {
  if (map.size < limit) return 0;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
  return 1;
}

/** Whether an entity announced again is the same in every field, so that the old version, with its memo, can stay. */
function sameFields<T extends object>(known: T | null | undefined, announced: T): boolean {
  if (known === announced) return true;
  if (known === null || known === undefined) return false;
  for (const key of Object.keys(announced) as (keyof T)[]) {
    if (key === 'memo' || known[key] === announced[key]) continue;
    const [a, b] = [known[key], announced[key]];
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length || a.some((item, i) => item !== b[i]))
      return false;
  }
  return true;
}
