import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPipeline } from 'sfprocessor';
import encoder from '../src/index.js';

const program = new URL('.', import.meta.resolve('sfprocessor/package.json'));
const trace = fileURLToPath(new URL('resources/traces/shell-session.sf', program));

test('the encoder writes a line for each record', async () => {
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
        { processor: 'policyengine', mode: 'bypass', in: 'flat flattenerchan', out: 'events eventchan' },
        {
          processor: 'exporter',
          export: 'terminal',
          format: '{{name}}',
          '{{name}}.separator': ';',
          in: 'events eventchan',
        },
      ],
    },
    { components: [encoder], path: trace, stdout },
  );
  assert.equal(await pipeline.run(), true);
  const lines = output.trimEnd().split('\n');
  assert.ok(lines.length > 100);
  for (const line of lines) assert.match(line, /^\d+;[A-Z]{2};".*"$/);
});
