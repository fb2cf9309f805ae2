/** Recognizes files that are compressed as a whole by their first bytes, and decompresses them. */
import { Buffer } from 'node:buffer';
import { type ByteSource, ByteWindow, ReadBuffer } from '../byte-source.js';
import { MAGIC } from '../container-header.js';
import { TraceError } from '../errors.js';
import { gunzip } from './gzip.js';
import type { UnpackedBytes } from './unpacked-bytes.js';
import { unpackZstandard } from './zstandard-stream.js';

/** The supported compressions of a file. */
export type Compression = 'gzip' | 'zstd';

export interface Unpacked {
  /** The bytes of the trace. */
  readonly source: ByteSource;
  /** Null if the file is not compressed. */
  readonly compression: Compression | null;
}

type Kind = Compression | 'bzip2' | 'xz' | 'zip' | 'tar';

const SIGNS: readonly { readonly kind: Kind; readonly at: number; readonly bytes: Buffer }[] = [
  { kind: 'gzip', at: 0, bytes: Buffer.from([0x1f, 0x8b]) },
  { kind: 'zstd', at: 0, bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
  { kind: 'bzip2', at: 0, bytes: Buffer.from('BZh') },
  { kind: 'xz', at: 0, bytes: Buffer.from('\xfd7zXZ\0', 'latin1') },
  { kind: 'zip', at: 0, bytes: Buffer.from('PK\x03\x04') },
  { kind: 'tar', at: 257, bytes: Buffer.from('ustar') },
];
const LONGEST = Math.max(...SIGNS.map(({ at, bytes }) => at + bytes.length));

/** Why a kind of file is not supported, and what to do instead. */
const UNREAD: Readonly<Record<Exclude<Kind, Compression>, string>> = {
  bzip2: 'is compressed with bzip2, which is not supported; decompress it first',
  xz: 'is compressed with xz, which is not supported; decompress it first',
  zip: 'is a zip archive; extract it and pass the traces in it',
  tar: 'is a tar archive; extract it and pass the traces in it',
};

/** Maximum number of nested compressions. */
const MAX_LAYERS = 3;

/**
 * Decompresses a source that is compressed with gzip or Zstandard, in bounded memory whatever its content; other
 * sources are returned as they are.
 *
 * @param inline whether each chunk is processed before the next is requested, so that memory for reading can be shared
 * @returns an error for an unsupported compression or archive; the source is then closed
 */
export async function unpack(packed: ByteSource, inline: boolean): Promise<Unpacked | TraceError> {
  let source = packed;
  let compression: Compression | null = null;
  for (let layer = 0; ; layer++) {
    const peeked = await peek(source);
    source = peeked.source;
    const { kind } = peeked;
    if (kind === null) return { source, compression };
    if ((kind !== 'gzip' && kind !== 'zstd') || layer === MAX_LAYERS) {
      await source.close();
      const message = kind === 'gzip' || kind === 'zstd' ? `is compressed more than ${MAX_LAYERS} times` : UNREAD[kind];
      return new TraceError('not-avro', message, source.name);
    }
    compression = kind;
    const window = new ByteWindow(source, inline ? new ReadBuffer() : null);
    const bytes = kind === 'gzip' ? gunzip(window, source.name) : unpackZstandard(window, source.name);
    source = new UnpackedSource(source, bytes);
  }
}

/** Reads the first bytes of a source. Returns a source that starts with them again. */
async function peek(source: ByteSource): Promise<{ readonly source: ByteSource; readonly kind: Kind | null }> {
  const bytes = Buffer.alloc(LONGEST);
  let length = 0;
  let ending: TraceError | 0 | null = null;
  while (length < LONGEST && !(length >= MAGIC.length && bytes.subarray(0, MAGIC.length).equals(MAGIC))) {
    const read = await source.read(bytes, length);
    if (read instanceof TraceError || read === 0) {
      ending = read;
      break;
    }
    length += read;
  }
  const first = bytes.subarray(0, length);
  const sign = SIGNS.find(({ at, bytes: wanted }) => first.subarray(at, at + wanted.length).equals(wanted));
  return { source: new PeekedSource(source, first, ending), kind: sign?.kind ?? null };
}

/** A source whose first bytes were already read. */
class PeekedSource implements ByteSource {
  readonly name: string;
  readonly chunkBytes: number;
  readonly live: boolean;
  readonly #source: ByteSource;
  #first: Buffer;
  /** How the source ended after the first bytes; null if there are more. */
  readonly #ending: TraceError | 0 | null;

  constructor(source: ByteSource, first: Buffer, ending: TraceError | 0 | null) {
    this.name = source.name;
    this.chunkBytes = source.chunkBytes;
    this.live = source.live;
    this.#source = source;
    this.#first = first;
    this.#ending = ending;
  }

  async read(into: Buffer, offset: number): Promise<number | TraceError> {
    if (this.#first.length === 0) return this.#ending ?? this.#source.read(into, offset);
    const length = this.#first.copy(into, offset);
    this.#first = this.#first.subarray(length);
    return length;
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

/** The output of a compressed source. */
class UnpackedSource implements ByteSource {
  readonly name: string;
  readonly chunkBytes: number = 256 << 10;
  readonly live: boolean;
  readonly #packed: ByteSource;
  readonly #bytes: UnpackedBytes;
  #rest: Buffer = Buffer.alloc(0);

  constructor(packed: ByteSource, bytes: UnpackedBytes) {
    this.name = packed.name;
    this.live = packed.live;
    this.#packed = packed;
    this.#bytes = bytes;
  }

  async read(into: Buffer, offset: number): Promise<number | TraceError> {
    while (this.#rest.length === 0) {
      const next = await this.#bytes.next();
      if (next.done === true) return next.value ?? 0;
      this.#rest = next.value;
    }
    const length = this.#rest.copy(into, offset);
    this.#rest = this.#rest.subarray(length);
    return length;
  }

  async close(): Promise<void> {
    this.#rest = Buffer.alloc(0);
    await this.#packed.close();
    await this.#bytes.return(null);
  }
}
