import { ContainerReader, type ContainerReaderOptions } from '../../src/sysflow/container-reader.js';
import { DECODE_STATUS_TEXTS } from '../../src/sysflow/decode-status.js';
import { TraceError } from '../../src/sysflow/errors.js';
import { NEWEST_SCHEMA } from '../../src/sysflow/newest-schema.js';
import { BATCH_ROWS, RecordBatch, RecordBatchPool } from '../../src/sysflow/record-batch.js';
import { DecoderFactory } from '../../src/sysflow/record-decoder.js';
import { encodePacket } from '../../src/sysflow/record-encoder.js';
import { recordAt } from '../../src/sysflow/trace-record.js';
import { openStream } from '../../test/accel/support/decoding.js';
import { header } from '../../test/sysflow/support/containers.js';
import { Random } from '../../test/sysflow/support/random.js';
import { mutate } from './mutate.js';
import { nestedSchema } from './nested-schemas.js';
import { compressed, type Samples } from './samples.js';

/** Results of many runs. */
export interface FuzzReport {
  runs: number;
  /** Number of records decoded from mutated inputs. */
  records: number;
  /** Counts of each kind of damage, rejection or packet error. */
  readonly counts: Map<string, number>;
  /** The slowest run. */
  slowest: { run: number; milliseconds: number };
}

/** Reads mutated inputs and checks invariants. A run depends only on the seed and its number. */
export class Fuzzer {
  readonly report: FuzzReport = { runs: 0, records: 0, counts: new Map(), slowest: { run: -1, milliseconds: 0 } };
  readonly #samples: Samples;
  readonly #seed: number;
  readonly #now: () => number;
  readonly decoders: DecoderFactory = new DecoderFactory();
  readonly #withWasm = openStream();
  readonly #pool = new RecordBatchPool();
  readonly #batch = new RecordBatch();

  /** @param now returns the milliseconds of a monotonic clock */
  constructor(samples: Samples, seed: number, now: () => number) {
    this.#samples = samples;
    this.#seed = seed;
    this.#now = now;
  }

  /** Runs one input, a container file or a packet. Rejects if anything throws or an invariant is violated. */
  async run(run: number): Promise<void> {
    const random = new Random(this.#seed * 1_000_003 + run);
    const start = this.#now();
    if (random.chance(0.5)) await this.#container(random);
    else this.#packet(random);
    const milliseconds = this.#now() - start;
    this.report.runs++;
    if (milliseconds > this.report.slowest.milliseconds) this.report.slowest = { run, milliseconds };
  }

  async #container(random: Random): Promise<void> {
    const bytes = this.#brokenContainer(random);
    const { decoders, pool } = random.chance(0.5) ? this.#withWasm : { decoders: this.decoders, pool: this.#pool };
    const options: ContainerReaderOptions = {
      decoders,
      inflate: random.pick(['pool', 'inline'] as const),
    };
    const cut = random.below(bytes.length + 1);
    const chunks = random.chance(0.5) ? [bytes] : [bytes.subarray(0, cut), bytes.subarray(cut)];
    const reader = await ContainerReader.from(chunks, 'fuzz', options);
    if (reader instanceof TraceError) {
      this.#count(`refused: ${reader.code}`);
      return;
    }
    let records = 0;
    for await (const batch of reader.batches(pool)) {
      records += this.#check(batch);
      batch.release();
    }
    const { statistics, damage } = reader;
    if (statistics.records !== records) throw new Error(`${statistics.records} records counted, ${records} returned`);
    if (statistics.bytes !== bytes.length) throw new Error(`${statistics.bytes} of ${bytes.length} bytes counted`);
    for (const { kind, times } of damage) this.#count(`damage: ${kind}`, times);
  }

  /** Creates a container with one mutated part: records, blocks, schema, or the whole file. */
  #brokenContainer(random: Random): Buffer {
    const sample = random.pick(this.#samples.containers);
    const other = random.pick(this.#samples.containers);
    const { codec } = sample;
    switch (random.below(11)) {
      case 0:
        return mutate(random, Buffer.concat([header({ codec }), compressed(sample)]), compressed(other));
      case 1: {
        const schema = mutate(random, Buffer.from(NEWEST_SCHEMA), Buffer.from('"type":["null","string"]')).toString(
          'latin1',
        );
        return Buffer.concat([header({ codec, schema }), compressed(sample)]);
      }
      case 2:
        return Buffer.concat([header({ codec, schema: nestedSchema(random) }), compressed(sample)]);
      case 3:
      case 4:
      case 5:
      case 6:
        return Buffer.concat([header({ codec }), mutate(random, compressed(sample), compressed(other))]);
      default: {
        const blocks = sample.blocks.map((bytes) =>
          random.chance(0.5) ? mutate(random, bytes, random.pick(other.blocks)) : bytes,
        );
        return Buffer.concat([header({ codec }), compressed({ codec, blocks })]);
      }
    }
  }

  #packet(random: Random): void {
    const { packets } = this.#samples;
    const packet = mutate(random, random.pick(packets), random.pick(packets));
    const status = this.decoders.newest().decodePacket(packet, this.#batch);
    this.#count(`packet: ${DECODE_STATUS_TEXTS[status]!}`);
    this.#check(this.#batch);
    this.#batch.release();
    for (const [name, used] of [
      ['slots', this.#batch.slots.some((slot) => slot !== 0)],
      ['payloads', this.#batch.payloads.some((payload) => payload !== null)],
    ] as const) {
      if (used) throw new Error(`an invalid packet leaves data in the ${name}`);
    }
  }

  /** Checks that every record can be formatted and encoded again. */
  #check(batch: RecordBatch): number {
    if (batch.length > BATCH_ROWS) throw new Error(`a batch of ${batch.length} records`);
    for (let row = 0; row < batch.length; row++) encodePacket(recordAt(batch, row));
    this.report.records += batch.length;
    return batch.length;
  }

  #count(what: string, times = 1): void {
    this.report.counts.set(what, (this.report.counts.get(what) ?? 0) + times);
  }
}
