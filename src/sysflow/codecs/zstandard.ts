/**
 * Decompresses Zstandard (RFC 8878), for Avro's codec `zstandard` and for compressed files.
 *
 * Node supports Zstandard since version 22.15, but before version 24 it treats a truncated frame as empty and ignores
 * data after a frame. Therefore it only gets complete frames; it also verifies their checksums.
 *
 * The decoder in this module serves versions of Node without Zstandard, compressed files, and input that Node rejects
 * (several frames, large windows). No package is suitable: fzstd takes minutes for the 18 bytes
 * `28b52ffd00384d000000ffffff5423003401`, and zstddec loops forever on invalid input. The output is limited as a whole,
 * each block to 128 KiB, and each sequence to its block. Checksums are skipped, since Avro's writers do not write them;
 * dictionaries are rejected.
 */
import { Buffer } from 'node:buffer';
import zlib from 'node:zlib';
import { littleEndian } from './little-endian.js';
import { ReverseBits } from './reverse-bits.js';
import { buildFse, type FseTable, type HuffmanTable, readFse, readHuffman, singleFse } from './zstandard-tables.js';

/** The first four bytes of a frame, as a number. */
export const ZSTANDARD_MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** Maximum decompressed size of a block. */
export const ZSTANDARD_BLOCK_BYTES: number = 128 << 10;

/** Extra bits and first value of the codes for literal lengths and match lengths (RFC 8878, 3.1.1.3.2.1.1). */
const LITERAL_BITS = [...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_BITS = [...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const LITERAL_BASE = bases(LITERAL_BITS, 0);
const MATCH_BASE = bases(MATCH_BITS, 3);

/** The tables used if a block does not define its own (RFC 8878, 3.1.1.3.2.2). */
const LITERAL_DEFAULT = buildFse(
  [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
  6,
);
const MATCH_DEFAULT = buildFse(
  [1, 4, 3, 2, 2, 2, 2, 2, 2, ...Array.from({ length: 37 }, () => 1), -1, -1, -1, -1, -1, -1, -1],
  6,
);
const OFFSET_DEFAULT = buildFse(
  [1, 1, 1, 1, 1, 1, 2, 2, 2, ...Array.from({ length: 15 }, () => 1), -1, -1, -1, -1, -1],
  5,
);

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

function bases(bits: readonly number[], first: number): number[] {
  let base = first;
  return bits.map((count) => {
    base += 1 << count;
    return base - (1 << count);
  });
}

/** Whether a magic number starts a skippable frame. */
export function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === SKIPPABLE;
}

/** Decompresses a complete frame, or throws. */
export type FrameDecoder = (
  frame: Uint8Array,
  options: { readonly maxOutputLength: number; readonly chunkSize: number },
) => Buffer;

const NODE_DECODER = (zlib as { readonly zstdDecompressSync?: FrameDecoder }).zstdDecompressSync ?? null;
/** Maximum window size that Node accepts. */
const NODE_WINDOW_BYTES = 128 << 20;

/**
 * @param maxBytes maximum size of the output
 * @param decoder decompresses input that consists of one frame; null for the decoder of this module
 * @returns null if the input is invalid, `size` if its output exceeds the maximum, `checksum` if the checksum does not
 * match
 */
export function decompressZstandard(
  input: Uint8Array,
  maxBytes: number,
  decoder: FrameDecoder | null = NODE_DECODER,
): Buffer | 'size' | 'checksum' | null {
  const output = new ZstandardOutput(maxBytes);
  if (decoder !== null && isOneFrame(input, new ZstandardFrame(output)))
    return decompressFrame(input, maxBytes, decoder);
  let position = 0;
  while (position < input.length) {
    if (input.length - position < 5) return null;
    const magic = littleEndian(input, position, 4);
    if (isSkippable(magic)) {
      position += 8 + littleEndian(input, position + 4, 4);
      if (position > input.length) return null;
      continue;
    }
    if (magic !== ZSTANDARD_MAGIC) return null;
    const end = decodeFrame(input, position + 4, output);
    if (output.full) return 'size';
    if (end === null) return null;
    position = end;
  }
  return output.bytes;
}

/** Whether the input consists of exactly one frame with a window that Node accepts. */
function isOneFrame(input: Uint8Array, frame: ZstandardFrame): boolean {
  if (littleEndian(input, 0, 4) !== ZSTANDARD_MAGIC) return false;
  let position = frame.readHeader(input, 4);
  if (position === null || frame.windowBytes > NODE_WINDOW_BYTES) return false;
  for (let last = false; !last; ) {
    const length = position + 3 > input.length ? null : frame.blockBytes(input, position);
    if (length === null) return false;
    last = blockHead(input, position).last;
    position += length;
  }
  return position + frame.trailerBytes === input.length;
}

function decompressFrame(
  frame: Uint8Array,
  maxBytes: number,
  decoder: FrameDecoder,
): Buffer | 'size' | 'checksum' | null {
  try {
    return decoder(frame, { maxOutputLength: maxBytes, chunkSize: ZSTANDARD_BLOCK_BYTES });
  } catch (error) {
    if (error instanceof RangeError) return 'size';
    return (error as { readonly code?: unknown }).code === 'ZSTD_error_checksum_wrong' ? 'checksum' : null;
  }
}

/** Decodes a frame after its magic number and returns the position after it, or null if it is invalid. */
function decodeFrame(input: Uint8Array, start: number, output: ZstandardOutput): number | null {
  const frame = new ZstandardFrame(output);
  let position = frame.readHeader(input, start);
  if (position === null) return null;
  while (!frame.ended) {
    if (position + 3 > input.length) return null;
    const length = frame.blockBytes(input, position);
    if (length === null || position + length > input.length) return null;
    if (!frame.readBlock(input, position)) return null;
    position += length;
  }
  position += frame.trailerBytes;
  return position > input.length ? null : position;
}

/** The decompressed data so far, or the last part of it. */
export class ZstandardOutput {
  buffer: Buffer = Buffer.allocUnsafeSlow(64 << 10);
  length = 0;
  /** Maximum number of bytes kept. */
  maxBytes: number;
  /** Whether the maximum was exceeded. */
  full = false;
  /** Start of the current frame's content; matches cannot refer to data before it. */
  frameStart = 0;
  /** Buffer for the literals of a block. */
  readonly literals: Uint8Array = new Uint8Array(ZSTANDARD_BLOCK_BYTES);

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Reserves space for more bytes; returns false if the maximum does not allow it. */
  reserve(bytes: number): boolean {
    const wanted = this.length + bytes;
    if (wanted > this.maxBytes) this.full = true;
    if (this.full) return false;
    if (wanted > this.buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(wanted, Math.min(this.maxBytes, this.buffer.length * 2)));
      this.buffer.copy(grown, 0, 0, this.length);
      this.buffer = grown;
    }
    return true;
  }

  /** Drops all but the last bytes. */
  keepLast(bytes: number): void {
    const dropped = Math.max(0, this.length - bytes);
    this.buffer.copyWithin(0, dropped, this.length);
    this.length -= dropped;
    this.frameStart = Math.max(0, this.frameStart - dropped);
  }
}

/** One frame. Its tables and recent offsets are kept from block to block. */
export class ZstandardFrame {
  /** Whether the last block was read. */
  ended = false;
  /** Maximum distance of matches. */
  windowBytes = 0;
  /** Number of bytes after the last block: a checksum, which is skipped, or nothing. */
  trailerBytes = 0;
  #input: Uint8Array = NO_INPUT;
  readonly #output: ZstandardOutput;
  #produced = 0;
  #huffman: HuffmanTable | null = null;
  #literalLengths: FseTable = LITERAL_DEFAULT;
  #offsets: FseTable = OFFSET_DEFAULT;
  #matchLengths: FseTable = MATCH_DEFAULT;
  /** Whether there are tables that a later block can reuse. */
  #hasTables = false;
  readonly #recent: [number, number, number] = [1, 4, 8];
  readonly #literals: Uint8Array;
  #literalCount = 0;
  /** Size of the whole content, if the frame states it. */
  #contentBytes: number | null = null;
  /** Maximum content size of a block. */
  #blockBytes = ZSTANDARD_BLOCK_BYTES;

  constructor(output: ZstandardOutput) {
    this.#output = output;
    this.#literals = output.literals;
    output.frameStart = output.length;
  }

  /** Returns the size of the block at a position, including its header of three bytes; null if it is invalid. */
  blockBytes(input: Uint8Array, start: number): number | null {
    const { type, size } = blockHead(input, start);
    if (size > this.#blockBytes || type === 3) return null;
    return 3 + (type === 1 ? 1 : size);
  }

  /** Decodes a completely available block; returns false if it is invalid or exceeds the maximum. */
  readBlock(input: Uint8Array, start: number): boolean {
    const { last, type, size } = blockHead(input, start);
    const before = this.#output.length;
    this.#input = input;
    if (!this.#block(type, start + 3, size)) return false;
    this.#produced += this.#output.length - before;
    this.ended = last;
    return !last || this.#contentBytes === null || this.#produced === this.#contentBytes;
  }

  /**
   * Reads flags, window, dictionary and content size. Returns the start of the first block, or null if they are
   * invalid.
   */
  readHeader(input: Uint8Array, start: number): number | null {
    const flags = input[start]!;
    const isSingle = (flags & 32) !== 0;
    const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
    const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6]!;
    const dictionaryAt = start + (isSingle ? 1 : 2);
    const sizeAt = dictionaryAt + dictionaryBytes;
    const window = input[start + 1]!;
    if ((flags & 8) !== 0 || littleEndian(input, dictionaryAt, dictionaryBytes) !== 0) return null;
    if (sizeBytes > 0) this.#contentBytes = littleEndian(input, sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
    this.windowBytes = isSingle ? this.#contentBytes! : 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
    this.#blockBytes = Math.min(ZSTANDARD_BLOCK_BYTES, this.windowBytes);
    this.trailerBytes = (flags & 4) !== 0 ? 4 : 0;
    return sizeAt + sizeBytes;
  }

  #block(type: number, start: number, size: number): boolean {
    const output = this.#output;
    if (type === 2) return this.#compressed(start, start + size);
    if (!output.reserve(size)) return false;
    if (type === 0) output.buffer.set(this.#input.subarray(start, start + size), output.length);
    else output.buffer.fill(this.#input[start]!, output.length, output.length + size);
    output.length += size;
    return true;
  }

  #compressed(start: number, end: number): boolean {
    const position = this.#readLiterals(start, end);
    return position !== null && this.#readSequences(position, end);
  }

  /** Reads literals: stored, one byte repeated, or Huffman-coded with a new table or the previous one. */
  #readLiterals(start: number, end: number): number | null {
    const input = this.#input;
    const first = input[start]!;
    const type = first & 3;
    const format = (first >> 2) & 3;
    if (type < 2) {
      const headBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
      const size = littleEndian(input, start, headBytes) >> (headBytes === 1 ? 3 : 4);
      const from = start + headBytes;
      const stored = type === 0 ? size : 1;
      if (size > this.#blockBytes || from + stored > end) return null;
      if (type === 0) this.#literals.set(input.subarray(from, from + size));
      else this.#literals.fill(input[from]!, 0, size);
      this.#literalCount = size;
      return from + stored;
    }
    const headBytes = format < 2 ? 3 : format + 2;
    const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18;
    if (start + headBytes > end) return null;
    const head = Math.floor(littleEndian(input, start, headBytes) / 16);
    const size = head % 2 ** sizeBits;
    const stored = Math.floor(head / 2 ** sizeBits);
    let from = start + headBytes;
    const to = from + stored;
    if (size > this.#blockBytes || to > end) return null;
    if (type === 2) {
      const read = readHuffman(input, from, to);
      if (read === null) return null;
      this.#huffman = read.table;
      from = read.position;
    }
    this.#literalCount = size;
    return this.#huffman !== null && this.#decodeLiterals(this.#huffman, from, to, format !== 0) ? to : null;
  }

  #decodeLiterals(table: HuffmanTable, start: number, end: number, inFour: boolean): boolean {
    const count = this.#literalCount;
    if (!inFour) return this.#decodeStream(table, start, end, 0, count);
    // Three sizes, followed by four streams of a quarter each.
    const quarter = (count + 3) >> 2;
    let from = start + 6;
    if (from > end || quarter * 3 > count) return false;
    for (let i = 0; i < 4; i++) {
      const to = i < 3 ? from + littleEndian(this.#input, start + 2 * i, 2) : end;
      const last = i < 3 ? quarter * (i + 1) : count;
      if (to > end || !this.#decodeStream(table, from, to, quarter * i, last)) return false;
      from = to;
    }
    return true;
  }

  #decodeStream(table: HuffmanTable, start: number, end: number, from: number, to: number): boolean {
    const stream = new ReverseBits(this.#input, start, end);
    const { log, symbols, bits } = table;
    const literals = this.#literals;
    for (let i = from; i < to; i++) {
      const code = stream.peek(log);
      literals[i] = symbols[code]!;
      stream.left -= bits[code]!;
    }
    return stream.left === 0;
  }

  /** Executes sequences: each is a number of literals, and a match with its length and offset. */
  #readSequences(start: number, end: number): boolean {
    const input = this.#input;
    if (start >= end) return false;
    let position = start;
    let count = input[position++]!;
    if (count > 127) {
      if (position + (count === 255 ? 2 : 1) > end) return false;
      if (count === 255) count = 0x7f00 + littleEndian(input, position++, 2);
      else count = ((count - 128) << 8) + input[position]!;
      position++;
    }
    if (count === 0) return position === end && this.#copyLiterals(0, this.#literalCount);
    const modes = input[position++]!;
    if (position > end || (modes & 3) !== 0) return false;
    const tables: FseTable[] = [];
    const kinds = [
      [this.#literalLengths, LITERAL_DEFAULT, 9, 35],
      [this.#offsets, OFFSET_DEFAULT, 8, 31],
      [this.#matchLengths, MATCH_DEFAULT, 9, 52],
    ] as const;
    for (const [i, [repeated, standard, maxLog, maxSymbol]] of kinds.entries()) {
      const mode = (modes >> (6 - 2 * i)) & 3;
      if (mode === 0) tables.push(standard);
      else if (mode === 3) {
        if (!this.#hasTables) return false;
        tables.push(repeated);
      } else if (mode === 1) {
        const symbol = input[position++]!;
        if (position > end || symbol > maxSymbol) return false;
        tables.push(singleFse(symbol));
      } else {
        const read = readFse(input, position, end, maxLog, maxSymbol);
        if (read === null) return false;
        tables.push(read.table);
        position = read.position;
      }
    }
    this.#hasTables = true;
    this.#literalLengths = tables[0]!;
    this.#offsets = tables[1]!;
    this.#matchLengths = tables[2]!;
    return this.#execute(new ReverseBits(input, position, end), count);
  }

  #execute(stream: ReverseBits, count: number): boolean {
    const output = this.#output;
    const [literalLengths, offsets, matchLengths] = [this.#literalLengths, this.#offsets, this.#matchLengths];
    let literalState = stream.read(literalLengths.log);
    let offsetState = stream.read(offsets.log);
    let matchState = stream.read(matchLengths.log);
    const blockStart = output.length;
    let literal = 0;
    for (let left = count; left > 0; left--) {
      const offsetCode = offsets.symbols[offsetState]!;
      const matchCode = matchLengths.symbols[matchState]!;
      const literalCode = literalLengths.symbols[literalState]!;
      const offsetValue = 2 ** offsetCode + stream.readWide(offsetCode);
      const matchLength = MATCH_BASE[matchCode]! + stream.read(MATCH_BITS[matchCode]!);
      const literalLength = LITERAL_BASE[literalCode]! + stream.read(LITERAL_BITS[literalCode]!);
      if (left > 1) {
        literalState = literalLengths.base[literalState]! + stream.read(literalLengths.bits[literalState]!);
        matchState = matchLengths.base[matchState]! + stream.read(matchLengths.bits[matchState]!);
        offsetState = offsets.base[offsetState]! + stream.read(offsets.bits[offsetState]!);
      }
      if (stream.left < 0 || literal + literalLength > this.#literalCount) return false;
      if (output.length - blockStart + literalLength + matchLength > this.#blockBytes) return false;
      if (!this.#copyLiterals(literal, literal + literalLength)) return false;
      literal += literalLength;
      if (!this.#copyMatch(this.#offset(offsetValue, literalLength), matchLength)) return false;
    }
    if (stream.left !== 0 || output.length - blockStart + this.#literalCount - literal > this.#blockBytes) return false;
    return this.#copyLiterals(literal, this.#literalCount);
  }

  #copyLiterals(from: number, to: number): boolean {
    const output = this.#output;
    if (!output.reserve(to - from)) return false;
    output.buffer.set(this.#literals.subarray(from, to), output.length);
    output.length += to - from;
    return true;
  }

  #copyMatch(offset: number, length: number): boolean {
    const output = this.#output;
    if (offset < 1 || offset > output.length - output.frameStart || !output.reserve(length)) return false;
    const { buffer } = output;
    // Byte by byte, since a match can overlap its own output.
    for (const end = output.length + length; output.length < end; output.length++) {
      buffer[output.length] = buffer[output.length - offset]!;
    }
    return true;
  }

  /** Decodes an offset value: up to 3 it refers to one of the recent offsets, which are reordered. */
  #offset(value: number, literalLength: number): number {
    const recent = this.#recent;
    const which = value > 3 ? 3 : value - 1 + (literalLength === 0 ? 1 : 0);
    const offset = value > 3 ? value - 3 : which === 3 ? recent[0] - 1 : recent[which]!;
    if (which >= 2) recent[2] = recent[1];
    if (which >= 1) {
      recent[1] = recent[0];
      recent[0] = offset;
    }
    return offset;
  }
}

const NO_INPUT = new Uint8Array(0);

/**
 * Reads the header of a block: whether it is the last one, whether it is stored (0), one byte repeated (1) or
 * compressed (2), and its size.
 */
function blockHead(
  input: Uint8Array,
  start: number,
): { readonly last: boolean; readonly type: number; readonly size: number } {
  const head = littleEndian(input, start, 3);
  return { last: (head & 1) !== 0, type: (head >> 1) & 3, size: head >> 3 };
}
