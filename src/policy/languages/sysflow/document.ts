/**
 * A policy file as its readers see it, before anything is understood: items with keys and values, each with its place.
 *
 * Two readers make it, one for YAML and one for the grammar of the original (see `yaml-reader.ts` and
 * `tolerant-reader.ts`); what comes after does not know which one did.
 */
import type { SourceRange, SourceText } from '../../../diagnostics/diagnostic.js';

/** A scalar: quotes and escapes of the file format undone. */
export interface RawScalar {
  readonly kind: 'scalar';
  readonly text: string;
  readonly range: SourceRange;
  /**
   * The offset in the file of each character of `text`, and of its end; null where character `i` stands at
   * `range.start + i`. Right for conditions; of other scalars only `range` counts.
   */
  readonly offsets: Int32Array | null;
}

/** A sequence of scalars; sequences inside it are laid flat. */
export interface RawList {
  readonly kind: 'list';
  readonly items: readonly RawScalar[];
  readonly range: SourceRange;
}

/** Something that is neither, such as a map. */
export interface RawOther {
  readonly kind: 'other';
  readonly range: SourceRange;
}

export type RawValue = RawScalar | RawList | RawOther;

/** A key with its value; the value is null where nothing stands behind the key. */
export interface RawEntry {
  readonly key: string;
  readonly keyRange: SourceRange;
  readonly value: RawValue | null;
}

/** An item: the entries in their order, the same key possibly more than once. */
export interface RawItem {
  readonly source: SourceText;
  readonly entries: readonly RawEntry[];
  readonly range: SourceRange;
}

/** The offset in the file of a character of a scalar. */
export function offsetIn(scalar: RawScalar, index: number): number {
  return scalar.offsets === null ? scalar.range.start + index : scalar.offsets[index]!;
}
