import type { Decoders, StreamDecoding } from '../sysflow/decoding.js';
import { RecordBatchPool } from '../sysflow/record-batch.js';
import type { DecoderFactory } from '../sysflow/record-decoder.js';
import { AcceleratedDecoders } from './decoding/accelerated-decoder.js';
import { DecoderMemory } from './decoding/decoder-memory.js';
import type { MemoryPool, StreamMemory } from './wasm/memory.js';

/** Decodes one stream into batches in its own memory. */
export class AcceleratedStream implements StreamDecoding {
  readonly decoders: Decoders;
  readonly pool: RecordBatchPool;
  readonly memory: DecoderMemory;
  readonly #memories: MemoryPool;
  #isOpen = true;

  /**
   * @param memory an unused memory of `memories`, for this stream
   * @param plain JavaScript decoders, which streams can share
   */
  constructor(memory: StreamMemory, memories: MemoryPool, plain: DecoderFactory) {
    this.memory = new DecoderMemory(memory);
    this.decoders = new AcceleratedDecoders(plain, this.memory);
    this.pool = new RecordBatchPool(memory);
    this.#memories = memories;
  }

  afterBatch(): void {
    const { files } = this.memory;
    if (files.isFull && this.pool.isIdle) files.renew();
  }

  close(): void {
    if (this.#isOpen) this.#memories.close(this.memory.memory, this.pool.isIdle);
    this.#isOpen = false;
  }
}
