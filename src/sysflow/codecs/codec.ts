/** The codecs of Avro object container files: how the bytes of a block are inflated. */
import type { Buffer } from 'node:buffer';
import { crc32, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { decompressSnappy } from './snappy.js';
import { decompressZstandard } from './zstandard.js';

/** A codec by its name in the file's metadata (`avro.codec`). */
export type CodecName = 'null' | 'deflate' | 'snappy' | 'zstandard';

/** Why a block does not inflate. */
export type InflateFault = 'inflate' | 'checksum' | 'size';

/** A block inflated, or why it is not. */
export type Inflated = Buffer | InflateFault;

/** Inflates the blocks of one file. */
export interface Codec {
  readonly name: CodecName;
  /** Inflates a block at once. */
  inflate(block: Buffer): Inflated;
  /** Inflates it on libuv's thread pool; null where the codec has no such way. */
  readonly inflateAsync: ((block: Buffer) => Promise<Inflated>) | null;
}

/**
 * The codec of a name.
 *
 * @param maxBytes bound on the bytes of an inflated block
 * @returns undefined for a codec that is not known
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

/** Snappy's raw format, followed by the CRC-32 of what was compressed, highest byte first. */
function inflateSnappy(block: Buffer, maxBytes: number): Inflated {
  if (block.length < CHECKSUM_BYTES) return 'inflate';
  const end = block.length - CHECKSUM_BYTES;
  const inflated = decompressSnappy(block.subarray(0, end), maxBytes);
  if (inflated === null) return 'inflate';
  if (inflated === 'size') return 'size';
  return crc32(inflated) === block.readUInt32BE(end) ? inflated : 'checksum';
}

/** Least size of a buffer for zlib's output. */
const LEAST_CHUNK = 16 << 10;

/** Raw deflate (RFC 1951), without checksum. */
class Deflate implements Codec {
  readonly name = 'deflate';
  /** With room for the largest block so far, which the next one probably resembles: zlib then needs one buffer. */
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
