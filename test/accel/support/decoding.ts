import { AcceleratedStream } from '../../../src/accel/accelerated-stream.js';
import { MemoryPool } from '../../../src/accel/wasm/memory.js';
import { DecoderFactory } from '../../../src/sysflow/record-decoder.js';

/** A stream that is decoded by WebAssembly, with a memory of its own. */
export function openStream(): AcceleratedStream {
  const memories = new MemoryPool(1);
  const memory = memories.open();
  if (memory === null) throw new Error('WebAssembly is not available');
  return new AcceleratedStream(memory, memories, new DecoderFactory());
}
