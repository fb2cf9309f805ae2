import type { Actor } from '../../records/actor.js';
import type { FlatRecord } from '../../records/flat-record.js';
import { allocateMemoSlot } from '../../records/memo.js';
import type { RecordContext } from '../../records/record-context.js';
import type { File } from '../../sysflow/entities.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import { CachedFragments, FragmentStore } from './fragment-store.js';
import type { FragmentSource } from './tokens.js';

/** Maximum number of cached op flags values per record type. More only occur in forged data. */
const MAX_FLAG_VALUES = 4096;

/** Maximum number of files remembered to recognize later announcements of the same file. */
const MAX_FILES = 1 << 14;

/** The entity (or flags value) for which a fragment is cached. */
export type CacheSource = Exclude<FragmentSource, 'openflags'>;

/**
 * Returns the entity for which a fragment is cached. A fragment that depends on the open flags is cached with the file,
 * for each value of the flags.
 */
export function cacheSourceOf(source: FragmentSource): CacheSource {
  return source === 'openflags' ? 'file' : source;
}

/** Caches encoded fragments with the actor, file, op flags or context that they depend on. */
export class FragmentCache {
  readonly #slot: number = allocateMemoSlot();
  /** Separate from the other fragments, so that many short-lived processes do not evict those of files. */
  readonly #actors: FragmentStore;
  readonly #others: FragmentStore;
  /** By record kind and op flags. */
  readonly #signatures: Map<number, CachedFragments>[] = Array.from({ length: RECORD_KIND_COUNT }, () => new Map());
  readonly #contexts = new WeakMap<RecordContext, CachedFragments>();
  /** Files with cached fragments, by object id. */
  readonly #files = new Map<string, File>();
  /** The fragments of records without a file. */
  #noFile: CachedFragments | null = null;

  /** @param maxBytes maximum size of the fragments of actors, and of all others */
  constructor(maxBytes: number) {
    this.#actors = new FragmentStore(maxBytes);
    this.#others = new FragmentStore(maxBytes);
  }

  /** Allocates the number of another fragment that is cached for an entity. */
  allocate(source: CacheSource): number {
    return source === 'actor' ? this.#actors.count++ : this.#others.count++;
  }

  /** Maximum number of fragments cached for one entity. */
  get maxPerEntity(): number {
    return Math.max(this.#actors.count, this.#others.count);
  }

  ofActor(actor: Actor): CachedFragments {
    const known = actor.memo[this.#slot] as CachedFragments | undefined;
    if (known !== undefined) return known;
    const kept = new CachedFragments(this.#actors);
    actor.memo[this.#slot] = kept;
    return kept;
  }

  ofFile(file: File | null): CachedFragments {
    if (file === null) {
      this.#noFile ??= new CachedFragments(this.#others);
      return this.#noFile;
    }
    const known = file.memo[this.#slot] as CachedFragments | undefined;
    if (known !== undefined) return known;
    const kept = this.#ofEqualFile(file) ?? new CachedFragments(this.#others);
    file.memo[this.#slot] = kept;
    return kept;
  }

  /** Returns the fragments of an earlier file with the same fields: a file in use is announced again in each trace. */
  #ofEqualFile(file: File): CachedFragments | null {
    const files = this.#files;
    const equal = files.get(file.oid);
    if (equal !== undefined && equalFiles(equal, file)) return equal.memo[this.#slot] as CachedFragments;
    if (files.size >= MAX_FILES) files.clear();
    files.set(file.oid, file);
    return null;
  }

  ofSignature(record: FlatRecord): CachedFragments {
    const byFlags = this.#signatures[record.kind]!;
    let kept = byFlags.get(record.opFlags);
    if (kept === undefined) {
      kept = new CachedFragments(this.#others);
      if (byFlags.size < MAX_FLAG_VALUES) byFlags.set(record.opFlags, kept);
    }
    return kept;
  }

  ofContext(context: RecordContext): CachedFragments {
    let kept = this.#contexts.get(context);
    if (kept === undefined) {
      kept = new CachedFragments(this.#others);
      this.#contexts.set(context, kept);
    }
    return kept;
  }
}

/** Whether two files have the same values in all fields that a fragment can contain. */
function equalFiles(a: File, b: File): boolean {
  return (
    a.path === b.path && a.resourceType === b.resourceType && a.state === b.state && a.containerId === b.containerId
  );
}
