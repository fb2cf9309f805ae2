/**
 * Decompresses gzip (RFC 1952): one or more consecutive members.
 *
 *     member = 1f 8b 08 flags time{4} 00 00 [extra] [name] [comment] [header checksum] deflated checksum{4} size{4}
 *
 * `createGunzip` is not used, since on an error it drops up to a buffer of content that was already decompressed.
 */
import type { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import type { ByteWindow } from '../byte-source.js';
import { TraceError } from '../errors.js';
import type { UnpackedBytes } from './unpacked-bytes.js';

/**
 * Number of compressed bytes passed to zlib at once. Deflate expands one byte to at most 1,032, so the output of one
 * call is at most 8 MiB, even for a decompression bomb.
 */
const SLICE_BYTES = 8 << 10;
const MEMBER_MAGIC = 0x1f8b;
const FIXED_HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const [HEADER_CHECKSUM, EXTRA, NAME, COMMENT] = [2, 4, 8, 16];

type Problem = 'ends too early' | 'is broken' | 'has a wrong checksum' | 'is followed by other bytes';

/** Decompresses gzip data from the start of a window. */
export async function* gunzip(window: ByteWindow, name: string): UnpackedBytes {
  const failed = (problem: Problem): TraceError =>
    window.error ?? new TraceError('compression', `its gzip ${problem}`, name);
  for (let members = 0; members === 0 || (await window.fill(1)); members++) {
    if (members > 0 && !(await isMember(window))) return failed('is followed by other bytes');
    const header = await passHeader(window);
    if (header !== null) return failed(header);
    const inflater = new RawInflater();
    try {
      let [checksum, size] = [0, 0];
      while (!inflater.ended) {
        if (!(await window.fill(1))) return failed('ends too early');
        const slice = window.buffer.subarray(window.start, Math.min(window.end, window.start + SLICE_BYTES));
        window.consume(await inflater.write(slice));
        for (const bytes of inflater.output.splice(0)) {
          checksum = crc32(bytes, checksum);
          size += bytes.length;
          yield bytes;
        }
        if (inflater.broken) return failed('is broken');
      }
      if (!(await window.fill(TRAILER_BYTES))) return failed('ends too early');
      const { buffer, start } = window;
      const isSame = buffer.readUInt32LE(start) === checksum && buffer.readUInt32LE(start + 4) === size % 2 ** 32;
      window.consume(TRAILER_BYTES);
      if (!isSame) return failed('has a wrong checksum');
    } finally {
      inflater.close();
    }
    await passZeros(window);
  }
  return window.error;
}

async function isMember(window: ByteWindow): Promise<boolean> {
  return (await window.fill(2)) && window.buffer.readUInt16BE(window.start) === MEMBER_MAGIC;
}

/** Skips the header of a member. */
async function passHeader(window: ByteWindow): Promise<Problem | null> {
  if (!(await window.fill(FIXED_HEADER_BYTES))) return 'ends too early';
  const { buffer, start } = window;
  const flags = buffer[start + 3]!;
  // 8 stands for deflate, the only method; the three highest flags are reserved.
  if (buffer[start + 2] !== 8 || flags > 31) return 'is broken';
  window.consume(FIXED_HEADER_BYTES);
  if ((flags & EXTRA) !== 0) {
    if (!(await window.fill(2))) return 'ends too early';
    const length = 2 + window.buffer.readUInt16LE(window.start);
    if (!(await window.fill(length))) return 'ends too early';
    window.consume(length);
  }
  for (const text of [NAME, COMMENT]) {
    if ((flags & text) !== 0 && !(await passText(window))) return 'ends too early';
  }
  if ((flags & HEADER_CHECKSUM) !== 0) {
    if (!(await window.fill(2))) return 'ends too early';
    window.consume(2);
  }
  return null;
}

/** Skips a text and its terminating zero; returns false if the data ends before. */
async function passText(window: ByteWindow): Promise<boolean> {
  while (await window.fill(1)) {
    const zero = window.buffer.subarray(window.start, window.end).indexOf(0);
    window.consume(zero === -1 ? window.available : zero + 1);
    if (zero !== -1) return true;
  }
  return false;
}

/** Skips the zeros with which tapes and block devices pad the last member. */
async function passZeros(window: ByteWindow): Promise<void> {
  while ((await window.fill(1)) && window.buffer[window.start] === 0) window.consume(1);
}

/** Inflates one member in slices. */
class RawInflater {
  /** Output that was not consumed yet. */
  readonly output: Buffer[] = [];
  /** Whether the member is complete; input after it is not consumed. */
  ended = false;
  broken = false;
  readonly #stream: InflateRaw = createInflateRaw();
  #isFlowing: Promise<void> | null;
  #onError: () => void = () => {};

  constructor() {
    this.#stream.on('data', (bytes: Buffer) => this.output.push(bytes));
    this.#stream.on('error', () => {
      this.broken = true;
      this.#onError();
    });
    // Start the stream in the next turn of the event loop; from then on all output of a call is available before the
    // call returns.
    this.#isFlowing = setImmediate();
  }

  /** Inflates a slice and returns how many of its bytes belong to the member. */
  async write(slice: Buffer): Promise<number> {
    await this.#isFlowing;
    this.#isFlowing = null;
    const stream = this.#stream;
    const before = stream.bytesWritten;
    await new Promise<void>((resolve) => {
      this.#onError = resolve;
      stream.write(slice, () => resolve());
    });
    const consumed = stream.bytesWritten - before;
    if (!this.broken) this.ended = consumed < slice.length;
    return consumed;
  }

  close(): void {
    this.#stream.destroy();
  }
}
