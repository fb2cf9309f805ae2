import { Actor } from '../records/actor.js';
import { JoinedEntities } from '../records/joined-entities.js';
import { allocateMemoSlot } from '../records/memo.js';
import { type Container, type File, type Header, ObjectState, type Pod, type Process } from '../sysflow/entities.js';
import type { BatchMemory, RecordBatch } from '../sysflow/record-batch.js';
import { IdTable } from './id-table.js';
import { sameContainer, sameFile, sameHeader, samePod, sameProcess } from './same-entity.js';
import { trimSpace } from './trim-space.js';

/** Most entities to keep. */
export interface TableLimits {
  readonly processes: number;
  readonly files: number;
  readonly containers: number;
  readonly pods: number;
}

/** Room for a busy node; at these bounds the tables take about 100 MiB. */
export const DEFAULT_TABLE_LIMITS: TableLimits = { processes: 65536, files: 131072, containers: 16384, pods: 16384 };

/** Counts of events with missing entities, and of evicted entities. */
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

/** The header used for a stream without one. */
const NO_HEADER: Header = { version: 0, exporter: '', ip: '', filename: '' };

/** Longest chain of ancestors. A real chain has about a dozen; a forged one may be a cycle. */
const MAX_ANCESTORS = 256;

/** Initial capacity for files: a trace of a few seconds already has thousands, and growing the table costs more than the memory. */
const FIRST_FILES = 16_384;

/** Entities of earlier streams to keep, in addition to as many as the current stream has: later traces announce them again. */
const SPARE = { processes: 4096, files: 16_384 } as const;

/** Numbers stored in the table entry of a process. */
const PROCESS = {
  /** The actor of the latest events, valid in `epoch` only. */
  actor: 0,
  epoch: 1,
  /** The batch in which it was last used. */
  usedAt: 2,
  /** Bits: 1 if the container that the actor names is missing, 2 if the pod is. */
  lacks: 3,
  /** 1 after the process has ended. */
  exited: 4,
  /** The stream in which it was announced. */
  stream: 5,
  /** A bit for each `ObjectState` in which the process was announced in that stream. */
  states: 6,
} as const;
const PROCESS_VALUES = 7;
const PROCESS_ID_WORDS = 4;

/** Numbers stored in the table entry of a file. */
const FILE = {
  /** The index of the file that records are joined with. */
  file: 0,
  /** The stream in which it was announced. */
  stream: 1,
  usedAt: 2,
  /** The address of its announcement, by which a repeated announcement is recognized; 0 if it is not stored. */
  stored: 3,
} as const;
const FILE_VALUES = 4;
const FILE_ID_WORDS = 5;

/** The share of a full table that one eviction frees. */
const EVICTED_SHARE = 4;

/** The data kept for an object id of a process. A process of an earlier stream keeps its data, but lookups do not find it. */
class ProcessEntry {
  /** The latest announcement in each state, by `ObjectState`, with its version. */
  readonly announced: (Process | null)[] = [null, null, null];
  readonly versions: (Process | null)[] = [null, null, null];
  /** The process and its ancestors at the first lookup in a stream; see `Actor.ancestors`. */
  ancestors: readonly Process[] = [];
  ancestorsStream = -1;
  /** See `Actor.uidBefore`; valid in one stream. */
  uidBefore = 0;
  uidBeforeStream = -1;
}

/**
 * The state of the version that events refer to: a modified process takes precedence over a created one, and a created one over
 * one announced again.
 *
 * @param states the states in which it was announced in the stream, as bits
 */
function currentState(states: number): number {
  if ((states & (1 << ObjectState.modified)) !== 0) return ObjectState.modified;
  return (states & (1 << ObjectState.created)) !== 0 ? ObjectState.created : ObjectState.reup;
}

/** The property of a process version that holds the actor that it was last joined to. */
const ACTOR_SLOT = allocateMemoSlot();

/** Unused actors and files allowed, in addition to as many as are in use, before the list of joined entities is rebuilt. */
const MOST_UNUSED = { actors: 4096, files: 16_384 } as const;

/** The entities of a stream and the joins between them, following the rules of the original, within limits. */
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
  /** The number of the current batch, as a clock for eviction. */
  #now = 0;
  /** The number of the current stream, counted by headers, and how many processes and files belong to it. */
  #stream = 0;
  #knownProcesses = 0;
  #knownFiles = 0;
  /** Incremented when a container or pod changes, so that actors are joined again. */
  #epoch = 1;
  readonly #limits: TableLimits;
  /**
   * Entities of earlier streams stay in the tables for a while, but lookups do not find them. A collector that starts another
   * trace announces most entities again: an unchanged one keeps its version, and with it everything that consumers cache for it.
   */
  readonly #processes = new IdTable<ProcessEntry>(PROCESS_ID_WORDS, PROCESS_VALUES);
  readonly #files = new IdTable<null>(FILE_ID_WORDS, FILE_VALUES, FIRST_FILES);
  /** The memory that holds stored files; null until the first one. */
  #memory: BatchMemory | null = null;
  /** The address of a stored file, by its number; 0 for a file that is in the list. */
  #addresses: number[] = [];
  /** The generation of the addresses. */
  #generation = 0;
  #containers = new Map<string, Container>();
  #pods = new Map<string, Pod>();
  /** The latest containers and pods of all streams, for the same purpose. */
  readonly #containersSeen = new Map<string, Container>();
  readonly #podsSeen = new Map<string, Pod>();
  /** The table entry of the last event's process, by its id: nine in ten events have the same process as the previous event. */
  #lastPlace = -1;
  readonly #lastId = new Int32Array(PROCESS_ID_WORDS);
  readonly #id = new Int32Array(PROCESS_ID_WORDS);
  #header: Header = NO_HEADER;
  /** The actor of events without a process, and its number. */
  #withoutProcess = new Actor(NO_HEADER, null, [], null, null);
  #noActor: number;
  /** The entities that records are joined with. */
  #joined: JoinedEntities;
  /** Most actors and files in the list before it is rebuilt. */
  #mostActors: number = MOST_UNUSED.actors;
  #mostFiles: number = MOST_UNUSED.files;

  constructor(limits: TableLimits) {
    this.#limits = limits;
    this.#joined = this.#newJoined();
    this.#noActor = this.#joined.addActor(this.#withoutProcess);
  }

  /** The entities for the numbers that {@link actor} and {@link file} return, until the next {@link tick}. */
  get joined(): JoinedEntities {
    return this.#joined;
  }

  /** Marks the start of a batch. */
  tick({ memory, generation }: RecordBatch): void {
    this.#now++;
    if (memory !== null && generation !== this.#generation) {
      if (this.#generation !== 0) this.#readStored();
      this.#memory = memory;
      this.#generation = generation;
    }
    if (this.#joined.actors.length > this.#mostActors || this.#addresses.length > this.#mostFiles) {
      this.#beginJoined();
    }
  }

  /** Decodes all stored files before their bytes are freed. Their addresses no longer identify them. */
  #readStored(): void {
    for (const place of this.#files.places()) {
      this.#joined.file(this.#fileValue(place, FILE.file));
      this.#setFileValue(place, FILE.stored, 0);
    }
  }

  #newJoined(): JoinedEntities {
    const addresses = [0];
    this.#addresses = addresses;
    return new JoinedEntities((number) => this.#fileAt(addresses[number]!));
  }

  /** Decodes the stored file at an address. */
  #fileAt(address: number): File {
    return trimmedFile(this.#memory!.fileAt(address));
  }

  /** Starts a stream at its header: lookups no longer find the entities announced before. */
  setHeader(header: Header): void {
    if (!sameHeader(this.#header, header)) this.#header = header;
    this.#withoutProcess = new Actor(this.#header, null, [], null, null);
    this.#noActor = this.#joined.addActor(this.#withoutProcess);
    this.#lastPlace = -1;
    if (this.#processes.size > 2 * this.#knownProcesses + SPARE.processes) this.#dropUnknownProcesses();
    if (this.#files.size > 2 * this.#knownFiles + SPARE.files) this.#dropUnknownFiles();
    this.#stream++;
    this.#knownProcesses = 0;
    this.#knownFiles = 0;
    this.#containers = new Map();
    this.#pods = new Map();
    this.#epoch++;
  }

  setContainer(announced: Container): void {
    const container = { ...announced, name: trimSpace(announced.name), image: trimSpace(announced.image) };
    if (sameContainer(this.#containers.get(container.id), container)) return;
    this.counts.evictedContainers += makeRoom(this.#containers, this.#limits.containers);
    const before = this.#containersSeen.get(container.id);
    const version = sameContainer(before, container) ? before! : container;
    makeRoom(this.#containersSeen, this.#limits.containers);
    this.#containersSeen.set(container.id, version);
    this.#containers.set(container.id, version);
    this.#epoch++;
  }

  setPod(announced: Pod): void {
    const pod = {
      ...announced,
      name: trimSpace(announced.name),
      nodeName: trimSpace(announced.nodeName),
      namespace: trimSpace(announced.namespace),
    };
    if (samePod(this.#pods.get(pod.id), pod)) return;
    this.counts.evictedPods += makeRoom(this.#pods, this.#limits.pods);
    const before = this.#podsSeen.get(pod.id);
    const version = samePod(before, pod) ? before! : pod;
    makeRoom(this.#podsSeen, this.#limits.pods);
    this.#podsSeen.set(pod.id, version);
    this.#pods.set(pod.id, version);
    this.#epoch++;
  }

  /** Adds an announced process; `ids[offset …]` is its object id. */
  setProcess(announced: Process, ids: Int32Array, offset: number): void {
    const place = this.#placeOfProcess(ids, offset);
    const entry = this.#processes.at(place);
    const bit = 1 << announced.state;
    const states = this.#processValue(place, PROCESS.states);
    const uidBefore = states === 0 ? null : this.#currentOf(place).uid;
    if (this.#takeAnnounced(entry, announced) || (states & bit) === 0) {
      this.#setProcessValue(place, PROCESS.states, states | bit);
      this.#setProcessValue(place, PROCESS.epoch, 0);
    }
    this.#noteUid(place, uidBefore, announced.state);
    this.#setProcessValue(place, PROCESS.usedAt, this.#now);
  }

  /**
   * Keeps the user id from before an announcement that changed it. A modification that does not change it clears the kept one.
   *
   * @param uidBefore null if the process was not known
   * @param announced the state that was announced
   */
  #noteUid(place: number, uidBefore: number | null, announced: number): void {
    const entry = this.#processes.at(place);
    const stream = this.#stream;
    if (uidBefore !== null && uidBefore !== this.#currentOf(place).uid) {
      entry.uidBefore = uidBefore;
      entry.uidBeforeStream = stream;
    } else if (announced === ObjectState.modified && entry.uidBeforeStream === stream) {
      entry.uidBeforeStream = -1;
      this.#setProcessValue(place, PROCESS.epoch, 0);
    }
  }

  /** Returns the table entry of a process, and adds it if there is none. */
  #placeOfProcess(ids: Int32Array, offset: number): number {
    let place = this.#processes.find(ids, offset);
    if (place === -1) {
      if (this.#processes.size >= this.#limits.processes) this.#evictProcesses();
      place = this.#processes.add(ids, offset, new ProcessEntry());
      // Belongs to no stream yet, so that it is counted like an entity of an earlier stream.
      this.#setProcessValue(place, PROCESS.stream, -1);
    }
    if (this.#processValue(place, PROCESS.stream) !== this.#stream) {
      this.#setProcessValue(place, PROCESS.states, 0);
      this.#setProcessValue(place, PROCESS.stream, this.#stream);
      this.#setProcessValue(place, PROCESS.exited, 0);
      this.#setProcessValue(place, PROCESS.epoch, 0);
      this.#knownProcesses++;
    }
    this.#lastPlace = -1;
    return place;
  }

  /** Stores an announcement. Returns whether the version of the process changed. */
  #takeAnnounced(entry: ProcessEntry, announced: Process): boolean {
    const { state } = announced;
    if (entry.announced[state] === announced) return false;
    entry.announced[state] = announced;
    const version = trimmedProcess(announced);
    if (sameProcess(entry.versions[state], version)) return false;
    entry.versions[state] = version;
    return true;
  }

  #processValue(place: number, value: number): number {
    return this.#processes.words[this.#processes.value(place, value)]!;
  }

  #setProcessValue(place: number, value: number, to: number): void {
    this.#processes.words[this.#processes.value(place, value)] = to;
  }

  #fileValue(place: number, value: number): number {
    return this.#files.words[this.#files.value(place, value)]!;
  }

  #setFileValue(place: number, value: number, to: number): void {
    this.#files.words[this.#files.value(place, value)] = to;
  }

  /**
   * Adds an announced file; `ids[offset …]` is its object id.
   *
   * @param announced null if the file is only stored
   * @param stored the address at which it is stored; 0 if it is not
   */
  setFile(announced: File | null, stored: number, ids: Int32Array, offset: number): void {
    let place = this.#files.find(ids, offset);
    if (place === -1) {
      if (this.#files.size >= this.#limits.files) this.#evictFiles();
      place = this.#files.add(ids, offset, null);
      this.#setFileValue(place, FILE.file, this.#addFile(announced === null ? null : trimmedFile(announced), stored));
      // Belongs to no stream yet, so that it is counted like an entity of an earlier stream.
      this.#setFileValue(place, FILE.stream, -1);
    } else if (stored === 0 || this.#fileValue(place, FILE.stored) !== stored) {
      const file = announced === null ? this.#fileAt(stored) : trimmedFile(announced);
      if (!sameFile(this.#joined.file(this.#fileValue(place, FILE.file)), file)) {
        this.#setFileValue(place, FILE.file, this.#addFile(file, stored));
      }
    }
    this.#setFileValue(place, FILE.stored, stored);
    this.#setFileValue(place, FILE.usedAt, this.#now);
    const stream = this.#files.value(place, FILE.stream);
    if (this.#files.words[stream] === this.#stream) return;
    this.#files.words[stream] = this.#stream;
    this.#knownFiles++;
  }

  /** Adds a file, null if it is only stored, and returns its number. */
  #addFile(file: File | null, stored: number): number {
    const number = this.#addresses.push(stored) - 1;
    if (file !== null) this.#joined.putFile(number, file);
    return number;
  }

  /** The number of the actor of events that have no process. */
  actorWithoutProcess(): number {
    return this.#noActor;
  }

  /** The number of an event's actor, by the object id of its process. */
  actor(ids: Int32Array, offset: number): number {
    const place = this.#isLast(ids, offset) ? this.#lastPlace : this.#look(ids, offset);
    if (place === -1) {
      this.counts.unknownProcess++;
      return this.actorWithoutProcess();
    }
    const { words } = this.#processes;
    const values = this.#processes.value(place, 0);
    words[values + PROCESS.usedAt] = this.#now;
    if (words[values + PROCESS.epoch] !== this.#epoch) this.#join(place);
    const lacks = words[values + PROCESS.lacks]!;
    if ((lacks & 1) !== 0) this.counts.unknownContainer++;
    if ((lacks & 2) !== 0) this.counts.unknownPod++;
    return words[values + PROCESS.actor]!;
  }

  #isLast(ids: Int32Array, offset: number): boolean {
    const id = this.#lastId;
    return (
      this.#lastPlace !== -1 &&
      id[2] === ids[offset + 2] &&
      id[0] === ids[offset] &&
      id[1] === ids[offset + 1] &&
      id[3] === ids[offset + 3]
    );
  }

  #look(ids: Int32Array, offset: number): number {
    this.#lastPlace = this.#findProcess(ids, offset);
    for (let i = 0; i < PROCESS_ID_WORDS; i++) this.#lastId[i] = ids[offset + i]!;
    return this.#lastPlace;
  }

  /** The table entry of a process of the current stream; -1 if unknown. */
  #findProcess(ids: Int32Array, offset: number): number {
    const place = this.#processes.find(ids, offset);
    return place !== -1 && this.#processValue(place, PROCESS.stream) === this.#stream ? place : -1;
  }

  /** The number of an event's file, by its object id; 0 if there is none. */
  file(ids: Int32Array, offset: number): number {
    const place = this.#files.find(ids, offset);
    const { words } = this.#files;
    const values = this.#files.value(place, 0);
    if (place === -1 || words[values + FILE.stream] !== this.#stream) {
      this.counts.unknownFile++;
      return 0;
    }
    words[values + FILE.usedAt] = this.#now;
    return words[values + FILE.file]!;
  }

  /** Marks a process as ended, so that it is evicted before running ones. */
  exited(ids: Int32Array, offset: number): void {
    const place = this.#findProcess(ids, offset);
    if (place !== -1) this.#setProcessValue(place, PROCESS.exited, 1);
  }

  /** Joins a process with the current versions of its ancestors, container and pod. */
  #join(place: number): void {
    const entry = this.#processes.at(place);
    const state = currentState(this.#processValue(place, PROCESS.states));
    const process = entry.versions[state]!;
    if (entry.ancestorsStream !== this.#stream) {
      if (!this.#areAncestors(entry.ancestors, process)) entry.ancestors = this.#ancestors(process);
      entry.ancestorsStream = this.#stream;
    }
    const container = process.containerId === null ? null : (this.#containers.get(process.containerId) ?? null);
    const podId = container?.podId ?? null;
    const pod = podId === null ? null : (this.#pods.get(podId) ?? null);
    const lacksContainer = process.containerId !== null && container === null;
    const lacksPod = podId !== null && pod === null;
    const uidBefore = entry.uidBeforeStream === this.#stream ? entry.uidBefore : null;
    // A stream has mostly the same versions as the previous one: reuse the actor that was joined with them.
    let actor = process.memo[ACTOR_SLOT] as Actor | undefined;
    if (actor === undefined || !isJoinOf(actor, this.#header, process, entry.ancestors, container, pod, uidBefore)) {
      actor = new Actor(this.#header, process, entry.ancestors, container, pod, uidBefore);
      process.memo[ACTOR_SLOT] = actor;
    }
    this.#setProcessValue(place, PROCESS.actor, this.#joined.addActor(actor));
    this.#setProcessValue(place, PROCESS.lacks, (lacksContainer ? 1 : 0) | (lacksPod ? 2 : 0));
    this.#setProcessValue(place, PROCESS.epoch, this.#epoch);
  }

  /** Rebuilds the list of joined entities: files now, actors when events refer to them. */
  #beginJoined(): void {
    const before = this.#joined;
    this.#joined = this.#newJoined();
    this.#noActor = this.#joined.addActor(this.#withoutProcess);
    for (const place of this.#processes.places()) this.#setProcessValue(place, PROCESS.epoch, 0);
    for (const place of this.#files.places()) {
      this.#setFileValue(place, FILE.file, this.#addFile(before.file(this.#fileValue(place, FILE.file)), 0));
    }
    this.#mostActors = MOST_UNUSED.actors + 2 * this.#processes.size;
    this.#mostFiles = MOST_UNUSED.files + 2 * this.#files.size;
  }

  #ancestors(process: Process): Process[] {
    const chain = [process];
    for (let p = process; p.hasParent && chain.length < MAX_ANCESTORS; ) {
      const place = this.#placeOfParent(p);
      if (place === -1) break;
      const parent = this.#currentOf(place);
      if (chain.includes(parent)) break;
      chain.push(parent);
      p = parent;
    }
    return chain;
  }

  /** Whether {@link #ancestors} would return the same chain, as it mostly does for a process that several streams announce. */
  #areAncestors(chain: readonly Process[], process: Process): boolean {
    if (chain[0] !== process || chain.length === MAX_ANCESTORS) return false;
    for (let i = 1; i < chain.length; i++) {
      const { createTsLo, createTsHi, pidLo, pidHi } = chain[i]!;
      const place = this.#placeOfId(createTsLo, createTsHi, pidLo, pidHi);
      if (place === -1 || this.#currentOf(place) !== chain[i]) return false;
    }
    // A cycle is built again.
    return this.#placeOfParent(chain.at(-1)!) === -1;
  }

  #currentOf(place: number): Process {
    return this.#processes.at(place).versions[currentState(this.#processValue(place, PROCESS.states))]!;
  }

  /** The table entry of a process's parent; -1 if it has none or it is unknown. */
  #placeOfParent(process: Process): number {
    if (!process.hasParent) return -1;
    const { parentCreateTsLo, parentCreateTsHi, parentPidLo, parentPidHi } = process;
    return this.#placeOfId(parentCreateTsLo, parentCreateTsHi, parentPidLo, parentPidHi);
  }

  #placeOfId(createTsLo: number, createTsHi: number, pidLo: number, pidHi: number): number {
    this.#id[0] = createTsLo;
    this.#id[1] = createTsHi;
    this.#id[2] = pidLo;
    this.#id[3] = pidHi;
    return this.#findProcess(this.#id, 0);
  }

  /**
   * Evicts a share of the processes: ended ones first, then the least recently used, but never the parent of a process that
   * stays, so that chains of ancestors remain complete.
   */
  #evictProcesses(): void {
    const table = this.#processes;
    if (this.#knownProcesses < table.size) {
      this.#dropUnknownProcesses();
      return;
    }
    const places = [...table.places()];
    const parents = new Map(places.map((place) => [place, this.#placeOfParent(this.#currentOf(place))]));
    const children = new Map<number, number>();
    for (const [place, parent] of parents) if (parent !== place) children.set(parent, (children.get(parent) ?? 0) + 1);
    const value = (place: number, which: number): number => this.#processValue(place, which);
    places.sort(
      (a, b) =>
        value(b, PROCESS.exited) - value(a, PROCESS.exited) || value(a, PROCESS.usedAt) - value(b, PROCESS.usedAt),
    );
    const dropped = new Set<number>();
    const wanted = Math.max(1, Math.floor(places.length / EVICTED_SHARE));
    // Evicting a child allows its parent to be evicted in the next round. A round without candidates has found a cycle of parents.
    for (let before = -1; dropped.size < wanted && dropped.size > before; ) {
      before = dropped.size;
      for (const place of places) {
        if (dropped.size >= wanted) break;
        if (dropped.has(place) || (children.get(place) ?? 0) > 0) continue;
        dropped.add(place);
        const parent = parents.get(place)!;
        if (parent !== place) children.set(parent, children.get(parent)! - 1);
      }
    }
    for (const place of places) {
      if (dropped.size >= wanted) break;
      dropped.add(place);
    }
    table.retain((place) => !dropped.has(place));
    this.#lastPlace = -1;
    this.#knownProcesses = table.size;
    this.counts.evictedProcesses += dropped.size;
  }

  #dropUnknownProcesses(): void {
    const stream = this.#stream;
    this.#processes.retain((place) => this.#processValue(place, PROCESS.stream) === stream);
    this.#lastPlace = -1;
  }

  #dropUnknownFiles(): void {
    const stream = this.#stream;
    this.#files.retain((place) => this.#files.words[this.#files.value(place, FILE.stream)] === stream);
  }

  /** Evicts the files of earlier streams, or if there are none, a share of the least recently used files. */
  #evictFiles(): void {
    const table = this.#files;
    if (this.#knownFiles < table.size) {
      this.#dropUnknownFiles();
      return;
    }
    const usedAt = (place: number): number => table.words[table.value(place, FILE.usedAt)]!;
    const ages = [...table.places()].sort((a, b) => usedAt(a) - usedAt(b));
    const dropped = new Set(ages.slice(0, Math.max(1, Math.floor(ages.length / EVICTED_SHARE))));
    table.retain((place) => !dropped.has(place));
    this.#knownFiles = table.size;
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

/** Whether an actor was joined from these versions. */
function isJoinOf(
  actor: Actor,
  header: Header,
  process: Process,
  ancestors: readonly Process[],
  container: Container | null,
  pod: Pod | null,
  uidBefore: number | null,
): boolean {
  return (
    actor.header === header &&
    actor.process === process &&
    actor.container === container &&
    actor.pod === pod &&
    actor.uidBefore === uidBefore &&
    (actor.ancestors === ancestors ||
      (actor.ancestors.length === ancestors.length && actor.ancestors.every((one, i) => one === ancestors[i])))
  );
}

/** Removes the oldest entry of a full map. Returns how many were removed. */
function makeRoom(map: Map<string, unknown>, limit: number): number {
  if (map.size < limit) return 0;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
  return 1;
}
