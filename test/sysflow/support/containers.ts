/** Container files in memory: written, taken apart into blocks, put together again, and read. */
import assert from 'node:assert/strict';
import { ContainerReader, type ContainerReaderOptions } from '../../../src/sysflow/container-reader.js';
import { ContainerWriter, type ContainerWriterOptions } from '../../../src/sysflow/container-writer.js';
import type { Damage } from '../../../src/sysflow/damage.js';
import { TraceError } from '../../../src/sysflow/errors.js';
import { NEWEST_SCHEMA } from '../../../src/sysflow/newest-schema.js';
import { RecordBatchPool } from '../../../src/sysflow/record-batch.js';
import { recordAt, type TraceRecord } from '../../../src/sysflow/trace-record.js';
import { writeInt } from '../../../src/sysflow/varint.js';

/** What a writer writes. */
export async function written(records: readonly TraceRecord[], options: ContainerWriterOptions = {}): Promise<Buffer> {
  const parts: Buffer[] = [];
  const sink = { write: async (bytes: Buffer) => void parts.push(bytes), close: async () => {} };
  const writer = new ContainerWriter(sink, 'memory', options);
  for (const record of records) await writer.write(record);
  assert.equal(await writer.close(), null);
  return Buffer.concat(parts);
}

export function varint(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  return bytes.subarray(0, writeInt(bytes, 0, value));
}

const SYNC = Buffer.from('0123456789abcdef');

export interface Metadata {
  readonly codec?: string;
  readonly schema?: string;
}

/** The header of a file. */
export function header({ codec, schema = NEWEST_SCHEMA }: Metadata = {}): Buffer {
  const entries = [['avro.schema', schema], ...(codec === undefined ? [] : [['avro.codec', codec]])];
  const parts = entries.flat().flatMap((text) => [varint(Buffer.byteLength(text!)), Buffer.from(text!)]);
  return Buffer.concat([Buffer.from('Obj\x01'), varint(entries.length), ...parts, varint(0), SYNC]);
}

/** A block with the same marker. */
export function block(count: number, bytes: Buffer, sync: Buffer = SYNC): Buffer {
  return Buffer.concat([varint(count), varint(bytes.length), bytes, sync]);
}

export interface ReadFile {
  readonly records: TraceRecord[];
  readonly damage: readonly Readonly<Damage>[];
  readonly reader: ContainerReader;
}

/** Reads all of a file that has a good header. */
export async function readFile(
  bytes: Uint8Array | readonly Uint8Array[],
  options: ContainerReaderOptions = {},
): Promise<ReadFile> {
  const chunks = bytes instanceof Uint8Array ? [bytes] : bytes;
  const reader = await ContainerReader.from(chunks, 'memory', options);
  if (reader instanceof TraceError) assert.fail(`${reader.code}: ${reader.message}`);
  const records: TraceRecord[] = [];
  for await (const batch of reader.batches(new RecordBatchPool())) {
    for (let row = 0; row < batch.length; row++) records.push(recordAt(batch, row));
    batch.release();
  }
  return { records, damage: reader.damage, reader };
}

/** The damage as `kind times records bytes`, with `unknown` for a count that is not known. */
export function told(damage: readonly Readonly<Damage>[]): string[] {
  return damage.map(
    ({ kind, times, records, bytes }) => `${kind} ${times} ${records ?? 'unknown'} ${bytes ?? 'unknown'}`,
  );
}
