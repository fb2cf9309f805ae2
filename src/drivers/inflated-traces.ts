import { Buffer } from 'node:buffer';
import type { Block, BlockSource } from '../sysflow/block-reader.js';
import type { Inflated } from '../sysflow/codecs/codec.js';
import type { Compression } from '../sysflow/compression/unpack.js';
import { DamageLog } from '../sysflow/damage.js';
import { TraceError } from '../sysflow/errors.js';
import { BlockRing } from './block-ring.js';
import type { BlockMessage, FileStart, FromInflater } from './inflater-protocol.js';
import type { InflaterThread } from './inflater-thread.js';

/** The decoding thread's view of the traces that an {@link InflaterThread} reads. */
export class InflatedTraces {
  readonly #thread: InflaterThread;
  /** How many of the thread's files were opened. */
  #opened = 0;
  readonly #ring: BlockRing;
  /** Messages not yet processed. The ring bounds the blocks among them, and so how far the thread reads ahead. */
  readonly #arrived: FromInflater[] = [];
  #wake: () => void = () => {};
  /** Whether no further message will arrive. */
  #ended = false;
  #stopped = false;

  /** @param onFailure called if the thread fails */
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

  /** Opens the next of the thread's files. Returns null if the path is not that file, or the thread has ended. */
  async open(path: string): Promise<BlockSource | TraceError | null> {
    if (path !== this.#thread.paths[this.#opened]) return null;
    this.#opened++;
    const message = await this.next();
    if (message === null) return null;
    if (message.type === 'unreadable') return new TraceError(message.error.code, message.error.message, path);
    if (message.type !== 'file') throw new TypeError('the previous file was not read to its end');
    return new InflatedTrace(path, message, this);
  }

  /** Returns the next message of the thread; null if the thread has ended or was stopped. */
  async next(): Promise<FromInflater | null> {
    while (this.#arrived.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#arrived.shift() ?? null;
  }

  /** Returns the bytes of a block, and a function that frees their room in the ring. */
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

  /** Stops the thread and drops the messages that were not processed. */
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
  /** Always false: a file is not a live source. */
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
