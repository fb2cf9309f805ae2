/** The blocks of an Avro object container file: read, split at the sync markers, and inflated, in the file's order. */
import { Buffer } from 'node:buffer';
import { printable } from '../diagnostics/format.js';
import { type ByteSource, ByteWindow, openFile, openFileInline, type ReadBuffer, streamSource } from './byte-source.js';
import { type Codec, codecOf, type Inflated } from './codecs/codec.js';
import { type Compression, type Unpacked, unpack } from './compression/unpack.js';
import {
  type ContainerHeader,
  findHeader,
  HEADER_START_BYTES,
  isMagicAt,
  readContainerHeader,
  SYNC_BYTES,
} from './container-header.js';
import type { DamageKind, DamageLog } from './damage.js';
import { FAULT_BASE } from './decode-status.js';
import { TraceError } from './errors.js';
import type { Limits } from './limits.js';
import { readLong } from './varint.js';

/** A block that was read. */
export interface Block {
  /** Where it starts in the file. */
  readonly offset: number;
  /** Records that it claims to hold. */
  readonly count: number;
  /** Bytes in the file. */
  readonly size: number;
  readonly inflated: Inflated | Promise<Inflated>;
  /** Called when the inflated bytes are not needed any more. */
  readonly release: (() => void) | null;
  /**
   * Metadata of the trace that begins here, where the file holds another one behind the first (`cat a.sf b.sf`); such a block
   * stands for the header and is empty. Null for all other blocks.
   */
  readonly trace: ReadonlyMap<string, string> | null;
}

/** Gives the blocks of a file one after the other. */
export interface BlockSource {
  /** Path or name of the file. */
  readonly name: string;
  /** Metadata of the first trace in the file by key; `avro.schema` is among it. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Codec of the first trace. */
  readonly codec: string;
  /** What compresses the file as a whole; null where nothing does. */
  readonly compression: Compression | null;
  /** What was found broken so far; whoever decodes the blocks adds to it. */
  readonly damage: DamageLog;
  /** Bytes of the file read so far, of its content where it is compressed. */
  readonly bytes: number;
  /** Whether the source is live and {@link next} would wait for it. */
  readonly wouldWait: boolean;
  /** The next whole block; null at the end. */
  next(): Promise<Block | null>;
  /** Closes the file; {@link next} may still give blocks that were read. */
  close(): Promise<void>;
}

export interface BlockReaderOptions {
  readonly limits: Limits;
  /** Where what is broken is noted. */
  readonly damage: DamageLog;
  /**
   * Where files are read and blocks inflated: `pool` on libuv's threads while this thread decodes, `inline` on this
   * thread, which costs less in sum and suits a program whose own threads keep the cores busy.
   */
  readonly inflate?: 'pool' | 'inline';
  /** What to read into with `inline`; only readers of which one is read to its end before the next begins may share it. */
  readonly memory?: ReadBuffer;
  /** Blocks inflated ahead with `pool`. */
  readonly readAhead?: number;
}

/** Compressed bytes that may wait for inflating, beside one block. */
const AHEAD_BYTES = 4 << 20;
/** How many headers of further traces in a file may be broken before no more are looked for within damage. */
const MAX_BROKEN_HEADERS = 16;
/** Longest block header: two integers of 64 bits. */
const BLOCK_HEADER_BYTES = 20;

/** Reads the blocks of one file, or stream of bytes. Damage is counted and passed over. */
export class BlockReader implements BlockSource {
  readonly name: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly codec: string;
  readonly compression: Compression | null;
  readonly damage: DamageLog;
  bytes = 0;

  readonly #source: ByteSource;
  readonly #window: ByteWindow;
  #sync: Buffer;
  #codec: Codec;
  readonly #limits: Limits;
  readonly #readAhead: number;
  readonly #ahead: Block[] = [];
  #aheadBytes = 0;
  #exhausted = false;
  #brokenHeaders = 0;

  private constructor(
    { source, compression }: Unpacked,
    window: ByteWindow,
    start: TraceStart,
    options: BlockReaderOptions,
  ) {
    const { header, codec } = start;
    this.name = source.name;
    this.metadata = header.metadata;
    this.codec = codec.name;
    this.compression = compression;
    this.damage = options.damage;
    this.#source = source;
    this.#window = window;
    this.#sync = header.sync;
    this.#codec = codec;
    this.#limits = options.limits;
    this.#readAhead = options.inflate === 'inline' ? 0 : (options.readAhead ?? 4);
  }

  /** Opens a file (or named pipe) and reads its header. */
  static async open(path: string, options: BlockReaderOptions): Promise<BlockReader | TraceError> {
    const source = await (options.inflate === 'inline' ? openFileInline(path) : openFile(path));
    return source instanceof TraceError ? source : BlockReader.#start(source, options);
  }

  /** Reads the header from a stream of bytes, such as standard input; `name` stands for it in messages. */
  static async from(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    name: string,
    options: BlockReaderOptions,
  ): Promise<BlockReader | TraceError> {
    return BlockReader.#start(streamSource(chunks, name), options);
  }

  static async #start(packed: ByteSource, options: BlockReaderOptions): Promise<BlockReader | TraceError> {
    const inline = options.inflate === 'inline';
    const unpacked = await unpack(packed, inline);
    if (unpacked instanceof TraceError) return unpacked;
    const { source } = unpacked;
    const window = new ByteWindow(source, inline ? options.memory : null);
    const start = await readTraceStart(window, options.limits, source.name);
    if (!(start instanceof TraceError)) return new BlockReader(unpacked, window, start, options);
    await source.close();
    return start;
  }

  async close(): Promise<void> {
    await this.#source.close();
  }

  /** The next block, with others after it on their way. */
  async next(): Promise<Block | null> {
    while (!this.#exhausted && this.#ahead.length <= this.#readAhead && this.#aheadBytes <= AHEAD_BYTES) {
      if (this.#ahead.length > 0 && this.#isShort()) break;
      const block = await this.#readBlock();
      if (block === null) this.#exhausted = true;
      else {
        this.#ahead.push(block);
        this.#aheadBytes += block.size;
      }
    }
    const block = this.#ahead.shift();
    if (block === undefined) return null;
    this.#aheadBytes -= block.size;
    return block;
  }

  get wouldWait(): boolean {
    return this.#ahead.length === 0 && this.#isShort();
  }

  /** Whether the source is live and the bytes that were read are no whole block yet. */
  #isShort(): boolean {
    if (!this.#source.live) return false;
    const window = this.#window;
    const next = blockHeader(window.buffer, window.start, window.end, this.#limits);
    // The header of another trace, whose length is not known, may not be whole either.
    if (next === 'absurd') return isMagicAt(window.buffer, window.start, window.end);
    return next === 'short' || window.available < next.bytes + next.size + SYNC_BYTES;
  }

  /** Reads blocks until one is whole; null at the end. */
  async #readBlock(): Promise<Block | null> {
    const window = this.#window;
    for (;;) {
      if (window.available < BLOCK_HEADER_BYTES) await window.fill(BLOCK_HEADER_BYTES);
      this.bytes = window.offset;
      if (window.available === 0) return this.#end(0);
      const header = blockHeader(window.buffer, window.start, window.end, this.#limits);
      if (header === 'short') return this.#end(window.available);
      if (header === 'absurd') {
        // The magic of a container file reads as a negative count, so no block begins with it.
        if (!isMagicAt(window.buffer, window.start, window.end)) await this.#resynchronize('block-header');
        else {
          const begun = await this.#beginTrace();
          if (begun !== null) return begun;
        }
        continue;
      }
      const length = header.bytes + header.size + SYNC_BYTES;
      if (window.available < length && !(await window.fill(length))) {
        // The size may be wrong and more blocks follow, or the file is cut.
        await this.#resynchronize('torn-tail');
        continue;
      }
      if (!this.#syncAt(window.start + length - SYNC_BYTES)) {
        if (!(await this.#fitsNext(length))) {
          await this.#resynchronize('sync-marker');
          continue;
        }
        this.damage.add('sync-marker', window.offset, 0, SYNC_BYTES);
      }
      const from = window.start + header.bytes;
      const data = window.buffer.subarray(from, from + header.size);
      const offset = window.offset;
      window.consume(length);
      this.bytes = window.offset;
      const { count, size } = header;
      // Some writers flush blocks without a record, which are not worth compressing.
      const isEmpty = count === 0 && size === 0;
      return { offset, count, size, inflated: isEmpty ? data : this.#inflate(data), release: null, trace: null };
    }
  }

  #inflate(data: Buffer): Block['inflated'] {
    const inflateAsync = this.#readAhead > 0 ? this.#codec.inflateAsync : null;
    return inflateAsync === null ? this.#codec.inflate(data) : inflateAsync(data);
  }

  /** Goes on with the trace whose header is next; null where that cannot be read and is counted. */
  async #beginTrace(): Promise<Block | null> {
    const window = this.#window;
    const { offset } = window;
    const start = await readTraceStart(window, this.#limits, this.name);
    if (start instanceof TraceError) {
      this.#brokenHeaders++;
      await this.#resynchronize('appended-trace', offset, `it ${start.message}`);
      return null;
    }
    this.#sync = start.header.sync;
    this.#codec = start.codec;
    this.bytes = window.offset;
    return { offset, count: 0, size: 0, inflated: NO_BYTES, release: null, trace: start.header.metadata };
  }

  /** The end of the file, within a block where bytes are left. */
  #end(bytes: number): null {
    const window = this.#window;
    if (bytes > 0 || window.error !== null) this.#lose('torn-tail', window.offset, bytes);
    window.consume(bytes);
    this.bytes = window.offset;
    return null;
  }

  /** Counts what the end of the source cut off; a failure to read is told once, and what comes after it is not known. */
  #lose(kind: DamageKind, offset: number, bytes: number, detail = ''): void {
    const { error } = this.#window;
    this.#window.error = null;
    if (error === null) this.damage.add(kind, offset, null, bytes, detail);
    else {
      const what = error.code === 'compression' ? error.code : 'unreadable';
      this.damage.add(what, offset, null, null, error.message);
    }
  }

  #syncAt(position: number): boolean {
    return this.#window.buffer.compare(this.#sync, 0, SYNC_BYTES, position, position + SYNC_BYTES) === 0;
  }

  /**
   * Whether the bytes after a block whose marker is wrong are a whole block, or the end: then only the marker is broken,
   * and the block itself is as good as any.
   */
  async #fitsNext(length: number): Promise<boolean> {
    const window = this.#window;
    await window.fill(length + BLOCK_HEADER_BYTES);
    if (window.available === length) return true;
    const header = blockHeader(window.buffer, window.start + length, window.end, this.#limits);
    if (typeof header === 'string') return false;
    const next = length + header.bytes + header.size + SYNC_BYTES;
    return (await window.fill(next)) && this.#syncAt(window.start + next - SYNC_BYTES);
  }

  /**
   * Goes to after the next sync marker, or to the header of another trace, and counts the bytes up to it as lost; to the end
   * where there is neither. Records are not counted: the count that a broken block claims may be as broken.
   */
  async #resynchronize(kind: DamageKind, from: number = this.#window.offset, detail = ''): Promise<void> {
    const window = this.#window;
    // Not to the header that was just refused.
    if (window.offset === from && isMagicAt(window.buffer, window.start, window.end)) window.consume(1);
    for (;;) {
      const { marker, header } = this.#findSign(window.buffer.subarray(window.start, window.end));
      if (header !== -1 && (marker === -1 || header < marker)) {
        window.consume(header);
        this.damage.add(kind, from, null, window.offset - from, detail);
        return;
      }
      if (marker !== -1) {
        window.consume(marker + SYNC_BYTES);
        this.damage.add(kind === 'torn-tail' ? 'block-header' : kind, from, null, window.offset - from, detail);
        return;
      }
      // The marker, or what tells a header, may begin in the last bytes.
      window.consume(Math.max(0, window.available - (LONGEST_SIGN - 1)));
      if (await window.fill(LONGEST_SIGN)) continue;
      window.consume(window.available);
      this.#lose(kind, from, window.offset - from, detail);
      return;
    }
  }

  /**
   * Where the first sync marker or header is among some bytes, each -1 where it is not. It looks at twice as many bytes each time,
   * so that finding one that is near costs nothing for what is far, however often it is done.
   */
  #findSign(bytes: Buffer): { readonly marker: number; readonly header: number } {
    for (let length = 1024; ; length *= 2) {
      const first = bytes.subarray(0, length);
      const marker = first.indexOf(this.#sync);
      const header = this.#brokenHeaders < MAX_BROKEN_HEADERS ? findHeader(first) : -1;
      if (marker !== -1 || header !== -1 || length >= bytes.length) return { marker, header };
    }
  }
}

/** Bytes of what is looked for in damage: a sync marker or the beginning of a header. */
const LONGEST_SIGN = Math.max(SYNC_BYTES, HEADER_START_BYTES);
const NO_BYTES = Buffer.alloc(0);

/** What a trace begins with, and how its blocks are inflated. */
interface TraceStart {
  readonly header: ContainerHeader;
  readonly codec: Codec;
}

async function readTraceStart(window: ByteWindow, limits: Limits, name: string): Promise<TraceStart | TraceError> {
  const header = await readContainerHeader(window, limits, name);
  if (header instanceof TraceError) return header;
  const { metadata } = header;
  if (!metadata.has('avro.schema')) return new TraceError('bad-schema', 'has no schema', name);
  const codecName = metadata.get('avro.codec') ?? 'null';
  const codec = codecOf(codecName, Math.min(limits.blockBytes, FAULT_BASE / 4));
  if (codec !== undefined) return { header, codec };
  return new TraceError('unknown-codec', `has the unknown codec '${printable(codecName.slice(0, 50))}'`, name);
}

const numbers = new Int32Array(4);

/**
 * The header of a block.
 *
 * @returns `short` where the bytes end within it, `absurd` for a count or size beyond all bounds
 */
function blockHeader(
  bytes: Buffer,
  start: number,
  end: number,
  limits: Limits,
): { readonly count: number; readonly size: number; readonly bytes: number } | 'short' | 'absurd' {
  let position = readLong(bytes, start, numbers, 0);
  if (position <= end) position = readLong(bytes, position, numbers, 2);
  if (position > bytes.length + 2 * BLOCK_HEADER_BYTES) return 'absurd';
  if (position > end) return 'short';
  const [count, countHigh, size, sizeHigh] = numbers;
  if (countHigh !== 0 || count! < 0 || count! > limits.blockBytes) return 'absurd';
  if (sizeHigh !== 0 || size! < 0 || size! > limits.compressedBlockBytes) return 'absurd';
  return { count: count!, size: size!, bytes: position - start };
}
