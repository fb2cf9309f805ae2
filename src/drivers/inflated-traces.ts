import { Buffer } from 'node:buffer';
import type { Block, BlockSource } from '../sysflow/block-reader.js';
import type { Inflated } from '../sysflow/codecs/codec.js';
import type { Compression } from '../sysflow/compression/unpack.js';
import { DamageLog } from '../sysflow/damage.js';
import { TraceError } from '../sysflow/errors.js';
import { BlockRing } from './block-ring.js';
import type { BlockMessage, FileStart, FromInflater } from './inflater-protocol.js';
import type { InflaterThread } from './inflater-thread.js';

/** The traces that an {@link InflaterThread} reads, on the side that decodes them. */
export class InflatedTraces {
  readonly #thread: InflaterThread;
  /** How many of its files were opened. */
  #opened = 0;
  readonly #ring: BlockRing;
  /** Messages not processed yet. The ring bounds the blocks, and so how far the thread is ahead. */
  readonly #arrived: FromInflater[] = [];
  #wake: () => void = () => {};
  /** Whether nothing more will arrive. */
  #ended = false;
  #stopped = false;

  /** @param onFailure called where the thread dies */
  constructor(thread: InflaterThread, onFailure: (message: string) => void) {
    this.#thread = thread;
    this.#ring = new BlockRing(thread.ring);
    thread.onMessage((message) => {
      this.#arrived.push(message);
      this.#wake();
    });
    thread.onEnd((failure) => {
      this.#ended = true;
      if (failure !== null) onFailure(failure);
      this.#wake();
    });
  }

  /** Opens a file if it is the next one of the thread; null if it is another file or the thread is dead. */
  async open(path: string): Promise<BlockSource | TraceError | null> {
    if (path !== this.#thread.paths[this.#opened]) return null;
    this.#opened++;
    const message = await this.next();
    if (message === null) return null;
    if (message.type === 'unreadable') return new TraceError(message.error.code, message.error.message, path);
    if (message.type !== 'file') throw new TypeError('the file before was not read to its end');
    return new InflatedTrace(path, message, this);
  }

  /** The next message of the thread; null if it is dead or stopped. */
  async next(): Promise<FromInflater | null> {
    while (this.#arrived.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#arrived.shift() ?? null;
  }

  /** The bytes of a block, and a function that frees their space. */
  take(inflated: BlockMessage['inflated']): { readonly inflated: Inflated; readonly release: (() => void) | null } {
    if (typeof inflated === 'string') return { inflated, release: null };
    if (inflated instanceof Uint8Array) return { inflated: Buffer.from(inflated.buffer), release: null };
    const { at, length, position } = inflated;
    return { inflated: this.#ring.block(at, length), release: () => this.#ring.free(position) };
  }

  /** Whether {@link stop} was called. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Abandons the thread and drops its unprocessed messages. */
  stop(): void {
    this.#stopped = true;
    this.#ended = true;
    this.#arrived.length = 0;
    this.#wake();
    this.#thread.stop();
  }
}

/** The blocks of one file. */
class InflatedTrace implements BlockSource {
  readonly name: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly codec: string;
  readonly compression: Compression | null;
  readonly damage = new DamageLog();
  /** Always false: trace files are not live sources. */
  readonly wouldWait: boolean = false;
  bytes = 0;
  readonly #traces: InflatedTraces;
  #atEnd = false;

  constructor(name: string, { metadata, codec, compression }: FileStart, traces: InflatedTraces) {
    this.name = name;
    this.metadata = metadata;
    this.codec = codec;
    this.compression = compression;
    this.#traces = traces;
  }

  async next(): Promise<Block | null> {
    if (this.#atEnd) return null;
    const message = await this.#traces.next();
    if (message === null) {
      this.#atEnd = true;
      if (!this.#traces.stopped) this.damage.add('unreadable', this.bytes, null, null, 'the thread that read it died');
      return null;
    }
    if (message.type === 'file' || message.type === 'unreadable') throw new TypeError('a file begins within another');
    this.bytes = message.bytes;
    for (const found of message.damage) this.damage.merge(found);
    this.#atEnd = message.type === 'end';
    if (message.type === 'end') return null;
    const { offset, count, size, trace } = message;
    return { offset, count, size, trace, ...this.#traces.take(message.inflated) };
  }

  /** Skips the rest of the file. */
  async close(): Promise<void> {
    while (!this.#atEnd) (await this.next())?.release?.();
  }
}
