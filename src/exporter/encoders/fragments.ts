/**
 * Encoding by fragments. An output format is, per record kind, a list of tokens: constant text, pieces that depend on
 * one entity or on the record's flags, and the record's own numbers. Neighbouring tokens with the same dependency are
 * merged, and the bytes of each merged piece are kept for the entity they depend on, so that a record costs a few copies
 * and a few numbers.
 */

import type { FlatRecord } from '../../records/flat-record.js';
import { allocateMemoSlot } from '../../records/memo.js';
import type { RecordContext } from '../../records/record-context.js';
import type { Subject } from '../../records/subject.js';
import type { File } from '../../sysflow/entities.js';
import { INT64_DIGITS, writeInt32, writeInt64 } from '../../sysflow/int64.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import { type ByteBuffer, copyWords, SHORT, WORD } from '../byte-buffer.js';
import type { Encoder } from '../encoder.js';
import { FragmentStore, KeptFragments, shortLength, shortStart } from './fragment-store.js';

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

/** Keeps its neighbours apart, so that a piece is the same in several kinds of records and is kept once for them. */
export interface BoundaryToken {
  readonly kind: 'boundary';
}

/** The same object in several lists is the same piece of text. */
export type Token = TextToken | FragmentToken | IntToken | EventToken | BoundaryToken;

export const boundary: BoundaryToken = { kind: 'boundary' };

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
    if (token.kind === 'fragment') return token.write;
    if (token.kind !== 'text') throw new TypeError('what depends on the record alone is no part of a fragment');
    const bytes = utf8.encode(token.text);
    return (_record, out) => out.append(bytes);
  });
  return unroll(parts);
}

/**
 * Calls functions one after the other. Generated, so that each call has a place of its own in the code, where the engine
 * sees that it is always the same function and inlines it (measured: half the time of a loop).
 */
function unroll(parts: readonly Write[]): Write {
  const names = parts.map((_write, i) => `write${i}`);
  const calls = names.map((name) => `${name}(record, out);`);
  return new Function(...names, `return (record, out) => {\n${calls.join('\n')}\n};`)(...parts);
}

const NONE = 0;
const INT64 = 1;
const INT32 = 2;
const EVENT = 3;
const SUBJECT = 4;
const FILE = 5;
const NEWFILE = 6;
const SIGNATURE = 7;
const CONTEXT = 8;

/** What depends on the open flags is kept for the file, together with what depends on the file. */
const SOURCES: Readonly<Record<FragmentSource, number>> = {
  signature: SIGNATURE,
  openflags: FILE,
  subject: SUBJECT,
  file: FILE,
  newfile: NEWFILE,
  context: CONTEXT,
};

/** Merged tokens: constant text, then what the type tells. */
interface Piece {
  /** One of the constants above. */
  readonly type: number;
  /** The constant text: see {@link packWords}. */
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
  /** Room for all that has a bound: constant text, numbers and short fragments. */
  readonly bounded: number;
  readonly dependsOnOpenFlags: boolean;
}

const utf8 = new TextEncoder();
const writeNothing: Write = () => {};

/** Most bytes that a number or a short fragment takes, and that are overwritten beyond. */
const BOUNDED_PIECE = Math.max(INT64_DIGITS, SHORT) + WORD;

/** Bytes kept at once in each store. */
const MAX_BYTES = 4 << 20;

/** Flag values for which bytes are kept; more do not occur unless the data is forged. */
const MAX_FLAG_VALUES = 4096;

/** Files by which others that are announced later are recognized. */
const MAX_FILES = 1 << 14;

/** An encoder made of token lists, one per record kind; kinds without a list give no bytes. */
export class FragmentEncoder implements Encoder {
  readonly #plans: (Plan | null)[] = new Array<Plan | null>(RECORD_KIND_COUNT).fill(null);
  readonly #slot: number = allocateMemoSlot();
  /** Apart, so that many short-lived processes do not drive out the files. */
  readonly #subjectStore: FragmentStore;
  readonly #store: FragmentStore;
  /** How many fragments there are of each source. */
  readonly #counts: number[] = new Array<number>(CONTEXT + 1).fill(0);
  /** Pieces of fragments by their tokens, and numbers of those. */
  readonly #pieces = new Map<string, Piece>();
  readonly #tokens = new Map<Token, number>();
  /** Kept bytes by kind and op flags, and by context. */
  readonly #signatures: FlagFragments[] = Array.from({ length: RECORD_KIND_COUNT }, () => new FlagFragments());
  readonly #contexts = new WeakMap<RecordContext, KeptFragments>();
  /** Files with kept bytes, by object id. */
  readonly #files = new Map<string, File>();
  /** Kept bytes where there is no file or second file. */
  readonly #noFile: KeptFragments;

  /**
   * @param plans the tokens of each record kind
   * @param maxBytes fragments kept at once: of subjects, and of all other sources
   */
  constructor(plans: ReadonlyMap<number, readonly Token[]>, maxBytes: number = MAX_BYTES) {
    this.#subjectStore = new FragmentStore(maxBytes);
    this.#store = new FragmentStore(maxBytes);
    for (const [kind, tokens] of plans) this.#plans[kind] = this.#plan(tokens);
    this.#noFile = new KeptFragments(this.#store, this.#counts[FILE]!);
  }

  encode(record: FlatRecord, out: ByteBuffer): void {
    const plan = this.#plans[record.kind]!;
    if (plan === null) return;
    const { pieces, bounded } = plan;
    const { slots, base } = record;
    const subject = this.#ofSubject(record.subject);
    let file = record.file === null ? this.#noFile : this.#ofFile(record.file);
    if (plan.dependsOnOpenFlags) file = file.ofOpenFlags(record.openFlags);
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
      if (type === CONTEXT && record.context === null) continue;
      const kept =
        type === EVENT || (piece.cacheable !== null && !piece.cacheable(record))
          ? null
          : type === SUBJECT
            ? subject
            : type === FILE
              ? file
              : this.#kept(type, record);
      const ready = kept === null ? null : kept.get(piece.number);
      if (typeof ready === 'number') {
        const size = shortLength(ready);
        copyWords(kept!.store.view, shortStart(ready), view, at, size);
        at += size;
      } else if (ready !== null) {
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
        if (kept !== null) kept.keep(piece.number, out, at);
        out.reserve(bounded);
        ({ bytes, view, length: at } = out);
      }
    }
    out.length = at;
  }

  #ofSubject(subject: Subject): KeptFragments {
    const known = subject.memo[this.#slot] as KeptFragments | undefined;
    if (known !== undefined) return known;
    const kept = new KeptFragments(this.#subjectStore, this.#counts[SUBJECT]!);
    subject.memo[this.#slot] = kept;
    return kept;
  }

  #ofFile(file: File): KeptFragments {
    const known = file.memo[this.#slot] as KeptFragments | undefined;
    if (known !== undefined) return known;
    const kept = this.#ofEqualFile(file) ?? new KeptFragments(this.#store, this.#counts[FILE]!);
    file.memo[this.#slot] = kept;
    return kept;
  }

  /** What is kept for a file that was announced before with the same fields, as those in use are in each trace. */
  #ofEqualFile(file: File): KeptFragments | null {
    const files = this.#files;
    const equal = files.get(file.oid);
    if (equal !== undefined && equalFiles(equal, file)) return equal.memo[this.#slot] as KeptFragments;
    if (files.size >= MAX_FILES) files.clear();
    files.set(file.oid, file);
    return null;
  }

  /** Where the bytes of a fragment are kept for this record. */
  #kept(type: number, record: FlatRecord): KeptFragments {
    switch (type) {
      case NEWFILE:
        return record.newFile === null ? this.#noFile : this.#ofFile(record.newFile);
      case SIGNATURE:
        return this.#signatures[record.kind]!.get(record.opFlags, this.#store, this.#counts[SIGNATURE]!);
      default: {
        const context = record.context!;
        let kept = this.#contexts.get(context);
        if (kept === undefined) {
          kept = new KeptFragments(this.#store, this.#counts[CONTEXT]!);
          this.#contexts.set(context, kept);
        }
        return kept;
      }
    }
  }

  /** Merges neighbours with the same dependency; constant text joins a fragment on either side, or leads what follows. */
  #plan(tokens: readonly Token[]): Plan {
    const pieces: Piece[] = [];
    let run: (TextToken | FragmentToken)[] = [];
    let type = NONE;
    const flush = (): void => {
      if (type === NONE) return;
      pieces.push(this.#fragmentPiece(run, type));
      run = [];
      type = NONE;
    };
    for (const token of tokens) {
      if (token.kind === 'text') {
        run.push(token);
      } else if (token.kind === 'fragment' && token.source !== 'context') {
        if (type !== SOURCES[token.source]) flush();
        run.push(token);
        type = SOURCES[token.source];
      } else if (token.kind === 'boundary') {
        flush();
        if (run.length > 0) pieces.push(this.#leadPiece(run, null));
        run = [];
      } else {
        flush();
        pieces.push(this.#leadPiece(run, token));
        run = [];
      }
    }
    flush();
    if (run.length > 0) pieces.push(this.#leadPiece(run, null));
    return {
      pieces,
      bounded: pieces.reduce((sum, piece) => sum + 4 * piece.lead.length + BOUNDED_PIECE, 0),
      dependsOnOpenFlags: tokens.some((token) => token.kind === 'fragment' && token.source === 'openflags'),
    };
  }

  #fragmentPiece(run: readonly (TextToken | FragmentToken)[], type: number): Piece {
    const key = run.map((token) => (token.kind === 'text' ? JSON.stringify(token.text) : this.#numberOf(token))).join();
    let piece = this.#pieces.get(key);
    if (piece === undefined) {
      piece = this.#newFragmentPiece(run, type);
      this.#pieces.set(key, piece);
    }
    return piece;
  }

  #numberOf(token: Token): number {
    let number = this.#tokens.get(token);
    if (number === undefined) {
      number = this.#tokens.size;
      this.#tokens.set(token, number);
    }
    return number;
  }

  #newFragmentPiece(run: readonly (TextToken | FragmentToken)[], type: number): Piece {
    const conditions = run.flatMap((token) => (token.kind === 'fragment' && token.cacheable ? [token.cacheable] : []));
    return {
      type,
      lead: new Int32Array(0),
      leadLength: 0,
      number: this.#counts[keptWith(type)]!++,
      write: sequence(run),
      cacheable: conditions.length === 0 ? null : (record) => conditions.every((holds) => holds(record)),
      slot: 0,
    };
  }

  /** Constant text, and what it leads. Most records have no context, so its text stays apart from its neighbours. */
  #leadPiece(run: readonly Token[], token: IntToken | EventToken | FragmentToken | null): Piece {
    const bytes = utf8.encode(run.map((one) => (one as TextToken).text).join(''));
    return {
      type: token === null ? NONE : typeOf(token),
      lead: packWords(bytes),
      leadLength: bytes.length,
      number: token?.kind === 'fragment' ? this.#counts[CONTEXT]!++ : 0,
      write: token === null || token.kind === 'int' ? writeNothing : token.write,
      cacheable: null,
      slot: token?.kind === 'int' ? token.slot : 0,
    };
  }
}

/** Whether all is the same that fragments may show. */
function equalFiles(a: File, b: File): boolean {
  return a.path === b.path && a.resourceType === b.resourceType && a.state === b.state;
}

function typeOf(token: IntToken | EventToken | FragmentToken): number {
  if (token.kind === 'int') return token.wide ? INT64 : INT32;
  return token.kind === 'event' ? EVENT : SOURCES[token.source];
}

/** A file may be the first one of one record and the second one of another. */
function keptWith(type: number): number {
  return type === NEWFILE ? FILE : type;
}

/** Four bytes each, the first one lowest; zeros behind them. */
function packWords(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(Math.ceil(bytes.length / 4));
  bytes.forEach((byte, i) => {
    words[i >> 2]! |= byte << (8 * (i & 3));
  });
  return words;
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
