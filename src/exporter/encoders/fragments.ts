/**
 * Encoding by fragments. An output format is, per record kind, a list of tokens: constant text, pieces that depend on
 * one entity or on the record's flags, and the record's own numbers. Neighbouring tokens with the same dependency are
 * merged, and the bytes of each merged piece are kept for the entity they depend on, so that a record costs a few copies
 * and a few numbers.
 */

import type { FlatRecord } from '../../records/flat-record.js';
import { allocateMemoSlot } from '../../records/memo.js';
import type { RecordContext } from '../../records/record-context.js';
import { INT64_DIGITS, writeInt32, writeInt64 } from '../../sysflow/int64.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import type { ByteBuffer } from '../byte-buffer.js';
import type { Encoder } from '../encoder.js';
import { FragmentStore, KeptFragments } from './fragment-store.js';

/** What the bytes of a piece depend on. */
export type FragmentSource = 'signature' | 'openflags' | 'subject' | 'file' | 'newfile' | 'context';

/** Appends a part of a record's text. */
export type Write = (record: FlatRecord, out: ByteBuffer) => void;

/** Constant text. */
export interface TextToken {
  readonly kind: 'text';
  readonly text: string;
}

/** Text that depends on one thing; not kept for records on which `cacheable` says no. */
export interface FragmentToken {
  readonly kind: 'fragment';
  readonly source: FragmentSource;
  readonly write: Write;
  readonly cacheable?: (record: FlatRecord) => boolean;
}

/** A number in a slot of the record's row; `wide` for 64 bits. */
export interface IntToken {
  readonly kind: 'int';
  readonly slot: number;
  readonly wide: boolean;
}

/** Text of the record that is not worth keeping. */
export interface EventToken {
  readonly kind: 'event';
  readonly write: Write;
}

export type Token = TextToken | FragmentToken | IntToken | EventToken;

export function text(value: string): TextToken {
  return { kind: 'text', text: value };
}

export function fragment(
  source: FragmentSource,
  write: Write,
  cacheable?: (record: FlatRecord) => boolean,
): FragmentToken {
  return cacheable === undefined ? { kind: 'fragment', source, write } : { kind: 'fragment', source, write, cacheable };
}

export function int(slot: number, wide: boolean): IntToken {
  return { kind: 'int', slot, wide };
}

export function event(write: Write): EventToken {
  return { kind: 'event', write };
}

/** One fragment made of several tokens that depend on the same source, and of constant text. */
export function sequence(tokens: readonly Token[]): Write {
  const parts = tokens.map((token): Write => {
    if (token.kind === 'int') throw new TypeError('a number of the record depends on no entity');
    if (token.kind !== 'text') return token.write;
    const bytes = utf8.encode(token.text);
    return (_record, out) => out.append(bytes);
  });
  return (record, out) => {
    for (const write of parts) write(record, out);
  };
}

const NONE = 0;
const INT64 = 1;
const INT32 = 2;
const EVENT = 3;
const SUBJECT = 4;
const FILE = 5;
const NEWFILE = 6;
const SIGNATURE = 7;
const OPENFLAGS = 8;
const CONTEXT = 9;

const SOURCES: Readonly<Record<FragmentSource, number>> = {
  signature: SIGNATURE,
  openflags: OPENFLAGS,
  subject: SUBJECT,
  file: FILE,
  newfile: NEWFILE,
  context: CONTEXT,
};

/** Merged tokens: constant text, then what the type tells. */
interface Piece {
  /** One of the constants above. */
  readonly type: number;
  /** The constant text, four bytes each, the first one lowest; zeros behind it. */
  readonly lead: Int32Array;
  readonly leadLength: number;
  /** Of a fragment: its place among those of its source. */
  readonly number: number;
  readonly write: Write;
  readonly cacheable: ((record: FlatRecord) => boolean) | null;
  /** Of a number: its slot. */
  readonly slot: number;
}

/** The pieces of a record kind. */
interface Plan {
  readonly pieces: readonly Piece[];
  /** Room for all that has a bound: constant text and numbers, and what their writers overwrite beyond. */
  readonly bounded: number;
}

const utf8 = new TextEncoder();
const writeNothing: Write = () => {};

/** Flag values for which bytes are kept; more do not occur unless the data is forged. */
const MAX_FLAG_VALUES = 4096;

/** An encoder made of token lists, one per record kind; kinds without a list give no bytes. */
export class FragmentEncoder implements Encoder {
  readonly #plans: (Plan | null)[] = new Array<Plan | null>(RECORD_KIND_COUNT).fill(null);
  readonly #slot: number = allocateMemoSlot();
  readonly #store: FragmentStore;
  /** How many fragments there are of each source. */
  readonly #counts: number[] = new Array<number>(CONTEXT + 1).fill(0);
  /** Kept bytes by kind and op flags, by open flags, and by context. */
  readonly #signatures: FlagFragments[] = Array.from({ length: RECORD_KIND_COUNT }, () => new FlagFragments());
  readonly #openFlags = new FlagFragments();
  readonly #contexts = new WeakMap<RecordContext, KeptFragments>();
  /** Kept bytes where there is no file or second file, and where there is no context. */
  readonly #noFile: KeptFragments;
  readonly #noContext: KeptFragments;

  /**
   * @param plans the tokens of each record kind
   * @param store where the fragments are kept
   */
  constructor(plans: ReadonlyMap<number, readonly Token[]>, store: FragmentStore = new FragmentStore()) {
    this.#store = store;
    for (const [kind, tokens] of plans) this.#plans[kind] = this.#plan(tokens);
    this.#noFile = new KeptFragments(store, this.#counts[FILE]!);
    this.#noContext = new KeptFragments(store, this.#counts[CONTEXT]!);
  }

  encode(record: FlatRecord, out: ByteBuffer): void {
    const plan = this.#plans[record.kind]!;
    if (plan === null) return;
    const { pieces, bounded } = plan;
    const { slots, base } = record;
    const store = this.#store;
    const subject = this.#ofEntity(record.subject.memo, SUBJECT);
    const file = record.file === null ? this.#noFile : this.#ofEntity(record.file.memo, FILE);
    out.reserve(bounded);
    let { bytes, view, length: at } = out;
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!;
      const { type, lead } = piece;
      for (let word = 0; word < lead.length; word++) view.setInt32(at + 4 * word, lead[word]!, true);
      at += piece.leadLength;
      if (type === INT64) {
        const lo = slots[base + piece.slot]!;
        const hi = slots[base + piece.slot + 1]!;
        if (hi === 0 && lo >= 0 && lo < 10) bytes[at++] = 48 + lo;
        else at = writeInt64(view, at, lo, hi);
        continue;
      }
      if (type === INT32) {
        at = writeInt32(view, at, slots[base + piece.slot]!);
        continue;
      }
      if (type === NONE) continue;
      const kept =
        type === EVENT || (piece.cacheable !== null && !piece.cacheable(record))
          ? null
          : type === SUBJECT
            ? subject
            : type === FILE
              ? file
              : this.#kept(type, record);
      const ready = kept === null ? null : kept.get(store, piece.number);
      if (ready !== null) {
        const size = ready.length;
        if (at + size + bounded > bytes.length) {
          out.length = at;
          out.reserve(size + bounded);
          ({ bytes, view } = out);
        }
        bytes.set(ready, at);
        at += size;
      } else {
        out.length = at;
        piece.write(record, out);
        if (kept !== null) kept.keep(store, piece.number, out.bytes, at, out.length);
        out.reserve(bounded);
        ({ bytes, view, length: at } = out);
      }
    }
    out.length = at;
  }

  /** What is kept for an entity. */
  #ofEntity(memo: unknown[], source: number): KeptFragments {
    const known = memo[this.#slot] as KeptFragments | undefined;
    if (known !== undefined) return known;
    const kept = new KeptFragments(this.#store, this.#counts[source]!);
    memo[this.#slot] = kept;
    return kept;
  }

  /** Where the bytes of a fragment are kept for this record. */
  #kept(type: number, record: FlatRecord): KeptFragments {
    switch (type) {
      case NEWFILE:
        return record.newFile === null ? this.#noFile : this.#ofEntity(record.newFile.memo, FILE);
      case SIGNATURE:
        return this.#signatures[record.kind]!.get(record.opFlags, this.#store, this.#counts[SIGNATURE]!);
      case OPENFLAGS:
        return this.#openFlags.get(record.openFlags, this.#store, this.#counts[OPENFLAGS]!);
      default: {
        const context = record.context;
        if (context === null) return this.#noContext;
        let kept = this.#contexts.get(context);
        if (kept === undefined) {
          kept = new KeptFragments(this.#store, this.#counts[CONTEXT]!);
          this.#contexts.set(context, kept);
        }
        return kept;
      }
    }
  }

  /** Merges neighbours with the same dependency; constant text joins a fragment on either side, or leads a number. */
  #plan(tokens: readonly Token[]): Plan {
    const pieces: Piece[] = [];
    let run: (TextToken | FragmentToken)[] = [];
    let source: FragmentSource | null = null;
    const flush = (): void => {
      if (source !== null) {
        pieces.push(this.#fragmentPiece(run, source));
        run = [];
      }
      source = null;
    };
    for (const token of tokens) {
      if (token.kind === 'text') {
        run.push(token);
      } else if (token.kind === 'fragment') {
        if (source !== null && source !== token.source) flush();
        run.push(token);
        source = token.source;
      } else {
        flush();
        pieces.push(leadingPiece(run as TextToken[], token));
        run = [];
      }
    }
    flush();
    if (run.length > 0) pieces.push(leadingPiece(run as TextToken[], null));
    const bounded = pieces.reduce((sum, piece) => sum + 4 * piece.lead.length + INT64_DIGITS, 0);
    return { pieces, bounded };
  }

  #fragmentPiece(run: readonly (TextToken | FragmentToken)[], source: FragmentSource): Piece {
    const conditions = run.flatMap((token) => (token.kind === 'fragment' && token.cacheable ? [token.cacheable] : []));
    const type = SOURCES[source];
    // A file may be the first one of one record and the second one of another.
    const counted = type === NEWFILE ? FILE : type;
    return {
      type,
      lead: new Int32Array(0),
      leadLength: 0,
      number: this.#counts[counted]!++,
      write: sequence(run),
      cacheable: conditions.length === 0 ? null : (record) => conditions.every((holds) => holds(record)),
      slot: 0,
    };
  }
}

/** Constant text with the number or the record's own text that it leads. */
function leadingPiece(texts: readonly TextToken[], token: IntToken | EventToken | null): Piece {
  const bytes = utf8.encode(texts.map((one) => one.text).join(''));
  const lead = new Int32Array(Math.ceil(bytes.length / 4));
  const view = new DataView(lead.buffer);
  bytes.forEach((byte, i) => void view.setUint8(i, byte));
  return {
    type: token === null ? NONE : token.kind === 'event' ? EVENT : token.wide ? INT64 : INT32,
    lead: lead.map((_word, i) => view.getInt32(4 * i, true)),
    leadLength: bytes.length,
    number: 0,
    write: token?.kind === 'event' ? token.write : writeNothing,
    cacheable: null,
    slot: token?.kind === 'int' ? token.slot : 0,
  };
}

/** What is kept by a value of flags. */
class FlagFragments {
  readonly #byFlags = new Map<number, KeptFragments>();

  /** @param count fragments that there may be */
  get(flags: number, store: FragmentStore, count: number): KeptFragments {
    let kept = this.#byFlags.get(flags);
    if (kept === undefined) {
      kept = new KeptFragments(store, count);
      if (this.#byFlags.size < MAX_FLAG_VALUES) this.#byFlags.set(flags, kept);
    }
    return kept;
  }
}
