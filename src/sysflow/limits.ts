/**
 * Limits for the contents of a trace or packet. Every length, count and depth in the data is checked against one of
 * them.
 */
export interface Limits {
  /** Bytes of a block as stored in the file. */
  readonly compressedBlockBytes: number;
  /** Bytes of an inflated block; at most 64 MiB. */
  readonly blockBytes: number;
  /** Bytes of a string. */
  readonly stringBytes: number;
  /** Items of an array or entries of a map. */
  readonly items: number;
  /** Bytes of a file's metadata, including its schema. */
  readonly metadataBytes: number;
  /** Nesting of a schema, and of the data under an unknown field. */
  readonly depth: number;
  /** Types in a schema, counting every occurrence. */
  readonly types: number;
}

/** Far above what collectors write (blocks of 16 KiB to 1 MiB), and far below sizes that cause problems. */
export const DEFAULT_LIMITS: Limits = {
  compressedBlockBytes: 16 << 20,
  blockBytes: 32 << 20,
  stringBytes: 4 << 20,
  items: 65_536,
  metadataBytes: 1 << 20,
  depth: 32,
  types: 2_000,
};
