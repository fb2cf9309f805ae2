/** Entry point of the thread that reads and inflates traces ahead of the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromInflater, InflaterData } from '../drivers/inflater-protocol.js';
import { TraceInflater } from '../drivers/trace-inflater.js';

const port = parentPort!;

await new TraceInflater(workerData as InflaterData, (message: FromInflater) => port.postMessage(message)).run();
