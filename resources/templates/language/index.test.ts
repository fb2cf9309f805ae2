import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPipeline } from 'sfprocessor';
import language from '../src/index.js';

const program = new URL('.', import.meta.resolve('sfprocessor/package.json'));
const trace = fileURLToPath(new URL('resources/traces/web-attack.sf', program));
const policies = fileURLToPath(new URL('../../example.watch', import.meta.url));

test('a file of the language raises alerts', async () => {
  let output = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      output += chunk;
      done();
    },
  });
  const pipeline = await createPipeline(
    {
      pipeline: [
        { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
        { processor: 'policyengine', mode: 'alert', policies, in: 'flat flattenerchan', out: 'events eventchan' },
        { processor: 'exporter', export: 'terminal', in: 'events eventchan' },
      ],
    },
    { components: [language], path: trace, stdout },
  );
  assert.equal(await pipeline.run(), true);
  const records = output.trimEnd().split('\n');
  assert.ok(records.length > 0);
  for (const record of records) assert.equal(JSON.parse(record).policies[0].id, 'Password hashes');
});
