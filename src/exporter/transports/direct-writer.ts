import { Buffer } from 'node:buffer';
import { constants, fstatSync, promises } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type WriteWay, WriteWays } from './write-ways.js';

/** What direct writes consist of: where they begin in the file and in memory, and how long they are. */
export const BLOCK_BYTES = 4096;

/** Less than this is left to the page cache, which answers at once. */
const LEAST_BYTES = 1 << 20;
/** Shorter pieces are, too: what is put before a piece stands in the one before. */
const LEAST_PIECE = 2 * BLOCK_BYTES;

/**
 * Writes large runs of bytes past the page cache (`O_DIRECT`) where that is faster: it takes a tenth of the processor time and
 * no memory, but as long as the disk does. The bytes that it leaves are to be appended as usual; these are all where the file
 * system has no such way, and after any failure.
 *
 * Pieces lie in memory of WebAssembly, which begins at a page, and at the same place in a block as in the file: see
 * `Transport.blockOffset`.
 */
export class DirectWriter {
  /** Bytes written so. */
  bytes = 0;
  readonly #file: FileHandle;
  readonly #now: () => number;
  readonly #ways: Pick<WriteWays, 'choose' | 'took'>;
  #direct: FileHandle | null = null;
  #isOff = constants.O_DIRECT === undefined;
  /** The last bytes of the file, those of a block that is not whole, and for which size of the file. */
  readonly #tail = Buffer.alloc(BLOCK_BYTES);
  #tailOf = 0;
  /** How the run under way is written, and since when; null for one that is not judged. */
  #way: WriteWay | null = null;
  #begun = 0;

  /**
   * @param file open for appending
   * @param now the time in milliseconds
   */
  constructor(file: FileHandle, now: () => number, ways: Pick<WriteWays, 'choose' | 'took'> = new WriteWays()) {
    this.#file = file;
    this.#now = now;
    this.#ways = ways;
  }

  /**
   * Writes the first bytes of some pieces to the end of the file, whole blocks only.
   *
   * @param size of the file
   * @returns how many bytes; the others are to be appended
   */
  async write(pieces: readonly Uint8Array[], size: number): Promise<number> {
    this.#way = null;
    const blocks = this.#isOff ? [] : this.#blocks(pieces, size);
    if (blocks.length === 0) return 0;
    this.#way = this.#ways.choose();
    this.#begun = this.#now();
    return this.#way === 'direct' ? this.#write(blocks, size) : 0;
  }

  /** Notes the end of the file after all of some pieces were written, so that the next ones can be. */
  note(pieces: readonly Uint8Array[], size: number): void {
    if (this.#isOff) return;
    const rest = size % BLOCK_BYTES;
    const last = pieces[pieces.length - 1]!;
    this.#tailOf = -1;
    if (last.length >= LEAST_PIECE) {
      this.#tail.set(last.subarray(last.length - rest));
      this.#tailOf = size;
    }
    if (this.#way === null) return;
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#ways.took(this.#way, bytes, this.#now() - this.#begun);
  }

  /** Writes nothing any more. */
  async close(): Promise<void> {
    this.#isOff = true;
    const direct = this.#direct;
    this.#direct = null;
    await direct?.close().catch(() => {});
  }

  async #write(blocks: readonly Buffer[], size: number): Promise<number> {
    const start = size - (size % BLOCK_BYTES);
    const end = blocks.reduce((sum, block) => sum + block.length, start);
    let at = start;
    try {
      // By its descriptor, since another file may have its name by now.
      this.#direct ??= await promises.open(`/proc/self/fd/${this.#file.fd}`, constants.O_WRONLY | constants.O_DIRECT);
      // Where somebody else writes to it as well, or has cut it, only appending is right.
      if (fstatSync(this.#direct.fd).size !== size) {
        await this.close();
        return 0;
      }
      while (at < end) {
        const { bytesWritten } = await this.#direct.writev(blocksFrom(blocks, at - start), at);
        at += bytesWritten;
        // Another part of a block: the disk is full.
        if (bytesWritten % BLOCK_BYTES !== 0) break;
      }
    } catch {
      // Appending the rest tells what is wrong.
    }
    if (at < end) {
      await this.close();
      // What was written behind a gap, if anything, would stand before what is appended.
      await this.#file.truncate(Math.max(at, size)).catch(() => {});
    }
    const written = Math.max(0, at - size);
    this.bytes += written;
    return written;
  }

  /** The whole blocks of the first pieces, as many as lie as they have to, each with the bytes before it. */
  #blocks(pieces: readonly Uint8Array[], size: number): Buffer[] {
    const rest = size % BLOCK_BYTES;
    if (rest !== 0 && this.#tailOf !== size) return [];
    const blocks: Buffer[] = [];
    let before: Uint8Array = this.#tail.subarray(0, rest);
    let at = size;
    for (const piece of pieces) {
      const head = at % BLOCK_BYTES;
      const { buffer, byteOffset, length } = piece;
      if (!(buffer instanceof SharedArrayBuffer) || length < LEAST_PIECE || byteOffset % BLOCK_BYTES !== head) break;
      const whole = Buffer.from(buffer, byteOffset - head, head + length);
      whole.set(before.subarray(before.length - head));
      blocks.push(whole.subarray(0, whole.length - (whole.length % BLOCK_BYTES)));
      before = piece;
      at += length;
    }
    return at - size < LEAST_BYTES ? [] : blocks;
  }
}

/** What is left of some blocks after so many bytes. */
function blocksFrom(blocks: readonly Buffer[], bytes: number): Buffer[] {
  let before = bytes;
  return blocks.flatMap((block) => {
    const rest = block.subarray(Math.min(before, block.length));
    before = Math.max(0, before - block.length);
    return rest.length === 0 ? [] : rest;
  });
}
