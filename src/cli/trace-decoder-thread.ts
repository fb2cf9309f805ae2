/** The entry of a thread that decodes traces ahead of the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { DecoderData, FromDecoder } from '../drivers/decoder-protocol.js';
import { TraceDecoder } from '../drivers/trace-decoder.js';

const port = parentPort!;

function send(message: FromDecoder): void {
  const bytes = message.type === 'batch' ? message.bytes : null;
  port.postMessage(message, bytes === null ? [] : [bytes.buffer]);
}

await new TraceDecoder(workerData as DecoderData, send).run();
