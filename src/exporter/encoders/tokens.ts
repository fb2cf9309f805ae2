/** Tokens define an output format: a list for each record kind, from which `record-plan.ts` makes a plan. */
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

/** Text that depends on one entity. It is not cached for records for which `cacheable` returns false. */
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

/** An IPv4 address in a slot, written in dotted notation. */
export interface Ipv4Token {
  readonly kind: 'ipv4';
  readonly slot: number;
}

/** Text that depends on the whole record and is not cached. */
export interface EventToken {
  readonly kind: 'event';
  readonly write: Write;
}

/**
 * Prevents its neighbours from being merged, so that a fragment is the same in several record kinds and is cached once
 * for all of them.
 */
export interface BoundaryToken {
  readonly kind: 'boundary';
}

/** A token object has the same text in all lists that contain it. */
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

/** Combines tokens that are constant or depend on the same entity. */
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
