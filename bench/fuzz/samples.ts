/** Valid inputs to mutate: small container files of every codec, and packets. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import snappy from 'snappyjs';
import { ContainerReader } from '../../src/sysflow/container-reader.js';
import { TraceError } from '../../src/sysflow/errors.js';
import { RecordBatchPool } from '../../src/sysflow/record-batch.js';
import { encodePacket } from '../../src/sysflow/record-encoder.js';
import { recordAt, type TraceRecord } from '../../src/sysflow/trace-record.js';
import { block } from '../../test/sysflow/support/containers.js';
import { anyRecord } from '../../test/sysflow/support/sample-records.js';

export interface Samples {
  readonly containers: readonly ContainerSample[];
  /** Packets of one record each. */
  readonly packets: readonly Buffer[];
}

/** The parts of a container file, so that each can be mutated separately. */
export interface ContainerSample {
  readonly codec: string;
  /** The uncompressed records of each block. */
  readonly blocks: readonly Buffer[];
}

/** Records per block and blocks per file: few, so that mutations hit structure more often than content. */
const BLOCK_RECORDS = 12;
const FILE_BLOCKS = 4;
/** Number of records used from each trace. */
const TRACE_RECORDS = 400;

const codecs: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  null: (bytes) => bytes,
  deflate: (bytes) => deflateRawSync(bytes),
  snappy: (bytes) => {
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(bytes));
    return Buffer.concat([snappy.compress(bytes), checksum]);
  },
  // A frame with one stored block: window of 16 KiB, content size omitted.
  zstandard: (bytes) => {
    const head = Buffer.alloc(3);
    head.writeUIntLE((bytes.length << 3) | 1, 0, 3);
    return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), head, bytes]);
  },
};

/** Creates samples from the traces of a folder and from random records. */
export async function makeSamples(folder: string): Promise<Samples> {
  const records = [...(await traceRecords(folder)), ...fc.sample(anyRecord, { numRuns: 200, seed: 1 })];
  const packets = records.map(encodePacket);
  const containers: ContainerSample[] = [];
  for (const codec of Object.keys(codecs)) {
    for (let at = 0; at + BLOCK_RECORDS * FILE_BLOCKS <= packets.length; at += BLOCK_RECORDS * FILE_BLOCKS) {
      const blocks = Array.from({ length: FILE_BLOCKS }, (_, i) => {
        const from = at + i * BLOCK_RECORDS;
        return Buffer.concat(packets.slice(from, from + BLOCK_RECORDS));
      });
      containers.push({ codec, blocks });
    }
  }
  return { containers, packets };
}

/** Returns the compressed blocks of a file. */
export function compressed({ codec, blocks }: ContainerSample): Buffer {
  return Buffer.concat(blocks.map((bytes) => block(BLOCK_RECORDS, codecs[codec]!(bytes))));
}

async function traceRecords(folder: string): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.sf'))) {
    const reader = await ContainerReader.open(join(folder, name));
    if (reader instanceof TraceError) throw new Error(`${reader.path}: ${reader.message}`);
    const batch = await reader.nextBatch(new RecordBatchPool());
    for (let row = 0; row < Math.min(TRACE_RECORDS, batch?.length ?? 0); row++) records.push(recordAt(batch!, row));
    await reader.close();
  }
  return records;
}
