import { type Block, BlockReader } from '../sysflow/block-reader.js';
import { ReadBuffer } from '../sysflow/byte-source.js';
import { DamageLog } from '../sysflow/damage.js';
import { TraceError } from '../sysflow/errors.js';
import { DEFAULT_LIMITS } from '../sysflow/limits.js';
import { BlockRing } from './block-ring.js';
import type { BlockMessage, FromInflater, InflaterData } from './inflater-protocol.js';

/**
 * Reads traces on its own thread, inflates their blocks, and sends them to the thread that decodes them. It reads ahead by at
 * most the size of the ring.
 */
export class TraceInflater {
  readonly #paths: readonly string[];
  readonly #ring: BlockRing;
  readonly #memory = new ReadBuffer();
  readonly #send: (message: FromInflater) => void;

  constructor({ paths, ring }: InflaterData, send: (message: FromInflater) => void) {
    this.#paths = paths;
    this.#ring = new BlockRing(ring);
    this.#send = send;
  }

  /** Reads all files, or stops after the current block once the ring is stopped. */
  run(): Promise<void> {
    return this.#ring.work(async () => {
      for (const path of this.#paths) {
        if (this.#ring.stopped) return;
        await this.#read(path);
      }
    });
  }

  async #read(path: string): Promise<void> {
    const damage = new DamageLog();
    const reader = await BlockReader.open(path, {
      limits: DEFAULT_LIMITS,
      damage,
      inflate: 'inline',
      memory: this.#memory,
    });
    if (reader instanceof TraceError) {
      this.#send({ type: 'unreadable', error: { code: reader.code, message: reader.message, path } });
      return;
    }
    const { metadata, codec, compression } = reader;
    this.#send({ type: 'file', metadata, codec, compression });
    for (let block = await reader.next(); block !== null && !this.#ring.stopped; block = await reader.next()) {
      const { offset, count, size, trace } = block;
      const inflated = await this.#inflated(block);
      const progress = { bytes: reader.bytes, damage: damage.take() };
      this.#send({ type: 'block', offset, count, size, inflated, trace, ...progress });
    }
    await reader.close();
    this.#send({ type: 'end', bytes: reader.bytes, damage: damage.take() });
  }

  async #inflated(block: Block): Promise<BlockMessage['inflated']> {
    const bytes = await block.inflated;
    if (typeof bytes === 'string') return bytes;
    const { length } = bytes;
    const placed = this.#ring.put(bytes);
    return placed === null ? new Uint8Array(bytes) : { ...placed, length };
  }
}
