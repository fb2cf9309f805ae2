/**
 * One step of the work alone over a folder of traces: `node part.js STEP FOLDER THREADS` prints `{"records", "seconds"}`.
 * Steps: `inflate` reads and inflates the blocks, `decode` also decodes them with our decoder, `avsc` with avsc.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ContainerReader } from '../src/sysflow/container-reader.js';
import { TraceError } from '../src/sysflow/errors.js';
import { RecordBatchPool } from '../src/sysflow/record-batch.js';
import { DecoderFactory } from '../src/sysflow/record-decoder.js';
import { avscStep } from './avsc-step.js';
import { inflateBlock, splitContainer } from './container-blocks.js';

/** Goes through a trace; gives the number of its records. */
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

interface Task {
  readonly step: string;
  readonly paths: readonly string[];
}

/** Goes through traces; gives the number of records. */
async function runTask({ step, paths }: Task): Promise<number> {
  let records = 0;
  for (const path of paths) records += await STEPS[step]!(path);
  return records;
}

async function main(step: string, folder: string, threads: number): Promise<void> {
  const paths = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  const start = process.hrtime.bigint();
  const shards = Array.from({ length: threads }, (_, shard) => paths.filter((_, i) => i % threads === shard));
  const counts = await Promise.all(
    shards.map((shard, index) => {
      const task: Task = { step, paths: shard };
      // The last share is the main thread's own, after the others have been started.
      return index < threads - 1 ? inWorker(task) : runTask(task);
    }),
  );
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  process.stdout.write(`${JSON.stringify({ records: counts.reduce((sum, count) => sum + count, 0), seconds })}\n`);
}

function inWorker(task: Task): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: task });
    worker.on('message', resolve).on('error', reject);
  });
}

if (isMainThread) await main(process.argv[2]!, process.argv[3]!, Number(process.argv[4] ?? 1));
else parentPort!.postMessage(await runTask(workerData as Task));
