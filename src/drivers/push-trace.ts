import type { ContainerReader } from '../sysflow/container-reader.js';
import type { RecordBatchPool } from '../sysflow/record-batch.js';
import { batchesUntil } from './batches-until.js';
import type { DriverReporter, StreamSink } from './driver.js';

/** Pushes an open trace into a stream, to its end or until the signal is aborted, and reports it. */
export async function pushTrace(
  trace: ContainerReader,
  pool: RecordBatchPool,
  stream: StreamSink,
  reporter: DriverReporter,
  signal: AbortSignal,
): Promise<void> {
  for await (const batch of batchesUntil(trace, pool, signal)) await stream.push(batch);
  const { name: path, statistics, damage } = trace;
  reporter.traceRead({ path, statistics, damage, whole: !signal.aborted });
}
