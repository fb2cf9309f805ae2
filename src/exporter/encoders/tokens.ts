/** What an output format is made of: per record kind, a list of tokens, for which `record-plan.ts` makes a plan. */
import type { FlatRecord } from '../../records/flat-record.js';
import type { ByteBuffer } from '../byte-buffer.js';

/** What the bytes of a fragment depend on. */
export type FragmentSource = 'signature' | 'openflags' | 'actor' | 'file' | 'newfile' | 'context';

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
  readonly cacheable: ((record: FlatRecord) => boolean) | null;
}

/** A number in a slot of the record's row; `wide` for 64 bits. */
export interface IntToken {
  readonly kind: 'int';
  readonly slot: number;
  readonly wide: boolean;
}

/** An IPv4 address in a slot, dotted. */
export interface Ipv4Token {
  readonly kind: 'ipv4';
  readonly slot: number;
}

/** Text of the record that is not worth keeping. */
export interface EventToken {
  readonly kind: 'event';
  readonly write: Write;
}

/** Keeps its neighbours apart, so that a fragment is the same in several kinds of records and is kept once for them. */
export interface BoundaryToken {
  readonly kind: 'boundary';
}

/** The same object in several lists stands for the same text. */
export type Token = TextToken | FragmentToken | IntToken | Ipv4Token | EventToken | BoundaryToken;

export const boundary: BoundaryToken = { kind: 'boundary' };

export function text(value: string): TextToken {
  return { kind: 'text', text: value };
}

export function fragment(
  source: FragmentSource,
  write: Write,
  cacheable: ((record: FlatRecord) => boolean) | null = null,
): FragmentToken {
  return { kind: 'fragment', source, write, cacheable };
}

export function int(slot: number, wide: boolean): IntToken {
  return { kind: 'int', slot, wide };
}

export function ipv4(slot: number): Ipv4Token {
  return { kind: 'ipv4', slot };
}

export function event(write: Write): EventToken {
  return { kind: 'event', write };
}

const utf8 = new TextEncoder();

/** Writes several tokens that are constant or depend on the same source. */
export function sequence(tokens: readonly Token[]): Write {
  const parts = tokens.map((token): Write => {
    if (token.kind === 'fragment') return token.write;
    if (token.kind !== 'text') throw new TypeError('what depends on the record alone is no part of a fragment');
    const bytes = utf8.encode(token.text);
    return (_record, out) => out.append(bytes);
  });
  return (record, out) => {
    for (const write of parts) write(record, out);
  };
}
