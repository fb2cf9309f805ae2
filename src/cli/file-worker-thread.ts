/** The entry of a worker thread: a file worker that talks with the main thread through its port. */
import { parentPort } from 'node:worker_threads';
import { enginesOf } from '../config/wiring.js';
import { FileWorker } from '../pipeline/file-worker.js';
import { takeOverPolicy } from '../pipeline/policies.js';
import type { FromWorker, StartMessage, ToWorker, WorkerData } from '../pipeline/worker-protocol.js';

const port = parentPort!;
let worker: Promise<FileWorker> | null = null;

async function makeWorker(data: WorkerData): Promise<FileWorker> {
  const engines = enginesOf(data.nodes);
  const policies = await Promise.all(engines.map(({ options }, i) => takeOverPolicy(data.policies[i]!, options)));
  return new FileWorker(data, {
    now: Date.now,
    policy: (stanza) => policies[engines.indexOf(stanza)]!,
    shared: true,
    send: (message: FromWorker) => {
      port.postMessage(message);
      if (message.type === 'done') port.close();
    },
  });
}

port.on('message', async (message: StartMessage | ToWorker) => {
  if (message.type !== 'start') (await worker!).receive(message);
  else {
    worker = makeWorker(message.data);
    (await worker).start();
  }
});
