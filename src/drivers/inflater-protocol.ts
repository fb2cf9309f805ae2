/** The messages between the thread that inflates traces and the thread that decodes them. */
import type { InflateFault } from '../sysflow/codecs/codec.js';
import type { Compression } from '../sysflow/compression/unpack.js';
import type { Damage } from '../sysflow/damage.js';
import type { TraceErrorCode } from '../sysflow/errors.js';
import type { RingData } from './block-ring.js';

/** The data that the inflater thread starts with. */
export interface InflaterData {
  /** The files, in order. */
  readonly paths: readonly string[];
  readonly ring: RingData;
}

/** Progress within a file. */
interface Progress {
  /** Bytes read so far. */
  readonly bytes: number;
  /** Damage found since the previous message. */
  readonly damage: readonly Readonly<Damage>[];
}

/** A block; see `Block`. */
export interface BlockMessage extends Progress {
  readonly type: 'block';
  readonly offset: number;
  readonly count: number;
  readonly size: number;
  readonly trace: ReadonlyMap<string, string> | null;
  /** Where the inflated bytes are in the ring, with the position to free; the bytes themselves if too large for it; or the fault. */
  readonly inflated:
    | { readonly at: number; readonly length: number; readonly position: number }
    | Uint8Array<ArrayBuffer>
    | InflateFault;
}

/** The header of a file; see `BlockSource`. */
export interface FileStart {
  readonly metadata: ReadonlyMap<string, string>;
  readonly codec: string;
  readonly compression: Compression | null;
}

export type FromInflater =
  /** A file begins. */
  | ({ readonly type: 'file' } & FileStart)
  | BlockMessage
  /** The file was read to its end. */
  | (Progress & { readonly type: 'end' })
  /** The file is not a readable trace. */
  | {
      readonly type: 'unreadable';
      readonly error: { readonly code: TraceErrorCode; readonly message: string; readonly path: string };
    };
