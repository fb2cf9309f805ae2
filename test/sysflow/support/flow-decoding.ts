import { DEFAULT_LIMITS } from '../../../src/sysflow/limits.js';
import { RecordBatchPool } from '../../../src/sysflow/record-batch.js';
import { DecoderFactory } from '../../../src/sysflow/record-decoder.js';
import { StringInterner } from '../../../src/sysflow/string-interner.js';
import { FlowMemory } from '../../../src/sysflow/wasm/flow-memory.js';
import { Arena } from '../../../src/wasm/arena.js';

/** What decodes with WebAssembly. */
export class FlowDecoding {
  readonly memory: FlowMemory;
  readonly decoders: DecoderFactory;
  readonly pool: RecordBatchPool;

  constructor() {
    const arena = Arena.create();
    if (arena === null) throw new Error('there is no WebAssembly here');
    this.memory = new FlowMemory(arena);
    this.decoders = new DecoderFactory(new StringInterner(), DEFAULT_LIMITS, this.memory);
    this.pool = new RecordBatchPool(arena);
  }
}
