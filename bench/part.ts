/**
 * One step of the work alone over a folder of traces: `node part.js STEP FOLDER` prints `{"records", "seconds"}`.
 * Steps: `inflate` reads and inflates the blocks, `decode` also decodes them with our decoder, `avsc` with avsc.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerReader } from '../src/sysflow/container-reader.js';
import { TraceError } from '../src/sysflow/errors.js';
import { RecordBatchPool } from '../src/sysflow/record-batch.js';
import { DecoderFactory } from '../src/sysflow/record-decoder.js';
import { avscStep } from './avsc-step.js';
import { inflateBlock, splitContainer } from './container-blocks.js';

/** Processes a trace; returns the number of its records. */
type Step = (path: string) => Promise<number>;

const decoders = new DecoderFactory();
const pool = new RecordBatchPool();

const STEPS: Readonly<Record<string, Step>> = {
  inflate: async (path) => {
    const { codec, blocks } = splitContainer(readFileSync(path));
    let records = 0;
    for (const { count, data } of blocks) {
      inflateBlock(codec, data);
      records += count;
    }
    return records;
  },
  decode: async (path) => {
    const reader = await ContainerReader.open(path, { decoders, inflate: 'inline' });
    if (reader instanceof TraceError) throw reader;
    for (let batch = await reader.nextBatch(pool); batch !== null; batch = await reader.nextBatch(pool))
      batch.release();
    return reader.statistics.records;
  },
  avsc: async (path) => avscStep(splitContainer(readFileSync(path))),
};

async function main(step: string, folder: string): Promise<void> {
  const paths = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  const start = process.hrtime.bigint();
  let records = 0;
  for (const path of paths) records += await STEPS[step]!(path);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  process.stdout.write(`${JSON.stringify({ records, seconds })}\n`);
}

await main(process.argv[2]!, process.argv[3]!);
