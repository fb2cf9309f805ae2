import { counted } from '../telemetry/counted.js';

/** What was found broken in a trace, by kind. */
export type DamageKind =
  /** The file ends within a block: its last writer was stopped, or the file is cut. */
  | 'torn-tail'
  /** A block is not followed by the file's sync marker. */
  | 'sync-marker'
  /** A block claims an absurd size or number of records. */
  | 'block-header'
  /** A block does not inflate. */
  | 'inflate'
  /** A block inflates to other bytes than were written. */
  | 'checksum'
  /** A block inflates to more bytes than the bound. */
  | 'block-size'
  /** A record does not decode; the rest of its block is lost, since records have no boundaries. */
  | 'record'
  /** Bytes are left over after the last record of a block. */
  | 'leftover'
  /** Another trace follows in the file and cannot be read. */
  | 'appended-trace'
  /** What compresses the file (gzip, Zstandard) ends too early or is broken; offsets are those of the content. */
  | 'compression'
  /** Reading failed before the end of the file. */
  | 'unreadable';

/** The damage of one kind. */
export interface Damage {
  readonly kind: DamageKind;
  /** How often it was found. */
  times: number;
  /**
   * Records lost, as whole blocks tell how many they hold; null where that is not known. What a block claims that is not
   * followed by the sync marker may be anything.
   */
  records: number | null;
  /** Bytes lost; of the file, or of the inflated block for `record` and `leftover`. Null where that is not known. */
  bytes: number | null;
  /** Offset in the file of the first block concerned. */
  readonly firstOffset: number;
  /** What was wrong with the first one, a few words; may be empty. */
  readonly detail: string;
}

/** Collects damage by kind, in the order in which the kinds were first found. */
export class DamageLog {
  readonly #byKind = new Map<DamageKind, Damage>();

  add(kind: DamageKind, offset: number, records: number | null, bytes: number | null, detail = ''): void {
    this.merge({ kind, times: 1, records, bytes, firstOffset: offset, detail });
  }

  /** Adds what was found elsewhere, after all that was found so far. */
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

  /** What was found, which is forgotten here. */
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
 * What was lost: `3 records and 120 bytes lost`, `an unknown number of records and 120 bytes lost`.
 *
 * @param count how numbers are written
 */
export function lostText({ records, bytes }: Readonly<Damage>, count: typeof counted = counted): string {
  if (bytes === null) return 'an unknown number of records and bytes lost';
  if (records === null) return `an unknown number of records and ${count(bytes, 'byte')} lost`;
  return `${count(records, 'record')} and ${count(bytes, 'byte')} lost`;
}

const NO_DAMAGE: readonly Readonly<Damage>[] = [];
