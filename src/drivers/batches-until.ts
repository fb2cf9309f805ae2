import { setImmediate } from 'node:timers/promises';
import type { ContainerReader } from '../sysflow/container-reader.js';
import { TraceError } from '../sysflow/errors.js';
import type { RecordBatch, RecordBatchPool } from '../sysflow/record-batch.js';

/** Batches decoded before yielding to the event loop, which delivers signals. */
const TURN_BATCHES = 16;

/**
 * The batches of a trace up to its end or until the signal aborts, without waiting for the writer of a pipe. Each is the
 * caller's to release; leaving the loop early closes the trace.
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
    // Closing a pipe waits for a read that may never end.
    if (stop.aborted) void trace.close();
    else await trace.close();
  }
}

/** @returns the opened trace, or null if the signal aborts first; a trace that opens later is closed */
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
