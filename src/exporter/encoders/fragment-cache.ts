import type { Actor } from '../../records/actor.js';
import type { FlatRecord } from '../../records/flat-record.js';
import { allocateMemoSlot } from '../../records/memo.js';
import type { RecordContext } from '../../records/record-context.js';
import type { File } from '../../sysflow/entities.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import { CachedFragments, FragmentStore } from './fragment-store.js';
import type { FragmentSource } from './tokens.js';

/** Flag values for which fragments are kept; more do not occur unless the data is forged. */
const MAX_FLAG_VALUES = 4096;

/** Files by which others that are announced later are recognized. */
const MAX_FILES = 1 << 14;

/** For what fragments are kept. */
export type CacheSource = Exclude<FragmentSource, 'openflags'>;

/** For what a fragment is kept: one that depends on the open flags for the file, by these. */
export function cacheSourceOf(source: FragmentSource): CacheSource {
  return source === 'openflags' ? 'file' : source;
}

/** Where fragments are kept: for an actor, a file, a value of op flags or a context. */
export class FragmentCache {
  readonly #slot: number = allocateMemoSlot();
  /** Apart from the others, so that many short-lived processes do not drive out the files. */
  readonly #actors: FragmentStore;
  readonly #others: FragmentStore;
  /** By record kind and op flags. */
  readonly #signatures: Map<number, CachedFragments>[] = Array.from({ length: RECORD_KIND_COUNT }, () => new Map());
  readonly #contexts = new WeakMap<RecordContext, CachedFragments>();
  /** Files for which fragments are kept, by object id. */
  readonly #files = new Map<string, File>();
  /** Where there is no file. */
  #noFile: CachedFragments | null = null;

  /** @param maxBytes fragments kept at once: of actors, and of all others */
  constructor(maxBytes: number) {
    this.#actors = new FragmentStore(maxBytes);
    this.#others = new FragmentStore(maxBytes);
  }

  /** The number of one more fragment that is kept for a source. */
  allocate(source: CacheSource): number {
    return source === 'actor' ? this.#actors.count++ : this.#others.count++;
  }

  /** How many fragments may be kept for one thing at most. */
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

  /** What is kept for a file announced before with the same fields: those in use are announced in each trace. */
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

/** Whether all is the same that a fragment may show. */
function equalFiles(a: File, b: File): boolean {
  return (
    a.path === b.path && a.resourceType === b.resourceType && a.state === b.state && a.containerId === b.containerId
  );
}
