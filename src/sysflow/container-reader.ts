/**
 * Avro object container files of SysFlow, streamed: blocks are read ahead and inflated, and their records decoded into
 * batches, in the file's order and in constant memory. Damage is counted and passed over.
 *
 *     file = header { block }
 *     block = count size bytes{size} sync      ; count and size are longs, sync is the header's
 */
import type { Buffer } from 'node:buffer';
import { printable } from '../diagnostics/format.js';
import { type ByteSource, ByteWindow, openFile, openFileInline, type ReadBuffer, streamSource } from './byte-source.js';
import { type Codec, codecOf, type Inflated } from './codecs/codec.js';
import { readContainerHeader, SYNC_BYTES } from './container-header.js';
import { type Damage, type DamageKind, DamageLog } from './damage.js';
import { DECODE_STATUS_TEXTS, DecodeStatus, FAULT_BASE } from './decode-status.js';
import { SchemaError, TraceError } from './errors.js';
import type { Limits } from './limits.js';
import { BATCH_ROWS, type BatchSource, type RecordBatch } from './record-batch.js';
import { BATCH_BYTES, DecoderFactory, type RecordDecoder } from './record-decoder.js';
import { readLong } from './varint.js';

export interface ContainerReaderOptions {
  /**
   * Compiles the decoders. Hand the same one to all readers of a thread: they then share compiled functions and strings.
   * Its limits are the reader's.
   */
  readonly decoders?: DecoderFactory;
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

/** What was read so far. */
export interface ContainerStatistics {
  /** Bytes of the source. */
  bytes: number;
  /** Whole blocks, damaged ones not counted. */
  blocks: number;
  /** Records in the batches handed out. */
  records: number;
  /** Records of kinds that SysFlow does not know, which were skipped. */
  unknownRecords: number;
}

/** A block that was read. */
interface Block {
  readonly offset: number;
  readonly count: number;
  /** Bytes in the file. */
  readonly size: number;
  readonly inflated: Inflated | Promise<Inflated>;
}

/** Compressed bytes that may wait for inflating, beside one block. */
const AHEAD_BYTES = 4 << 20;
/** Longest block header: two integers of 64 bits. */
const BLOCK_HEADER_BYTES = 20;

/** Reads one container file. Nothing here throws; what is wrong is a {@link TraceError} or counted as {@link Damage}. */
export class ContainerReader {
  /** Path or name of the source. */
  readonly name: string;
  /** The file's metadata by key. */
  readonly metadata: ReadonlyMap<string, string>;
  /** The writer's schema, JSON text. */
  readonly schema: string;
  readonly statistics: ContainerStatistics = { bytes: 0, blocks: 0, records: 0, unknownRecords: 0 };

  readonly #source: ByteSource;
  readonly #window: ByteWindow;
  readonly #sync: Buffer;
  readonly #codec: Codec;
  readonly #limits: Limits;
  readonly #decoder: RecordDecoder;
  readonly #readAhead: number;
  readonly #damage = new DamageLog();
  readonly #ahead: Block[] = [];
  #aheadBytes = 0;
  #exhausted = false;

  // The block being decoded.
  #bytes: Buffer | null = null;
  #position = 0;
  #left = 0;
  #offset = 0;

  private constructor(
    source: ByteSource,
    window: ByteWindow,
    header: { readonly metadata: ReadonlyMap<string, string>; readonly sync: Buffer },
    codec: Codec,
    decoder: RecordDecoder,
    limits: Limits,
    options: ContainerReaderOptions,
  ) {
    this.name = source.name;
    this.metadata = header.metadata;
    this.schema = header.metadata.get('avro.schema') ?? '';
    this.#source = source;
    this.#window = window;
    this.#sync = header.sync;
    this.#codec = codec;
    this.#decoder = decoder;
    this.#limits = limits;
    this.#readAhead = options.inflate === 'inline' ? 0 : (options.readAhead ?? 4);
  }

  /** Opens a file (or named pipe) and reads its header. */
  static async open(path: string, options: ContainerReaderOptions = {}): Promise<ContainerReader | TraceError> {
    const source = await (options.inflate === 'inline' ? openFileInline(path) : openFile(path));
    return source instanceof TraceError ? source : ContainerReader.#start(source, options);
  }

  /** Reads the header from a stream of bytes, such as standard input; `name` stands for it in messages. */
  static async from(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    name: string,
    options: ContainerReaderOptions = {},
  ): Promise<ContainerReader | TraceError> {
    return ContainerReader.#start(streamSource(chunks, name), options);
  }

  static async #start(source: ByteSource, options: ContainerReaderOptions): Promise<ContainerReader | TraceError> {
    const reader = await ContainerReader.#read(source, options);
    if (reader instanceof TraceError) await source.close();
    return reader;
  }

  static async #read(source: ByteSource, options: ContainerReaderOptions): Promise<ContainerReader | TraceError> {
    const decoders = options.decoders ?? new DecoderFactory();
    const { limits } = decoders;
    const window = new ByteWindow(source, options.inflate === 'inline' ? options.memory : null);
    const header = await readContainerHeader(window, limits, source.name);
    if (header instanceof TraceError) return header;
    const schema = header.metadata.get('avro.schema');
    if (schema === undefined) return new TraceError('not-avro', 'has no schema', source.name);
    const decoder = decoders.decoderFor(schema);
    if (decoder instanceof SchemaError) return new TraceError('bad-schema', decoder.message, source.name);
    const codecName = header.metadata.get('avro.codec') ?? 'null';
    const codec = codecOf(codecName, Math.min(limits.blockBytes, FAULT_BASE / 4));
    if (codec === undefined) {
      return new TraceError(
        'unknown-codec',
        `has the unknown codec '${printable(codecName.slice(0, 50))}'`,
        source.name,
      );
    }
    return new ContainerReader(source, window, header, codec, decoder, limits, options);
  }

  /** Name of the file's codec. */
  get codec(): string {
    return this.#codec.name;
  }

  /** What was found broken so far, by kind. */
  get damage(): readonly Readonly<Damage>[] {
    return this.#damage.items;
  }

  /**
   * The next batch, with one reference for the caller; null at the end, after which the source is closed.
   *
   * A batch is full but for the last one, and but for a live source (a pipe), which is not waited for while there are
   * records to hand out.
   */
  async nextBatch(pool: BatchSource): Promise<RecordBatch | null> {
    const batch = pool.acquire();
    let bytes = 0;
    for (;;) {
      if (this.#bytes === null) {
        if (batch.length > 0 && this.#ahead.length === 0 && this.#wouldWait()) break;
        const block = await this.#nextBlock();
        if (block === null) break;
        this.#begin(block, block.inflated instanceof Promise ? await block.inflated : block.inflated);
        continue;
      }
      bytes += this.#decodeInto(batch);
      if (batch.length === BATCH_ROWS || bytes >= BATCH_BYTES) break;
    }
    if (batch.length > 0) {
      this.statistics.records += batch.length;
      return batch;
    }
    batch.release();
    await this.close();
    return null;
  }

  /** All batches; each is the caller's to release. Leaving the loop early closes the source. */
  async *batches(pool: BatchSource): AsyncGenerator<RecordBatch, void, undefined> {
    try {
      for (;;) {
        const batch = await this.nextBatch(pool);
        if (batch === null) return;
        yield batch;
      }
    } finally {
      await this.close();
    }
  }

  /** Closes the source; {@link nextBatch} then gives null once the blocks already read are decoded. */
  async close(): Promise<void> {
    await this.#source.close();
  }

  /** Decodes from the current block into a batch and returns the bytes consumed; the block is dropped at its end. */
  #decodeInto(batch: RecordBatch): number {
    const bytes = this.#bytes!;
    const decoder = this.#decoder;
    const start = this.#position;
    const status = decoder.decode(bytes, start, bytes.length, batch, this.#left);
    this.#position = decoder.position;
    this.#left -= decoder.consumed;
    this.statistics.unknownRecords += decoder.skipped;
    const rest = bytes.length - decoder.position;
    if (status !== DecodeStatus.ok || (rest === 0 && this.#left > 0)) {
      const cause = status === DecodeStatus.ok ? DecodeStatus.truncated : status;
      this.#damage.add('record', this.#offset, this.#left, rest, DECODE_STATUS_TEXTS[cause]);
      this.#bytes = null;
    } else if (this.#left === 0) {
      if (rest > 0) this.#damage.add('leftover', this.#offset, 0, rest);
      this.#bytes = null;
    }
    return decoder.position - start;
  }

  /** Makes a block the current one, or counts why it cannot be. */
  #begin(block: Block, inflated: Inflated): void {
    if (typeof inflated === 'string') {
      this.#damage.add(inflated === 'size' ? 'block-size' : inflated, block.offset, block.count, block.size);
      return;
    }
    // Every record takes at least the byte of its branch.
    if (block.count > inflated.length) {
      this.#damage.add('block-header', block.offset, 0, block.size, 'more records than bytes');
      return;
    }
    this.statistics.blocks++;
    this.#bytes = this.#decoder.hold(inflated);
    this.#position = 0;
    this.#left = block.count;
    this.#offset = block.offset;
  }

  /** The next block in the file's order, with others after it on their way. */
  async #nextBlock(): Promise<Block | null> {
    while (!this.#exhausted && this.#ahead.length <= this.#readAhead && this.#aheadBytes <= AHEAD_BYTES) {
      if (this.#ahead.length > 0 && this.#wouldWait()) break;
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

  /** Whether the source is live and the bytes that were read are no whole block yet. */
  #wouldWait(): boolean {
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
      this.statistics.bytes = window.offset;
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
        this.#damage.add('sync-marker', window.offset, 0, SYNC_BYTES);
      }
      const from = window.start + header.bytes;
      const data = window.buffer.subarray(from, from + header.size);
      const offset = window.offset;
      window.consume(length);
      this.statistics.bytes = window.offset;
      const inflateAsync = this.#readAhead > 0 ? this.#codec.inflateAsync : null;
      const inflated = inflateAsync === null ? this.#codec.inflate(data) : inflateAsync(data);
      return { offset, count: header.count, size: header.size, inflated };
    }
  }

  /** The end of the file, within a block where bytes are left. */
  #end(records: number, bytes: number): null {
    const window = this.#window;
    if (bytes > 0 || window.error !== null) this.#lose('torn-tail', window.offset, records, bytes);
    window.consume(bytes);
    this.statistics.bytes = window.offset;
    return null;
  }

  /** Counts what the end of the source cut off; a failure to read is told once. */
  #lose(kind: DamageKind, offset: number, records: number, bytes: number): void {
    const { error } = this.#window;
    this.#window.error = null;
    if (error === null) this.#damage.add(kind, offset, records, bytes);
    else this.#damage.add('unreadable', offset, records, bytes, error.message);
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
        this.#damage.add(kind === 'torn-tail' ? 'block-header' : kind, offset, records, window.offset - offset);
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
