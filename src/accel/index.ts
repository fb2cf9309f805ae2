/** The door to all that WebAssembly does. Nothing else here is for other folders. */
import type { EncodedLines } from '../exporter/encoded-lines.js';
import type { Encoder, LineWriter } from '../exporter/encoder.js';
import { plainDecoding, type StreamDecoding } from '../sysflow/decoding.js';
import { DecoderFactory } from '../sysflow/record-decoder.js';
import { AcceleratedStream } from './accelerated-stream.js';
import { AcceleratedLines } from './json/accelerated-lines.js';
import { MemoryPool } from './wasm/memory.js';

/** The jobs that WebAssembly does faster than JavaScript, where it may; where it may not, JavaScript does them. */
export class Acceleration {
  readonly #memories: MemoryPool;
  readonly #isOn: boolean;
  readonly #decoders = new DecoderFactory();

  /** @param streams how many streams may be accelerated at once; 0: WebAssembly is off */
  constructor(streams: number) {
    this.#memories = new MemoryPool(streams);
    this.#isOn = streams > 0;
  }

  /** What decodes a stream, to be closed when the stream has ended. */
  openStream(): StreamDecoding {
    const memory = this.#memories.open();
    return memory === null
      ? plainDecoding(this.#decoders)
      : new AcceleratedStream(memory, this.#memories, this.#decoders);
  }

  /** What writes lines as an encoder does. */
  lines(encoder: Encoder, plain: EncodedLines): LineWriter {
    return this.#isOn && encoder.plan !== undefined ? new AcceleratedLines(encoder.plan, plain) : plain;
  }
}
