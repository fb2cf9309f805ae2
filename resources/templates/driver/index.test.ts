import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createPipeline, parseExactJson } from 'sfprocessor';
import driver from '../src/index.js';

test('the events of the driver come out of a pipeline', async () => {
  let output = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      output += chunk;
      done();
    },
  });
  const pipeline = await createPipeline(
    {
      drivers: [{ driver: '{{name}}', '{{name}}.events': 5, out: 'sysflow sysflowchan' }],
      pipeline: [
        { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
        { processor: 'policyengine', mode: 'bypass', in: 'flat flattenerchan', out: 'events eventchan' },
        { processor: 'exporter', export: 'terminal', in: 'events eventchan' },
      ],
    },
    { components: [driver], path: 'test', stdout },
  );
  assert.equal(await pipeline.run(), true);
  const records = output.trimEnd().split('\n').map(parseExactJson) as { type: string; proc: { exe: string } }[];
  assert.equal(records.length, 5);
  assert.deepEqual([records[0]?.type, records[0]?.proc.exe], ['PE', '/bin/example']);
});
