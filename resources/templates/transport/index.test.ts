import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPipeline } from 'sfprocessor';
import transport from '../src/index.js';

const program = new URL('.', import.meta.resolve('sfprocessor/package.json'));
const trace = fileURLToPath(new URL('resources/traces/shell-session.sf', program));

test('the transport sends all records to a server', async () => {
  let received = '';
  const server = createServer((socket) => socket.setEncoding('utf8').on('data', (text) => (received += text)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const pipeline = await createPipeline(
    {
      pipeline: [
        { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
        { processor: 'policyengine', mode: 'bypass', in: 'flat flattenerchan', out: 'events eventchan' },
        {
          processor: 'exporter',
          export: '{{name}}',
          '{{name}}.host': '127.0.0.1',
          '{{name}}.port': port,
          format: 'json',
          in: 'events eventchan',
        },
      ],
    },
    { components: [transport], path: trace },
  );
  assert.equal(await pipeline.run(), true);
  server.close();
  await once(server, 'close');
  const records = received.trimEnd().split('\n');
  assert.ok(records.length > 100);
  for (const record of records) assert.equal(JSON.parse(record).version, 5);
});
