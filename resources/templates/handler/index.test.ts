import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPipeline } from 'sfprocessor';
import handler from '../src/index.js';

const program = new URL('.', import.meta.resolve('sfprocessor/package.json'));
const trace = fileURLToPath(new URL('resources/traces/shell-session.sf', program));

test('the handler logs as many files as it is told to', async () => {
  const lines: string[] = [];
  const pipeline = await createPipeline(
    {
      pipeline: [{ processor: 'sysflowreader', handler: '{{name}}', '{{name}}.most': 2, in: 'sysflow sysflowchan' }],
    },
    { components: [handler], path: trace, log: (_level, message) => lines.push(message) },
  );
  assert.equal(await pipeline.run(), true);
  const own = lines.filter((line) => line.startsWith('{{name}}: '));
  assert.equal(own.length, 3);
  assert.match(own[2] ?? '', /^{{name}}: \d+ files in .*shell-session\.sf$/);
});
