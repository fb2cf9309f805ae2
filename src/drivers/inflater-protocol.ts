/** Messages between the inflater thread and the thread that decodes traces. */
import type { InflateFault } from '../sysflow/codecs/codec.js';
import type { Compression } from '../sysflow/compression/unpack.js';
import type { Damage } from '../sysflow/damage.js';
import type { TraceErrorCode } from '../sysflow/errors.js';
import type { RingData } from './block-ring.js';

/** What the thread starts with. */
export interface InflaterData {
  /** The files, in order. */
  readonly paths: readonly string[];
  readonly ring: RingData;
}

/** How far a file was read. */
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
  /** The inflated bytes: in the ring, with the position to free; or too large for it; or why there are none. */
  readonly inflated:
    | { readonly at: number; readonly length: number; readonly position: number }
    | Uint8Array<ArrayBuffer>
    | InflateFault;
}

/** Properties of a file known at its start; see `BlockSource`. */
export interface FileStart {
  readonly metadata: ReadonlyMap<string, string>;
  readonly codec: string;
  readonly compression: Compression | null;
}

export type FromInflater =
  /** A file begins. */
  | ({ readonly type: 'file' } & FileStart)
  | BlockMessage
  /** The file is read. */
  | (Progress & { readonly type: 'end' })
  /** The file is not a trace. */
  | {
      readonly type: 'unreadable';
      readonly error: { readonly code: TraceErrorCode; readonly message: string; readonly path: string };
    };
