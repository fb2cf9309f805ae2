import { counted } from '../telemetry/counted.js';

/** Kinds of damage in a trace. */
export type DamageKind =
  /** The file ends within a block: its writer was stopped, or the file is truncated. */
  | 'torn-tail'
  /** A block is not followed by the file's sync marker. */
  | 'sync-marker'
  /** A block header states an absurd size or number of records. */
  | 'block-header'
  /** A block cannot be inflated. */
  | 'inflate'
  /** The inflated bytes of a block do not match its checksum. */
  | 'checksum'
  /** A block inflates to more bytes than the limit. */
  | 'block-size'
  /** A record cannot be decoded; the rest of its block is lost, since records have no boundaries. */
  | 'record'
  /** Bytes are left over after the last record of a block. */
  | 'leftover'
  /** The file contains another trace that cannot be read. */
  | 'appended-trace'
  /** The compression of the file (gzip, Zstandard) ends early or is invalid; offsets are those of the content. */
  | 'compression'
  /** Reading failed before the end of the file. */
  | 'unreadable';

/** The damage of one kind. */
export interface Damage {
  readonly kind: DamageKind;
  /** Number of occurrences. */
  times: number;
  /**
   * Number of records lost, as stated by complete blocks. Null if it is unknown: the count of a block without a sync
   * marker after it may be wrong.
   */
  records: number | null;
  /** Number of bytes lost: of the file, or of the inflated block for `record` and `leftover`. Null if it is unknown. */
  bytes: number | null;
  /** Offset in the file of the first affected block. */
  readonly firstOffset: number;
  /** Details of the first occurrence in a few words; may be empty. */
  readonly detail: string;
}

/** Collects damage by kind, in the order in which the kinds first occurred. */
export class DamageLog {
  readonly #byKind = new Map<DamageKind, Damage>();

  add(kind: DamageKind, offset: number, records: number | null, bytes: number | null, detail = ''): void {
    this.merge({ kind, times: 1, records, bytes, firstOffset: offset, detail });
  }

  /** Adds damage that was found elsewhere, after all damage found so far. */
  merge(found: Readonly<Damage>): void {
    const known = this.#byKind.get(found.kind);
    if (known === undefined) {
      this.#byKind.set(found.kind, { ...found });
      return;
    }
    known.times += found.times;
    known.records = sum(known.records, found.records);
    known.bytes = sum(known.bytes, found.bytes);
  }

  get items(): readonly Readonly<Damage>[] {
    return [...this.#byKind.values()];
  }

  /** Returns the damage found and clears the log. */
  take(): readonly Readonly<Damage>[] {
    if (this.#byKind.size === 0) return NO_DAMAGE;
    const { items } = this;
    this.#byKind.clear();
    return items;
  }
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/**
 * Formats what was lost: `3 records and 120 bytes lost`, `an unknown number of records and 120 bytes lost`.
 *
 * @param count formats a number with its noun
 */
export function lossText({ records, bytes }: Readonly<Damage>, count: typeof counted = counted): string {
  if (bytes === null) return 'an unknown number of records and bytes lost';
  if (records === null) return `an unknown number of records and ${count(bytes, 'byte')} lost`;
  return `${count(records, 'record')} and ${count(bytes, 'byte')} lost`;
}

const NO_DAMAGE: readonly Readonly<Damage>[] = [];
