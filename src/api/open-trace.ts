import { ContainerReader, type ContainerStatistics } from '../sysflow/container-reader.js';
import type { Damage } from '../sysflow/damage.js';
import { TraceError } from '../sysflow/errors.js';
import { RecordBatchPool } from '../sysflow/record-batch.js';
import { recordAt, type TraceRecord } from '../sysflow/trace-record.js';
import { UnreadableTraceError } from './unreadable-trace-error.js';

/** An open trace. It can be read once, in the order of its records, and is closed at its end or when the loop is left. */
export interface Trace extends AsyncIterable<TraceRecord> {
  /** The path, or the name given for bytes. */
  readonly name: string;
  /** The Avro schema of its writer, JSON text. */
  readonly schema: string;
  /** Statistics of what was read so far. */
  readonly statistics: Readonly<ContainerStatistics>;
  /** Damage that was skipped so far, by kind. */
  readonly damage: readonly Readonly<Damage>[];
  /** Closes a trace that is not read to its end. */
  close(): Promise<void>;
}

/**
 * Opens a trace and reads its header.
 *
 * Its records are plain objects that do not change later. 64-bit integers are BigInts, times are nanoseconds since the epoch.
 * Damaged blocks are skipped and counted in {@link Trace.damage}.
 *
 * @param source the path of a file, or its bytes
 * @param name the name in messages of a trace without a path
 * @throws UnreadableTraceError if it cannot be read, or is not a trace
 */
export async function openTrace(
  source: string | Uint8Array | AsyncIterable<Uint8Array>,
  name = 'trace',
): Promise<Trace> {
  const opening =
    typeof source === 'string'
      ? ContainerReader.open(source)
      : ContainerReader.from(source instanceof Uint8Array ? [source] : source, name);
  const reader = await opening;
  if (reader instanceof TraceError) throw new UnreadableTraceError(reader);
  return new OpenTrace(reader);
}

/** The reader of a trace that {@link openTrace} opened. */
export function readerOf(trace: Trace): ContainerReader {
  if (trace instanceof OpenTrace) return trace.reader;
  throw new TypeError('not a trace that openTrace opened');
}

class OpenTrace implements Trace {
  readonly reader: ContainerReader;

  constructor(reader: ContainerReader) {
    this.reader = reader;
  }

  get name(): string {
    return this.reader.name;
  }
  get schema(): string {
    return this.reader.schema;
  }
  get statistics(): Readonly<ContainerStatistics> {
    return this.reader.statistics;
  }
  get damage(): readonly Readonly<Damage>[] {
    return this.reader.damage;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TraceRecord, void, undefined> {
    for await (const batch of this.reader.batches(new RecordBatchPool())) {
      const records = Array.from({ length: batch.length }, (_, row) => recordAt(batch, row));
      batch.release();
      yield* records;
    }
  }

  close(): Promise<void> {
    return this.reader.close();
  }
}
