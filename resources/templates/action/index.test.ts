import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { alerts, parsePolicies } from 'sfprocessor';
import action from '../src/index.js';

const program = new URL('.', import.meta.resolve('sfprocessor/package.json'));
const trace = fileURLToPath(new URL('resources/traces/shell-session.sf', program));

test('the action tags alerts', async () => {
  const policies = await parsePolicies(`
- rule: Program started
  desc: A program was started
  condition: sf.opflags = EXEC
  actions: [{{name}}]
`);
  const tags: string[] = [];
  for await (const alert of alerts(trace, policies, { actions: [action] })) tags.push(...alert.tags);
  assert.ok(tags.includes('directory:/usr/bin'));
});
