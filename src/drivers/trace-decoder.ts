import { ReadBuffer } from '../sysflow/byte-source.js';
import { ContainerReader, type ContainerReaderOptions } from '../sysflow/container-reader.js';
import { DeferredRecords } from '../sysflow/deferred-records.js';
import { TraceError } from '../sysflow/errors.js';
import { DEFAULT_LIMITS } from '../sysflow/limits.js';
import { DecoderFactory } from '../sysflow/record-decoder.js';
import { BatchRing, type DecoderData, type FromDecoder, RingSource } from './decoder-protocol.js';

/**
 * Reads traces on a thread of its own and sends their records to another: inflates and decodes, which is half of the work
 * of evaluating rules, and needs none of the entities. It is ahead by as many batches as the ring has places.
 */
export class TraceDecoder {
  readonly #paths: readonly string[];
  readonly #source: RingSource;
  readonly #deferred = new DeferredRecords();
  readonly #options: ContainerReaderOptions;
  readonly #send: (message: FromDecoder) => void;

  constructor({ paths, memory }: DecoderData, send: (message: FromDecoder) => void) {
    this.#paths = paths;
    const ring = new BatchRing(memory);
    this.#source = new RingSource(ring);
    this.#options = {
      decoders: new DecoderFactory(null, DEFAULT_LIMITS, { deferred: this.#deferred, memory: ring.memory }),
      inflate: 'inline',
      memory: new ReadBuffer(),
    };
    this.#send = send;
  }

  /** Reads all files. */
  async run(): Promise<void> {
    for (const path of this.#paths) await this.#read(path);
  }

  async #read(path: string): Promise<void> {
    const reader = await ContainerReader.open(path, this.#options);
    if (reader instanceof TraceError) {
      this.#send({ type: 'unreadable', error: { code: reader.code, message: reader.message, path } });
      return;
    }
    this.#send({ type: 'file', schema: reader.schema });
    for await (const batch of reader.batches(this.#source)) {
      const { length } = batch;
      const { statistics, damage } = reader;
      this.#send({
        type: 'batch',
        place: this.#source.place,
        length,
        bytes: this.#deferred.take(),
        statistics,
        damage,
      });
    }
    this.#send({ type: 'end', statistics: reader.statistics, damage: reader.damage });
  }
}
