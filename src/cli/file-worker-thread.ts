/** The entry of a worker thread: a file worker that talks with the main thread through its port. */
import { parentPort, workerData } from 'node:worker_threads';
import { FileWorker } from '../pipeline/file-worker.js';
import { takeOverPolicy } from '../pipeline/policies.js';
import { enginesOf } from '../pipeline/stages.js';
import type { ToWorker, WorkerData } from '../pipeline/worker-protocol.js';

const data = workerData as WorkerData;
const port = parentPort!;
const engines = enginesOf(data.nodes);
const policies = await Promise.all(engines.map(({ options }, i) => takeOverPolicy(data.policies[i]!, options)));
const worker = new FileWorker(data, {
  now: Date.now,
  policy: (stanza) => policies[engines.indexOf(stanza)]!,
  shared: true,
  send: (message) => {
    port.postMessage(message);
    if (message.type === 'done') port.close();
  },
});
port.on('message', (message: ToWorker) => worker.receive(message));
worker.start();
