/**
 * Encoding by fragments. An output format is, per record kind, a list of tokens: constant text, pieces that depend on
 * one entity or on the record's flags, and the record's own numbers. Neighbouring tokens with the same dependency are
 * merged, and the bytes of each merged piece are kept with the entity they depend on when it comes by again, so that a
 * record costs a dozen copies and a few numbers.
 */

import type { FlatRecord } from '../../records/flat-record.js';
import { allocateMemoSlot } from '../../records/memo.js';
import type { RecordContext } from '../../records/record-context.js';
import { writeInt32, writeInt64 } from '../../sysflow/int64.js';
import { RECORD_KIND_COUNT } from '../../sysflow/record-types.js';
import type { ByteBuffer } from '../byte-buffer.js';
import type { Encoder } from '../encoder.js';

/** What the bytes of a piece depend on. */
export type FragmentSource = 'signature' | 'openflags' | 'subject' | 'file' | 'newfile' | 'context';

/** Constant text. */
export interface TextToken {
  readonly kind: 'text';
  readonly text: string;
}

/** Text that depends on one thing; not kept for records on which `cacheable` says no. */
export interface FragmentToken {
  readonly kind: 'fragment';
  readonly source: FragmentSource;
  readonly render: (record: FlatRecord) => string;
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
  readonly render: (record: FlatRecord) => string;
}

export type Token = TextToken | FragmentToken | IntToken | EventToken;

export function text(value: string): TextToken {
  return { kind: 'text', text: value };
}

export function fragment(
  source: FragmentSource,
  render: (record: FlatRecord) => string,
  cacheable?: (record: FlatRecord) => boolean,
): FragmentToken {
  return cacheable === undefined
    ? { kind: 'fragment', source, render }
    : { kind: 'fragment', source, render, cacheable };
}

export function int(slot: number, wide: boolean): IntToken {
  return { kind: 'int', slot, wide };
}

export function event(render: (record: FlatRecord) => string): EventToken {
  return { kind: 'event', render };
}

/**
 * The bytes kept for one entity, by number of the piece. Most files occur once, so nothing is kept at the first time: then
 * {@link SEEN} stands there.
 */
type Kept = (Uint8Array | undefined)[];

const SEEN = new Uint8Array(0);

const CONSTANT = 0;
const SIGNATURE = 1;
const OPENFLAGS = 2;
const SUBJECT = 3;
const FILE = 4;
const NEWFILE = 5;
const CONTEXT = 6;
const INT64 = 7;
const INT32 = 8;
const EVENT = 9;

const SOURCES: Readonly<Record<FragmentSource, number>> = {
  signature: SIGNATURE,
  openflags: OPENFLAGS,
  subject: SUBJECT,
  file: FILE,
  newfile: NEWFILE,
  context: CONTEXT,
};

/** Merged tokens. */
interface Piece {
  /** One of the constants above. */
  readonly type: number;
  /** Number of the piece within the encoder: its place in `Kept`. */
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly render: (record: FlatRecord) => string;
  readonly cacheable: ((record: FlatRecord) => boolean) | null;
  readonly slot: number;
}

const NO_BYTES = new Uint8Array(0);
const noText = (): string => '';
const utf8 = new TextEncoder();

/** Flag values for which bytes are kept; more do not occur unless the data is forged. */
const MAX_FLAG_VALUES = 4096;

/** Longest decimal of a 64-bit number. */
const INT_BYTES = 20;

/** An encoder made of token lists, one per record kind; kinds without a list give no bytes. */
export class FragmentEncoder implements Encoder {
  readonly #plans: (readonly Piece[] | null)[] = new Array<readonly Piece[] | null>(RECORD_KIND_COUNT).fill(null);
  readonly #slot: number = allocateMemoSlot();
  /** Kept bytes by kind and op flags, by open flags, and by context. */
  readonly #signatures: Map<number, Kept>[] = Array.from({ length: RECORD_KIND_COUNT }, () => new Map<number, Kept>());
  readonly #openFlags = new Map<number, Kept>();
  readonly #contexts = new WeakMap<RecordContext, Kept>();
  /** Kept bytes where there is no file, second file or context. */
  readonly #noFile: Kept = [];
  readonly #noNewFile: Kept = [];
  readonly #noContext: Kept = [];
  #pieces = 0;

  /** @param plans the tokens of each record kind */
  constructor(plans: ReadonlyMap<number, readonly Token[]>) {
    for (const [kind, tokens] of plans) this.#plans[kind] = this.#merge(tokens);
  }

  encode(record: FlatRecord, out: ByteBuffer): void {
    const plan = this.#plans[record.kind]!;
    if (plan === null) return;
    for (let i = 0; i < plan.length; i++) {
      const piece = plan[i]!;
      if (piece.type === INT64) {
        const at = record.base + piece.slot;
        out.reserve(INT_BYTES);
        out.length = writeInt64(out.bytes, out.length, record.slots[at]!, record.slots[at + 1]!);
      } else if (piece.type === INT32) {
        out.reserve(INT_BYTES);
        out.length = writeInt32(out.bytes, out.length, record.slots[record.base + piece.slot]!);
      } else if (piece.type === CONSTANT) {
        out.append(piece.bytes);
      } else {
        this.#append(piece, record, out);
      }
    }
  }

  #append(piece: Piece, record: FlatRecord, out: ByteBuffer): void {
    if (piece.type === EVENT || piece.cacheable?.(record) === false) {
      out.appendText(piece.render(record));
      return;
    }
    const kept = this.#kept(piece.type, record);
    const ready = kept[piece.id];
    if (ready !== undefined && ready !== SEEN) {
      out.append(ready);
      return;
    }
    const start = out.length;
    out.appendText(piece.render(record));
    kept[piece.id] = ready === SEEN ? Uint8Array.prototype.slice.call(out.bytes, start, out.length) : SEEN;
  }

  /** Where the bytes of a piece are kept for this record. */
  #kept(type: number, record: FlatRecord): Kept {
    switch (type) {
      case SUBJECT:
        return keptIn(record.subject.memo, this.#slot);
      case FILE:
        return record.file === null ? this.#noFile : keptIn(record.file.memo, this.#slot);
      case NEWFILE:
        return record.newFile === null ? this.#noNewFile : keptIn(record.newFile.memo, this.#slot);
      case SIGNATURE:
        return keptByFlags(this.#signatures[record.kind]!, record.opFlags);
      case OPENFLAGS:
        return keptByFlags(this.#openFlags, record.openFlags);
      default: {
        const context = record.context;
        if (context === null) return this.#noContext;
        let kept = this.#contexts.get(context);
        if (kept === undefined) {
          kept = [];
          this.#contexts.set(context, kept);
        }
        return kept;
      }
    }
  }

  /** Merges neighbours with the same dependency; constant text joins either side. */
  #merge(tokens: readonly Token[]): Piece[] {
    const pieces: Piece[] = [];
    let run: (TextToken | FragmentToken)[] = [];
    let source: FragmentSource | null = null;
    const flush = (): void => {
      if (run.length > 0) pieces.push(this.#piece(run, source));
      run = [];
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
        pieces.push(this.#dynamicPiece(token));
      }
    }
    flush();
    return pieces;
  }

  #piece(run: readonly (TextToken | FragmentToken)[], source: FragmentSource | null): Piece {
    const render = (record: FlatRecord): string =>
      run.map((token) => (token.kind === 'text' ? token.text : token.render(record))).join('');
    const conditions = run.flatMap((token) => (token.kind === 'fragment' && token.cacheable ? [token.cacheable] : []));
    return {
      type: source === null ? CONSTANT : SOURCES[source],
      id: this.#pieces++,
      bytes: source === null ? utf8.encode(run.map((token) => (token as TextToken).text).join('')) : NO_BYTES,
      render,
      cacheable: conditions.length === 0 ? null : (record) => conditions.every((holds) => holds(record)),
      slot: 0,
    };
  }

  #dynamicPiece(token: IntToken | EventToken): Piece {
    const isInt = token.kind === 'int';
    return {
      type: isInt ? (token.wide ? INT64 : INT32) : EVENT,
      id: this.#pieces++,
      bytes: NO_BYTES,
      render: isInt ? noText : token.render,
      cacheable: null,
      slot: isInt ? token.slot : 0,
    };
  }
}

function keptIn(memo: unknown[], slot: number): Kept {
  const known = memo[slot] as Kept | undefined;
  if (known !== undefined) return known;
  const kept: Kept = [];
  memo[slot] = kept;
  return kept;
}

function keptByFlags(byFlags: Map<number, Kept>, flags: number): Kept {
  let kept = byFlags.get(flags);
  if (kept === undefined) {
    kept = [];
    if (byFlags.size < MAX_FLAG_VALUES) byFlags.set(flags, kept);
  }
  return kept;
}
