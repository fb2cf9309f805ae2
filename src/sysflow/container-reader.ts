/**
 * Streams Avro object container files of SysFlow: reads ahead and inflates blocks, and decodes their records into batches,
 * in file order and in constant memory. Damaged parts are counted and skipped.
 *
 *     file = trace { trace }                   ; usually one; `cat a.sf b.sf` creates a file with several
 *     trace = header { block }
 *     block = count size bytes{size} sync      ; count and size are longs, sync is the header's
 */
import type { Buffer } from 'node:buffer';
import { counted } from '../telemetry/counted.js';
import { type Block, BlockReader, type BlockReaderOptions, type BlockSource } from './block-reader.js';
import type { Inflated } from './codecs/codec.js';
import type { Compression } from './compression/unpack.js';
import { type Damage, DamageLog } from './damage.js';
import { DECODE_STATUS_TEXTS, DecodeStatus } from './decode-status.js';
import type { Decoder, Decoders } from './decoding.js';
import { SchemaError, TraceError } from './errors.js';
import { BATCH_ROWS, type RecordBatch, type RecordBatchPool } from './record-batch.js';
import { BATCH_BYTES, DecoderFactory } from './record-decoder.js';

export interface ContainerReaderOptions extends Pick<BlockReaderOptions, 'inflate' | 'memory' | 'readAhead'> {
  /**
   * Compiles the decoders. Pass the same object to all readers of a thread, so that they share compiled functions and
   * strings. Its limits apply to the reader.
   */
  readonly decoders?: Decoders;
}

/** Counts of a reader. */
export interface ContainerStatistics {
  /** Bytes of the source. */
  bytes: number;
  /** Complete blocks, not counting damaged ones. */
  blocks: number;
  /** Records in the returned batches. */
  records: number;
  /** Records of kinds that SysFlow does not define, which were skipped. */
  unknownRecords: number;
  /** Number of traces after the first one in the file, and the offset of the first of them; null if there is none. */
  appendedTraces: number;
  appendedAt: number | null;
}

/** Returns the statistics of a source that was not read. */
export function emptyStatistics(): ContainerStatistics {
  return { bytes: 0, blocks: 0, records: 0, unknownRecords: 0, appendedTraces: 0, appendedAt: null };
}

/** Formats the message that a file contains several traces. */
export function appendedText(traces: number, at: number): string {
  const more = traces === 1 ? '' : `, and ${counted(traces - 1, 'more trace')} after it`;
  return `a second trace begins at byte ${at}${more}`;
}

/**
 * Reads one container file. It never throws; a problem is returned as a {@link TraceError} or counted as {@link
 * Damage}.
 */
export class ContainerReader {
  /** Path or name of the source. */
  readonly name: string;
  /** Metadata by key. This and the other properties describe the first trace in the file. */
  readonly metadata: ReadonlyMap<string, string>;
  /** The writer's schema as JSON text. */
  readonly schema: string;
  readonly statistics: ContainerStatistics = emptyStatistics();

  readonly #blocks: BlockSource;
  readonly #decoders: Decoders;
  /** The decoder, or the error of an appended trace, whose blocks are then lost. */
  #decoder: Decoder | SchemaError;

  /** The block being decoded, and its bytes. */
  #block: Block | null = null;
  #bytes: Buffer | null = null;
  #position = 0;
  #left = 0;

  private constructor(blocks: BlockSource, decoder: Decoder, decoders: Decoders) {
    this.name = blocks.name;
    this.metadata = blocks.metadata;
    this.schema = blocks.metadata.get('avro.schema') ?? '';
    this.#blocks = blocks;
    this.#decoder = decoder;
    this.#decoders = decoders;
  }

  /** Opens a file (or named pipe) and reads its header. */
  static async open(path: string, options: ContainerReaderOptions = {}): Promise<ContainerReader | TraceError> {
    const decoders = options.decoders ?? new DecoderFactory();
    const blocks = await BlockReader.open(path, blockOptions(options, decoders));
    return blocks instanceof TraceError ? blocks : ContainerReader.of(blocks, decoders);
  }

  /** Reads the header from a byte stream, such as standard input. `name` is used in messages. */
  static async from(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    name: string,
    options: ContainerReaderOptions = {},
  ): Promise<ContainerReader | TraceError> {
    const decoders = options.decoders ?? new DecoderFactory();
    const blocks = await BlockReader.from(chunks, name, blockOptions(options, decoders));
    return blocks instanceof TraceError ? blocks : ContainerReader.of(blocks, decoders);
  }

  /** Reads the records of blocks. Closes them if their schema is not a SysFlow schema. */
  static async of(blocks: BlockSource, decoders: Decoders): Promise<ContainerReader | TraceError> {
    const decoder = decoders.decoderFor(blocks.metadata.get('avro.schema') ?? '');
    if (!(decoder instanceof SchemaError)) return new ContainerReader(blocks, decoder, decoders);
    await blocks.close();
    return new TraceError('bad-schema', decoder.message, blocks.name);
  }

  /** Name of the file's codec. */
  get codec(): string {
    return this.#blocks.codec;
  }

  /** How the file as a whole is compressed; null if it is not. */
  get compression(): Compression | null {
    return this.#blocks.compression;
  }

  /** The damage found so far, by kind. */
  get damage(): readonly Readonly<Damage>[] {
    return this.#blocks.damage.items;
  }

  /**
   * Returns the next batch, with one reference for the caller; null at the end, after which the source is closed.
   *
   * All batches but the last are full, except for a live source (a pipe): its records are returned without waiting for
   * more.
   */
  async nextBatch(pool: RecordBatchPool): Promise<RecordBatch | null> {
    const batch = pool.acquire();
    batch.trace = this.name;
    let bytes = 0;
    for (;;) {
      if (this.#bytes === null) {
        if (batch.length > 0 && this.#blocks.wouldWait) break;
        const block = await this.#blocks.next();
        this.statistics.bytes = this.#blocks.bytes;
        if (block === null) break;
        if (block.trace !== null) this.#beginTrace(block.offset, block.trace);
        else this.#begin(block, block.inflated instanceof Promise ? await block.inflated : block.inflated);
        continue;
      }
      bytes += this.#decodeInto(this.#bytes, batch);
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

  /** Iterates over all batches; the caller has to release each of them. Leaving the loop early closes the source. */
  async *batches(pool: RecordBatchPool): AsyncGenerator<RecordBatch, void, undefined> {
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

  /** Closes the source. {@link nextBatch} returns null once the blocks already read are decoded. */
  async close(): Promise<void> {
    await this.#blocks.close();
  }

  /**
   * Decodes from the current block into a batch and returns the number of bytes consumed. The block is released at its
   * end.
   */
  #decodeInto(bytes: Buffer, batch: RecordBatch): number {
    const decoder = this.#decoder as Decoder;
    const start = this.#position;
    const status = decoder.decode(bytes, start, bytes.length, batch, this.#left);
    this.#position = decoder.position;
    this.#left -= decoder.consumed;
    this.statistics.unknownRecords += decoder.skipped;
    const rest = bytes.length - decoder.position;
    if (status !== DecodeStatus.ok || (rest === 0 && this.#left > 0)) {
      const cause = status === DecodeStatus.ok ? DecodeStatus.truncated : status;
      this.#blocks.damage.add('record', this.#block!.offset, this.#left, rest, DECODE_STATUS_TEXTS[cause]);
      this.#leaveBlock();
    } else if (this.#left === 0) {
      if (rest > 0) this.#blocks.damage.add('leftover', this.#block!.offset, null, rest);
      this.#leaveBlock();
    }
    return decoder.position - start;
  }

  /** Continues with another trace of the file, which has its own schema. */
  #beginTrace(offset: number, metadata: ReadonlyMap<string, string>): void {
    this.statistics.appendedTraces++;
    this.statistics.appendedAt ??= offset;
    this.#decoder = this.#decoders.decoderFor(metadata.get('avro.schema') ?? '');
  }

  /** Makes a block the current one, or counts why that is not possible. */
  #begin(block: Block, inflated: Inflated): void {
    const { offset, count, size } = block;
    const { damage } = this.#blocks;
    const decoder = this.#decoder;
    this.#block = block;
    if (decoder instanceof SchemaError) {
      damage.add('appended-trace', offset, count, size, decoder.message);
      this.#leaveBlock();
      return;
    }
    if (typeof inflated === 'string') {
      damage.add(inflated === 'size' ? 'block-size' : inflated, offset, count, size);
      this.#leaveBlock();
      return;
    }
    // Every record has at least one byte, its branch.
    if (count > inflated.length) {
      damage.add('block-header', offset, null, size, 'more records than bytes');
      this.#leaveBlock();
      return;
    }
    this.statistics.blocks++;
    this.#bytes = decoder.hold?.(inflated) ?? inflated;
    this.#position = 0;
    this.#left = count;
  }

  #leaveBlock(): void {
    this.#block?.release?.();
    this.#block = null;
    this.#bytes = null;
  }
}

function blockOptions(options: ContainerReaderOptions, { limits }: Decoders): BlockReaderOptions {
  const { inflate, memory, readAhead } = options;
  return {
    limits,
    damage: new DamageLog(),
    ...(inflate === undefined ? {} : { inflate }),
    ...(memory === undefined ? {} : { memory }),
    ...(readAhead === undefined ? {} : { readAhead }),
  };
}
