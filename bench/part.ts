/**
 * One step of the work alone over a folder of traces: `node part.js STEP FOLDER THREADS` prints `{"records", "seconds"}`.
 * Steps: `inflate` reads and inflates the blocks, `avsc` decodes them with avsc, `decode` with our decoder.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { avscStep } from './avsc-step.js';
import { type ContainerBlocks, inflateBlock, splitContainer } from './container-blocks.js';

/** Takes the blocks of a file; gives the number of records it went through. */
export type Step = (container: ContainerBlocks) => number;

const STEPS: Readonly<Record<string, () => Step>> = {
  inflate: () => (container) => {
    let records = 0;
    for (const { count, data } of container.blocks) {
      inflateBlock(container.codec, data);
      records += count;
    }
    return records;
  },
  avsc: () => avscStep,
};

interface Task {
  readonly step: string;
  readonly files: readonly string[];
}

/** Goes through files; gives the number of records. */
function runTask({ step, files }: Task): number {
  const take = STEPS[step]!();
  return files.reduce((records, file) => records + take(splitContainer(readFileSync(file))), 0);
}

async function main(step: string, folder: string, threads: number): Promise<void> {
  const files = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  const start = process.hrtime.bigint();
  const shards = Array.from({ length: threads }, (_, shard) => files.filter((_, i) => i % threads === shard));
  const counts = await Promise.all(
    shards.map((shard, index) => {
      const task: Task = { step, files: shard };
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
else parentPort!.postMessage(runTask(workerData as Task));
