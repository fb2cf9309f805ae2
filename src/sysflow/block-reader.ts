/**
 * Reads the blocks of an Avro object container file: splits them at the sync markers and inflates them, in file order.
 */
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

/** A block. */
export interface Block {
  /** Offset of its start in the file. */
  readonly offset: number;
  /** Number of records according to its header. */
  readonly count: number;
  /** Size in the file, bytes. */
  readonly size: number;
  readonly inflated: Inflated | Promise<Inflated>;
  /** Called when the inflated bytes are no longer needed. */
  readonly release: (() => void) | null;
  /**
   * Metadata of another trace that starts here, if the file contains several (`cat a.sf b.sf`). Such a block represents
   * the header and is empty. Null for all other blocks.
   */
  readonly trace: ReadonlyMap<string, string> | null;
}

/** Returns the blocks of a file one by one. */
export interface BlockSource {
  /** Path or name of the file. */
  readonly name: string;
  /** Metadata of the first trace in the file by key, including `avro.schema`. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Codec of the first trace. */
  readonly codec: string;
  /** How the file as a whole is compressed; null if it is not. */
  readonly compression: Compression | null;
  /** The damage found so far. The decoder of the blocks adds to it. */
  readonly damage: DamageLog;
  /** Number of bytes read so far; for a compressed file, of its content. */
  readonly bytes: number;
  /** Whether the source is live and {@link next} would have to wait for it. */
  readonly wouldWait: boolean;
  /** Returns the next complete block; null at the end. */
  next(): Promise<Block | null>;
  /** Closes the file. {@link next} may still return blocks that were already read. */
  close(): Promise<void>;
}

export interface BlockReaderOptions {
  readonly limits: Limits;
  /** Collects the damage found. */
  readonly damage: DamageLog;
  /**
   * Where files are read and blocks inflated: `pool` on libuv's threads while this thread decodes; `inline` on this
   * thread, which costs less in total and suits a program whose own threads keep the cores busy.
   */
  readonly inflate?: 'pool' | 'inline';
  /** Buffer for `inline`. Readers can share it only if each is read to its end before the next one starts. */
  readonly memory?: ReadBuffer;
  /** Number of blocks inflated ahead with `pool`. */
  readonly readAhead?: number;
}

/** Maximum size of the compressed blocks waiting to be inflated, not counting one block. */
const AHEAD_BYTES = 4 << 20;
/** Maximum number of broken headers of further traces; after that, damage is no longer searched for headers. */
const MAX_BROKEN_HEADERS = 16;
/** Maximum length of a block header: two 64-bit integers. */
const BLOCK_HEADER_BYTES = 20;

/** Reads the blocks of one file or byte stream. Damaged parts are counted and skipped. */
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

  /** Reads the header from a byte stream, such as standard input. `name` is used in messages. */
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

  /** Returns the next block, and starts inflating the following ones. */
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

  /** Whether the source is live and the available bytes are not a complete block yet. */
  #isShort(): boolean {
    if (!this.#source.live) return false;
    const window = this.#window;
    const next = blockHeader(window.buffer, window.start, window.end, this.#limits);
    // The header of another trace may be incomplete too; its length is not known in advance.
    if (next === 'absurd') return isMagicAt(window.buffer, window.start, window.end);
    return next === 'short' || window.available < next.bytes + next.size + SYNC_BYTES;
  }

  /** Reads blocks until one is complete; returns null at the end. */
  async #readBlock(): Promise<Block | null> {
    const window = this.#window;
    for (;;) {
      if (window.available < BLOCK_HEADER_BYTES) await window.fill(BLOCK_HEADER_BYTES);
      this.bytes = window.offset;
      if (window.available === 0) return this.#end(0);
      const header = blockHeader(window.buffer, window.start, window.end, this.#limits);
      if (header === 'short') return this.#end(window.available);
      if (header === 'absurd') {
        // The magic of a container file reads as a negative count, so no block starts with it.
        if (!isMagicAt(window.buffer, window.start, window.end)) await this.#resynchronize('block-header');
        else {
          const begun = await this.#beginTrace();
          if (begun !== null) return begun;
        }
        continue;
      }
      const length = header.bytes + header.size + SYNC_BYTES;
      if (window.available < length && !(await window.fill(length))) {
        // Either the size is wrong and more blocks follow, or the file is truncated.
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
      // Some writers flush blocks without records, which are not compressed.
      const isEmpty = count === 0 && size === 0;
      return { offset, count, size, inflated: isEmpty ? data : this.#inflate(data), release: null, trace: null };
    }
  }

  #inflate(data: Buffer): Block['inflated'] {
    const inflateAsync = this.#readAhead > 0 ? this.#codec.inflateAsync : null;
    return inflateAsync === null ? this.#codec.inflate(data) : inflateAsync(data);
  }

  /** Continues with the trace whose header is next. Returns null if the header cannot be read, which is counted. */
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

  /** Handles the end of the file; if bytes are left, it is inside a block. */
  #end(bytes: number): null {
    const window = this.#window;
    if (bytes > 0 || window.error !== null) this.#lose('torn-tail', window.offset, bytes);
    window.consume(bytes);
    this.bytes = window.offset;
    return null;
  }

  /**
   * Counts the bytes that the end of the source cut off. A read error is reported once; what would follow is unknown.
   */
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
   * Whether a block with a wrong marker is followed by a complete block or the end. Then only the marker is damaged and
   * the block itself is used.
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
   * Skips to after the next sync marker, to the header of another trace, or to the end, and counts the skipped bytes as
   * lost. Records are not counted, since the count in a damaged block may be wrong.
   */
  async #resynchronize(kind: DamageKind, from: number = this.#window.offset, detail = ''): Promise<void> {
    const window = this.#window;
    // Do not return to the header that was just rejected.
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
      // The marker or header may start in the last bytes.
      window.consume(Math.max(0, window.available - (LONGEST_SIGN - 1)));
      if (await window.fill(LONGEST_SIGN)) continue;
      window.consume(window.available);
      this.#lose(kind, from, window.offset - from, detail);
      return;
    }
  }

  /**
   * Returns the offsets of the first sync marker and the first header among some bytes, -1 if there is none. It
   * searches twice as many bytes in each step, so that finding a near one is cheap however far the other is.
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

/** Maximum length of what is searched for in damaged data: a sync marker or the start of a header. */
const LONGEST_SIGN = Math.max(SYNC_BYTES, HEADER_START_BYTES);
const NO_BYTES = Buffer.alloc(0);

/** The header of a trace, and the codec of its blocks. */
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
 * Parses the header of a block.
 *
 * @returns `short` if the bytes end within it, `absurd` for a count or size beyond all limits
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
