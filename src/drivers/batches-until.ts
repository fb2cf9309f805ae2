import { setImmediate } from 'node:timers/promises';
import type { ContainerReader } from '../sysflow/container-reader.js';
import { TraceError } from '../sysflow/errors.js';
import type { RecordBatch, RecordBatchPool } from '../sysflow/record-batch.js';

/** Batches read between two turns of the event loop, which delivers signals. */
const TURN_BATCHES = 16;

/**
 * Yields the batches of a trace until its end or until the signal is aborted; it then no longer waits for the writer of a pipe.
 * The caller releases each batch. Leaving the loop early closes the trace.
 */
export async function* batchesUntil(
  trace: ContainerReader,
  pool: RecordBatchPool,
  stop: AbortSignal,
): AsyncGenerator<RecordBatch, void, undefined> {
  const stopped = untilAborted(stop);
  try {
    for (let count = 1; !stop.aborted; count++) {
      const batch = await Promise.race([trace.nextBatch(pool), stopped.promise]);
      if (batch === null) return;
      yield batch;
      if (count % TURN_BATCHES === 0) await setImmediate();
    }
  } finally {
    stopped.release();
    // Do not wait: closing a source that is waiting for data would block.
    if (stop.aborted) void trace.close();
    else await trace.close();
  }
}

/** Resolves to the opened trace, or to null if the signal is aborted first; a trace that opens later is then closed. */
export async function openedOrAborted(
  opening: Promise<ContainerReader | TraceError>,
  stop: AbortSignal,
): Promise<ContainerReader | TraceError | null> {
  const stopped = untilAborted(stop);
  try {
    const trace = await Promise.race([opening, stopped.promise]);
    if (trace === null) void opening.then((late) => (late instanceof TraceError ? undefined : late.close()));
    return trace;
  } finally {
    stopped.release();
  }
}

function untilAborted(stop: AbortSignal): { readonly promise: Promise<null>; release(): void } {
  let settle = (): void => {};
  const promise = new Promise<null>((resolve) => {
    settle = () => resolve(null);
  });
  if (stop.aborted) settle();
  else stop.addEventListener('abort', settle, { once: true });
  return { promise, release: () => stop.removeEventListener('abort', settle) };
}
