/** Writes Avro object container files of SysFlow in the newest schema; see `container-reader.ts` for the layout. */
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { MAGIC, SYNC_BYTES } from './container-header.js';
import { systemCode, TraceError } from './errors.js';
import { NEWEST_SCHEMA } from './newest-schema.js';
import { RecordEncoder } from './record-encoder.js';
import type { TraceRecord } from './trace-record.js';
import { encodeUtf8 } from './utf8.js';
import { writeInt } from './varint.js';

export interface ContainerWriterOptions {
  /** How blocks are compressed. */
  readonly codec?: 'null' | 'deflate';
  /** Size at which a block is completed, before compression. */
  readonly blockBytes?: number;
}

/** Where a writer's bytes go. Both methods can reject; the writer converts that to a `TraceError`. */
export interface ByteSink {
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

const BLOCK_BYTES = 64 << 10;
/** Number of blocks waiting to be compressed and written at which {@link ContainerWriter.write} returns a promise. */
const WAITING_BLOCKS = 4;

const compress = promisify(deflateRaw);

/**
 * Writes one container file. It never throws: the first failure is stored in {@link error}, and later records are
 * discarded.
 */
export class ContainerWriter {
  /** Path or name of the file. */
  readonly name: string;
  /** Why the file cannot be written; null if there was no failure. */
  error: TraceError | null = null;
  /** Number of records passed to `write`. */
  records = 0;

  readonly #sink: ByteSink;
  readonly #deflate: boolean;
  readonly #blockBytes: number;
  readonly #sync: Buffer = randomBytes(SYNC_BYTES);
  readonly #encoder: RecordEncoder;
  #inBlock = 0;
  #waiting = 0;
  #written: Promise<void>;

  /** @param name name of the sink in messages */
  constructor(sink: ByteSink, name: string, options: ContainerWriterOptions = {}) {
    this.name = name;
    this.#sink = sink;
    this.#deflate = options.codec !== 'null';
    this.#blockBytes = options.blockBytes ?? BLOCK_BYTES;
    this.#encoder = new RecordEncoder(this.#blockBytes + 1024);
    this.#written = this.#guard(sink.write(this.#header()));
  }

  /** Creates a file, or truncates an existing one. */
  static async create(path: string, options: ContainerWriterOptions = {}): Promise<ContainerWriter | TraceError> {
    try {
      return new ContainerWriter(fileSink(await open(path, 'w')), path, options);
    } catch (error) {
      return unwritable(error, path);
    }
  }

  /**
   * Appends a record.
   *
   * @returns a promise if the writer cannot keep up: wait for it before the next record, so that memory stays bounded
   */
  write(record: TraceRecord): Promise<void> | undefined {
    this.records++;
    this.#encoder.record(record);
    this.#inBlock++;
    if (this.#encoder.length < this.#blockBytes) return undefined;
    this.#endBlock();
    return this.#waiting > WAITING_BLOCKS ? this.#written : undefined;
  }

  /** Completes the block and resolves when all records are written. */
  async flush(): Promise<void> {
    this.#endBlock();
    await this.#written;
  }

  /** Writes the remaining data and closes the file. Resolves with the first failure, or null. */
  async close(): Promise<TraceError | null> {
    await this.flush();
    await this.#guard(this.#sink.close());
    return this.error;
  }

  #header(): Buffer {
    const metadata: readonly (readonly [string, string])[] = [
      ['avro.codec', this.#deflate ? 'deflate' : 'null'],
      ['avro.schema', NEWEST_SCHEMA],
    ];
    const parts = [MAGIC, varint(metadata.length)];
    for (const text of metadata.flat()) {
      const bytes = encodeUtf8(text);
      parts.push(varint(bytes.length), bytes);
    }
    return Buffer.concat([...parts, varint(0), this.#sync]);
  }

  #endBlock(): void {
    if (this.#inBlock === 0) return;
    const count = this.#inBlock;
    const bytes = Buffer.from(this.#encoder.bytes);
    this.#encoder.reset();
    this.#inBlock = 0;
    this.#waiting++;
    this.#written = this.#written
      .then(() => this.#guard(this.#writeBlock(count, bytes)))
      .then(() => {
        this.#waiting--;
      });
  }

  async #writeBlock(count: number, bytes: Buffer): Promise<void> {
    if (this.error !== null) return;
    const block = this.#deflate ? await compress(bytes) : bytes;
    await this.#sink.write(Buffer.concat([varint(count), varint(block.length), block, this.#sync]));
  }

  async #guard(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.error ??= unwritable(error, this.name);
    }
  }
}

function varint(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  return bytes.subarray(0, writeInt(bytes, 0, value));
}

function unwritable(error: unknown, name: string): TraceError {
  return new TraceError('unwritable', `cannot be written: ${systemCode(error)}`, name);
}

function fileSink(handle: FileHandle): ByteSink {
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
    },
    close: () => handle.close(),
  };
}
