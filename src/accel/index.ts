/** The only module of this folder that other folders import. */
import type { EncodedLines } from '../exporter/encoded-lines.js';
import type { Encoder, LineWriter } from '../exporter/encoder.js';
import { plainDecoding, type StreamDecoding } from '../sysflow/decoding.js';
import { DecoderFactory } from '../sysflow/record-decoder.js';
import { AcceleratedStream } from './accelerated-stream.js';
import { AcceleratedLines } from './json/accelerated-lines.js';
import { MemoryPool } from './wasm/memory.js';

/** The jobs that WebAssembly does faster than JavaScript. If it is off or not available, JavaScript does them. */
export class Acceleration {
  readonly #memories: MemoryPool;
  readonly #isOn: boolean;
  readonly #decoders = new DecoderFactory();

  /** @param streams maximum number of accelerated streams at once; 0 turns WebAssembly off */
  constructor(streams: number) {
    this.#memories = new MemoryPool(streams);
    this.#isOn = streams > 0;
  }

  /** Returns the decoding of a stream, to be closed at the end of the stream. */
  openStream(): StreamDecoding {
    const memory = this.#memories.open();
    return memory === null
      ? plainDecoding(this.#decoders)
      : new AcceleratedStream(memory, this.#memories, this.#decoders);
  }

  /** Returns a writer of lines that is equivalent to an encoder. */
  lines(encoder: Encoder, plain: EncodedLines): LineWriter {
    return this.#isOn && encoder.plan !== undefined ? new AcceleratedLines(encoder.plan, plain) : plain;
  }
}
