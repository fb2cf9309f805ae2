import type { Buffer } from 'node:buffer';
import { DecodeStatus } from '../../sysflow/decode-status.js';
import type { Decoder, Decoders } from '../../sysflow/decoding.js';
import { SchemaError } from '../../sysflow/errors.js';
import type { Limits } from '../../sysflow/limits.js';
import { BATCH_ROWS, type RecordBatch, ROW_SLOTS } from '../../sysflow/record-batch.js';
import { BATCH_BYTES, type DecoderFactory, type RecordDecoder } from '../../sysflow/record-decoder.js';
import { isEntity, RecordKind } from '../../sysflow/record-types.js';
import { takeTurns } from '../take-turns.js';
import type { DecoderMemory } from './decoder-memory.js';
import { WasmBatchDecoder } from './wasm-batch-decoder.js';

/** The decoders of one stream. The JavaScript decoders can be shared with other streams. */
export class AcceleratedDecoders implements Decoders {
  readonly #plain: DecoderFactory;
  readonly #memory: DecoderMemory;
  readonly #made = new WeakMap<RecordDecoder, Decoder>();
  /** Number of schemas compiled. */
  #compiled = 0;

  constructor(plain: DecoderFactory, memory: DecoderMemory) {
    this.#plain = plain;
    this.#memory = memory;
  }

  get limits(): Limits {
    return this.#plain.limits;
  }

  decoderFor(schema: string): Decoder | SchemaError {
    const plain = this.#plain.decoderFor(schema);
    if (plain instanceof SchemaError) return plain;
    let decoder = this.#made.get(plain);
    if (decoder === undefined) {
      const { union } = plain;
      const wasm = union === null ? null : WasmBatchDecoder.compile(union, this.#memory, ++this.#compiled);
      decoder = new AcceleratedDecoder(plain, wasm, this.#memory);
      this.#made.set(plain, decoder);
    }
    return decoder;
  }
}

/** Decodes records with WebAssembly, and those that it does not support with JavaScript. */
class AcceleratedDecoder implements Decoder {
  position = 0;
  consumed = 0;
  skipped = 0;
  readonly #plain: RecordDecoder;
  readonly #wasm: WasmBatchDecoder | null;
  readonly #memory: DecoderMemory;

  /** @param wasm null for a schema none of whose records WebAssembly supports */
  constructor(plain: RecordDecoder, wasm: WasmBatchDecoder | null, memory: DecoderMemory) {
    this.#plain = plain;
    this.#wasm = wasm;
    this.#memory = memory;
  }

  hold(block: Buffer): Buffer {
    return this.#wasm === null ? block : this.#memory.hold(block);
  }

  decode(bytes: Uint8Array, start: number, end: number, batch: RecordBatch, maxRecords: number): DecodeStatus {
    const memory = this.#memory;
    const wasm = this.#wasm;
    this.position = start;
    this.consumed = 0;
    this.skipped = 0;
    if (batch.memory === memory.memory && batch.length === 0) batch.generation = memory.files.generation;
    if (wasm === null || batch.memory !== memory.memory || !memory.holds(bytes)) {
      return this.#decodePlain(bytes, end, batch, maxRecords);
    }
    const stop = Math.min(end, start + BATCH_BYTES);
    let status: DecodeStatus = DecodeStatus.ok;
    takeTurns(
      () => {
        const left = maxRecords - this.consumed;
        const read = wasm.run(bytes, this.position, stop, end, batch, batch.length, left);
        this.position = wasm.position;
        this.consumed += read;
        batch.length += read;
        return this.position >= stop || batch.length === BATCH_ROWS || this.consumed === maxRecords;
      },
      () => {
        const { length: row } = batch;
        const { position } = this;
        status = this.#decodePlain(bytes, end, batch, 1);
        if (status !== DecodeStatus.ok) return false;
        if (batch.length > row && isCached(batch.kinds[row]!)) {
          wasm.cacheEntity(bytes, position, this.position, batch, row);
        }
        return true;
      },
    );
    return status;
  }

  /** Decodes records with JavaScript, starting at `position`. */
  #decodePlain(bytes: Uint8Array, end: number, batch: RecordBatch, maxRecords: number): DecodeStatus {
    const plain = this.#plain;
    if (batch.memory !== null) {
      const first = batch.length;
      const rows = Math.min(maxRecords, BATCH_ROWS - first);
      batch.slots.fill(0, first * ROW_SLOTS, (first + rows) * ROW_SLOTS);
    }
    const status = plain.decode(bytes, this.position, end, batch, maxRecords);
    this.position = plain.position;
    this.consumed += plain.consumed;
    this.skipped += plain.skipped;
    return status;
  }
}

/** Whether entities of a kind are cached by their bytes. Files have a separate store. */
function isCached(kind: number): boolean {
  return isEntity(kind) && kind !== RecordKind.file;
}
