/** The blocks of an Avro object container file: read, split at the sync markers, and inflated, in the file's order. */
import type { Buffer } from 'node:buffer';
import { printable } from '../diagnostics/format.js';
import { type ByteSource, ByteWindow, openFile, openFileInline, type ReadBuffer, streamSource } from './byte-source.js';
import { type Codec, codecOf, type Inflated } from './codecs/codec.js';
import { type ContainerHeader, readContainerHeader, SYNC_BYTES } from './container-header.js';
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
}

/** Gives the blocks of a file one after the other. */
export interface BlockSource {
  /** Path or name of the file. */
  readonly name: string;
  /** The file's metadata by key; `avro.schema` is among it. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly codec: string;
  /** What was found broken so far; whoever decodes the blocks adds to it. */
  readonly damage: DamageLog;
  /** Bytes of the file read so far. */
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
/** Longest block header: two integers of 64 bits. */
const BLOCK_HEADER_BYTES = 20;

/** Reads the blocks of one file, or stream of bytes. Damage is counted and passed over. */
export class BlockReader implements BlockSource {
  readonly name: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly damage: DamageLog;
  bytes = 0;

  readonly #source: ByteSource;
  readonly #window: ByteWindow;
  readonly #sync: Buffer;
  readonly #codec: Codec;
  readonly #limits: Limits;
  readonly #readAhead: number;
  readonly #ahead: Block[] = [];
  #aheadBytes = 0;
  #exhausted = false;

  private constructor(
    source: ByteSource,
    window: ByteWindow,
    header: ContainerHeader,
    codec: Codec,
    options: BlockReaderOptions,
  ) {
    this.name = source.name;
    this.metadata = header.metadata;
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

  static async #start(source: ByteSource, options: BlockReaderOptions): Promise<BlockReader | TraceError> {
    const reader = await BlockReader.#read(source, options);
    if (reader instanceof TraceError) await source.close();
    return reader;
  }

  static async #read(source: ByteSource, options: BlockReaderOptions): Promise<BlockReader | TraceError> {
    const { limits } = options;
    const window = new ByteWindow(source, options.inflate === 'inline' ? options.memory : null);
    const header = await readContainerHeader(window, limits, source.name);
    if (header instanceof TraceError) return header;
    const { metadata } = header;
    if (!metadata.has('avro.schema')) return new TraceError('not-avro', 'has no schema', source.name);
    const codecName = metadata.get('avro.codec') ?? 'null';
    const codec = codecOf(codecName, Math.min(limits.blockBytes, FAULT_BASE / 4));
    if (codec !== undefined) return new BlockReader(source, window, header, codec, options);
    const message = `has the unknown codec '${printable(codecName.slice(0, 50))}'`;
    return new TraceError('unknown-codec', message, source.name);
  }

  get codec(): string {
    return this.#codec.name;
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
    return typeof next === 'string' ? next === 'short' : window.available < next.bytes + next.size + SYNC_BYTES;
  }

  /** Reads blocks until one is whole; null at the end. */
  async #readBlock(): Promise<Block | null> {
    const window = this.#window;
    for (;;) {
      if (window.available < BLOCK_HEADER_BYTES) await window.fill(BLOCK_HEADER_BYTES);
      this.bytes = window.offset;
      if (window.available === 0) return this.#end(0, 0);
      const header = blockHeader(window.buffer, window.start, window.end, this.#limits);
      if (header === 'short') return this.#end(0, window.available);
      if (header === 'absurd') {
        await this.#resynchronize('block-header', 0);
        continue;
      }
      const length = header.bytes + header.size + SYNC_BYTES;
      if (window.available < length && !(await window.fill(length))) {
        // The size may be wrong and more blocks follow, or the file is cut.
        await this.#resynchronize('torn-tail', header.count);
        continue;
      }
      if (!this.#syncAt(window.start + length - SYNC_BYTES)) {
        if (!(await this.#fitsNext(length))) {
          await this.#resynchronize('sync-marker', header.count);
          continue;
        }
        this.damage.add('sync-marker', window.offset, 0, SYNC_BYTES);
      }
      const from = window.start + header.bytes;
      const data = window.buffer.subarray(from, from + header.size);
      const offset = window.offset;
      window.consume(length);
      this.bytes = window.offset;
      const inflateAsync = this.#readAhead > 0 ? this.#codec.inflateAsync : null;
      const inflated = inflateAsync === null ? this.#codec.inflate(data) : inflateAsync(data);
      return { offset, count: header.count, size: header.size, inflated, release: null };
    }
  }

  /** The end of the file, within a block where bytes are left. */
  #end(records: number, bytes: number): null {
    const window = this.#window;
    if (bytes > 0 || window.error !== null) this.#lose('torn-tail', window.offset, records, bytes);
    window.consume(bytes);
    this.bytes = window.offset;
    return null;
  }

  /** Counts what the end of the source cut off; a failure to read is told once. */
  #lose(kind: DamageKind, offset: number, records: number, bytes: number): void {
    const { error } = this.#window;
    this.#window.error = null;
    if (error === null) this.damage.add(kind, offset, records, bytes);
    else this.damage.add('unreadable', offset, records, bytes, error.message);
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

  /** Goes to after the next sync marker and counts the bytes up to it as lost; to the end where there is none. */
  async #resynchronize(kind: DamageKind, records: number): Promise<void> {
    const window = this.#window;
    const { offset } = window;
    for (;;) {
      const found = window.buffer.subarray(window.start, window.end).indexOf(this.#sync);
      if (found !== -1) {
        window.consume(found + SYNC_BYTES);
        this.damage.add(kind === 'torn-tail' ? 'block-header' : kind, offset, records, window.offset - offset);
        return;
      }
      // The marker may begin in the last bytes.
      window.consume(Math.max(0, window.available - (SYNC_BYTES - 1)));
      if (await window.fill(SYNC_BYTES)) continue;
      window.consume(window.available);
      this.#lose(kind, offset, records, window.offset - offset);
      return;
    }
  }
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
