/**
 * The structure of a policy file before its contents are interpreted: items with keys and values, each with its
 * position.
 *
 * There are two readers, one for YAML and one for the grammar of the original (see `yaml-reader.ts` and
 * `tolerant-reader.ts`). Later steps do not depend on which one was used.
 */
import type { SourceRange, SourceText } from '../../../diagnostics/diagnostic.js';

/** A scalar, with quotes and escapes of the file format decoded. */
export interface RawScalar {
  readonly kind: 'scalar';
  readonly text: string;
  readonly range: SourceRange;
  /**
   * For each character of `text` and for its end, the offset in the file; null if character `i` is at `range.start +
   * i`. Only valid for conditions; for other scalars use `range`.
   */
  readonly offsets: Int32Array | null;
}

/** A sequence of scalars; nested sequences are flattened. */
export interface RawList {
  readonly kind: 'list';
  readonly items: readonly RawScalar[];
  readonly range: SourceRange;
}

/** Any other value, such as a map. */
export interface RawOther {
  readonly kind: 'other';
  readonly range: SourceRange;
}

export type RawValue = RawScalar | RawList | RawOther;

/** A key with its value; the value is null if it is missing. */
export interface RawEntry {
  readonly key: string;
  readonly keyRange: SourceRange;
  readonly value: RawValue | null;
}

/** An item with its entries in order. A key may occur more than once. */
export interface RawItem {
  readonly source: SourceText;
  readonly entries: readonly RawEntry[];
  readonly range: SourceRange;
}

/** Returns the offset in the file of a character of a scalar. */
export function offsetIn(scalar: RawScalar, index: number): number {
  return scalar.offsets === null ? scalar.range.start + index : scalar.offsets[index]!;
}
