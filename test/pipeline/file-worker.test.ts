import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadPipelineText } from '../../src/config/load.js';
import { enginesOf } from '../../src/config/wiring.js';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { FileWorker } from '../../src/pipeline/file-worker.js';
import { loadPolicyTexts } from '../../src/pipeline/policies.js';
import type { FromWorker } from '../../src/pipeline/worker-protocol.js';
import { packPolicy } from '../../src/policy/model/packed-policy.js';
import { writeTrace } from '../cli/support/traces.js';

const root = mkdtempSync(join(tmpdir(), 'sfprocessor-file-worker-'));
after(() => rmSync(root, { recursive: true }));

const PIPELINE = JSON.stringify({
  pipeline: [
    { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
    { processor: 'policyengine', policies: 'p', in: 'flat flattenerchan', out: 'events eventchan' },
    { processor: 'exporter', export: 'terminal', format: 'json', in: 'events eventchan' },
  ],
});

const policyOn = (name: string, operation: string) =>
  loadPolicyTexts(
    [{ path: 'p', text: `- rule: ${name}\n  desc: d\n  condition: sf.opflags = ${operation}\n` }],
    '',
    new Diagnostics(),
  );

test('a worker evaluates the policy it was told last', async () => {
  const diagnostics = new Diagnostics();
  const tree = (await loadPipelineText(
    { path: 'p.json', text: PIPELINE },
    { environment: {}, driver: null },
    diagnostics,
  ))!;
  const nodes = tree.drivers[0]!.receivers;
  const [before, other] = [await policyOn('Before', 'EXEC'), await policyOn('After', 'SETUID')];
  const trace = join(root, 't.sf');
  await writeTrace(trace);
  let output = '';
  const read = async (index: number): Promise<string> => {
    output = '';
    const done = new Promise<void>((resolve) => {
      whenRead = resolve;
    });
    worker.receive({ type: 'file', index, path: trace });
    await done;
    return [...output.matchAll(/"id":"([^"]*)"/g)].map((match) => match[1]).join();
  };
  let whenRead = (): void => {};
  const worker: FileWorker = new FileWorker(
    { nodes, policies: enginesOf(nodes).map(() => packPolicy(before.policy)), color: false, version: '0' },
    {
      now: Date.now,
      policy: () => before,
      shared: false,
      send: (message: FromWorker) => {
        if (message.type === 'piece') {
          output += Buffer.from(message.bytes).toString();
          worker.receive({ type: 'written', exporter: message.exporter, id: message.id });
        } else if (message.type === 'read') whenRead();
      },
    },
  );
  assert.match(await read(0), /Before/);
  worker.receive({ type: 'policy', engine: 0, policy: packPolicy(other.policy) });
  const after = await read(1);
  assert.match(after, /After/);
  assert.doesNotMatch(after, /Before/);
});
