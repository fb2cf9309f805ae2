/** The codecs of Avro object container files, which inflate the bytes of a block. */
import type { Buffer } from 'node:buffer';
import { crc32, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { decompressSnappy } from './snappy.js';
import { decompressZstandard } from './zstandard.js';

/** Name of a codec in the file's metadata (`avro.codec`). */
export type CodecName = 'null' | 'deflate' | 'snappy' | 'zstandard';

/** Why a block cannot be inflated. */
export type InflateFault = 'inflate' | 'checksum' | 'size';

/** An inflated block, or why it cannot be inflated. */
export type Inflated = Buffer | InflateFault;

/** Inflates the blocks of one file. */
export interface Codec {
  readonly name: CodecName;
  /** Inflates a block synchronously. */
  inflate(block: Buffer): Inflated;
  /** Inflates a block on libuv's thread pool; null if the codec does not support it. */
  readonly inflateAsync: ((block: Buffer) => Promise<Inflated>) | null;
}

/**
 * Returns the codec with a name.
 *
 * @param maxBytes maximum size of an inflated block
 * @returns undefined for an unknown codec
 */
export function codecOf(name: string, maxBytes: number): Codec | undefined {
  switch (name) {
    case 'null':
      return { name, inflate: (block) => (block.length > maxBytes ? 'size' : block), inflateAsync: null };
    case 'deflate':
      return new Deflate(maxBytes);
    case 'snappy':
      return { name, inflate: (block) => inflateSnappy(block, maxBytes), inflateAsync: null };
    case 'zstandard':
      return { name, inflate: (block) => decompressZstandard(block, maxBytes) ?? 'inflate', inflateAsync: null };
    default:
      return undefined;
  }
}

const CHECKSUM_BYTES = 4;

/** Snappy's raw format, followed by the CRC-32 of the uncompressed data in big-endian order. */
function inflateSnappy(block: Buffer, maxBytes: number): Inflated {
  if (block.length < CHECKSUM_BYTES) return 'inflate';
  const end = block.length - CHECKSUM_BYTES;
  const inflated = decompressSnappy(block.subarray(0, end), maxBytes);
  if (inflated === null) return 'inflate';
  if (inflated === 'size') return 'size';
  return crc32(inflated) === block.readUInt32BE(end) ? inflated : 'checksum';
}

/** Minimum size of zlib's output buffer. */
const LEAST_CHUNK = 16 << 10;

/** Raw deflate (RFC 1951), without a checksum. */
class Deflate implements Codec {
  readonly name = 'deflate';
  /**
   * The buffer has the size of the largest block so far. The next block is probably similar, so zlib needs one buffer.
   */
  readonly #options: ZlibOptions & { chunkSize: number };

  constructor(maxBytes: number) {
    this.#options = { maxOutputLength: maxBytes, chunkSize: 5 * LEAST_CHUNK };
  }

  inflate(block: Buffer): Inflated {
    try {
      const inflated = inflateRawSync(block, this.#options);
      this.#learn(inflated);
      return inflated;
    } catch (error) {
      return faultOf(error);
    }
  }

  inflateAsync = (block: Buffer): Promise<Inflated> =>
    new Promise((resolve) => {
      inflateRaw(block, this.#options, (error, inflated) => {
        if (error === null) this.#learn(inflated);
        resolve(error === null ? inflated : faultOf(error));
      });
    });

  #learn({ length }: Buffer): void {
    const wanted = Math.min(length, 1 << 20) + LEAST_CHUNK;
    if (wanted > this.#options.chunkSize) this.#options.chunkSize = wanted;
  }
}

function faultOf(error: unknown): InflateFault {
  return error instanceof RangeError ? 'size' : 'inflate';
}
