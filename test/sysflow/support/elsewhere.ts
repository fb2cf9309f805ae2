import { DeferredPayloads, DeferredRecords } from '../../../src/sysflow/deferred-records.js';
import { DEFAULT_LIMITS } from '../../../src/sysflow/limits.js';
import { BATCH_ROWS, type BatchSource, RecordBatch, ROW_SLOTS } from '../../../src/sysflow/record-batch.js';
import { DecoderFactory, type RecordDecoder } from '../../../src/sysflow/record-decoder.js';
import { FlowMemory } from '../../../src/sysflow/wasm/flow-memory.js';

const SLOT_BYTES = BATCH_ROWS * ROW_SLOTS * 4;

/** Decodes as a thread does whose records another uses, both sides in one: with WebAssembly, and payloads made afterwards. */
export class Elsewhere implements BatchSource {
  readonly memory: FlowMemory;
  readonly decoders: DecoderFactory;
  readonly batch: RecordBatch;
  /** Bytes of records that were not known. */
  keptBytes = 0;
  readonly #deferred = new DeferredRecords();
  readonly #payloads = new DeferredPayloads();

  constructor() {
    const shared = FlowMemory.create(SLOT_BYTES + BATCH_ROWS);
    if (shared === null) throw new Error('there is no WebAssembly here');
    this.memory = new FlowMemory(shared, SLOT_BYTES + BATCH_ROWS);
    this.decoders = new DecoderFactory(null, DEFAULT_LIMITS, { deferred: this.#deferred, memory: this.memory });
    const slots = new Int32Array(shared.buffer, 0, BATCH_ROWS * ROW_SLOTS);
    const kinds = new Uint8Array(shared.buffer, SLOT_BYTES, BATCH_ROWS);
    this.batch = new RecordBatch(() => {}, { slots, kinds, clearedOnRelease: false });
  }

  /** The one batch there is. */
  acquire(): RecordBatch {
    return this.batch;
  }

  /** Does what is left to do for the batch, by a decoder of the same schema. */
  finish(decoder: RecordDecoder): void {
    const bytes = this.#deferred.take();
    this.keptBytes += bytes?.length ?? 0;
    this.#payloads.make(this.batch, bytes, decoder);
  }
}
