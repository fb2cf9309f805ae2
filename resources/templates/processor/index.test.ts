import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPipeline } from 'sfprocessor';
import processor from '../src/index.js';

const program = new URL('.', import.meta.resolve('sfprocessor/package.json'));
const trace = fileURLToPath(new URL('resources/traces/shell-session.sf', program));

test('the processor logs programs behind its prefix', async () => {
  const lines: string[] = [];
  const pipeline = await createPipeline(
    {
      pipeline: [
        { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
        { processor: '{{name}}', prefix: 'program', in: 'flat flattenerchan' },
      ],
    },
    { components: [processor], path: trace, log: (_level, message) => lines.push(message) },
  );
  assert.equal(await pipeline.run(), true);
  assert.ok(lines.some((line) => /^program \/\S+, \d+$/.test(line)));
  assert.ok(lines.some((line) => /^{{name}}: \d+ records$/.test(line)));
});
