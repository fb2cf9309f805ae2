import { Worker } from 'node:worker_threads';
import type { DecoderData, FromDecoder } from './decoder-protocol.js';
import type { DecoderThread } from './threaded-file.js';

/** Starts a thread that runs a `TraceDecoder`: `entry` is its module, which finds the data as `workerData`. */
export function startDecoderThread(entry: URL, data: DecoderData): DecoderThread {
  const thread = new Worker(entry, { workerData: data });
  let failure: string | null = null;
  return {
    onMessage: (receive) => thread.on('message', (message: FromDecoder) => receive(message)),
    onEnd: (receive) => {
      thread.on('error', (error) => {
        failure = error instanceof Error ? error.message : String(error);
      });
      thread.on('exit', () => receive(failure));
    },
    terminate: () => thread.terminate(),
  };
}
