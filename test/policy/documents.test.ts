import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { ActionRunner } from '../../src/policy/actions/action-runner.js';
import { checkActions } from '../../src/policy/actions/check-actions.js';
import { loadActions } from '../../src/policy/actions/load-actions.js';
import { allocateMatcherSlots, Matcher } from '../../src/policy/engine/matcher.js';
import { loadPolicyTexts } from '../../src/policy/load-policies.js';
import { projectText } from '../house/support/project.js';
import { makePod } from '../support/records.js';
import { makeBatch, makeProcess, makeRecord } from './engine/support/records.js';

/** The code blocks of a document in a language, as one text. */
function blocks(path: string, language: string): string {
  const found = [...projectText(path).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))];
  assert.notEqual(found.length, 0);
  return found.map(([, text]) => text).join('\n');
}

async function policyOf(path: string) {
  const { policy, diagnostics } = await loadPolicyTexts([{ path, text: blocks(path, 'yaml') }]);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return policy;
}

test('the rules of docs/json-paths.md match what they say', async () => {
  const policy = await policyOf('docs/json-paths.md');
  const ports = [
    { port: 53, targetPort: 53, nodePort: 0, proto: 'UDP' },
    { port: 80, targetPort: 8080, nodePort: 30080, proto: 'TCP' },
  ];
  const service = { name: 'web', id: '1', namespace: 'default', ports, clusterIps: [] };
  const message = '{"items":[{"namespace":"default"},{"namespace":"kube-system"}]}';
  const batch = makeBatch([
    { processes: [makeProcess()], pod: makePod({ services: [service] }) },
    { kind: 'k8sEvent', processes: [], payload: { kind: 'K8S_PODS', action: 'K8S_COMPONENT_ADDED', message } },
  ]);
  const matcher = new Matcher(policy, { actions: new Map(), slots: allocateMatcherSlots() });
  const names = [0, 1].map((row) => matcher.match(batch, row).rules.map((rule) => policy.rules[rule]!.name));
  assert.deepEqual(names, [['Service on a node port'], ['Change in kube-system']]);
});

test('the action of docs/actions.md does what it says, and its rule names it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'actions-'));
  try {
    await writeFile(join(directory, 'origin.mjs'), blocks('docs/actions.md', 'js'));
    const diagnostics = new Diagnostics();
    const shipped = await loadActions('resources/actions', diagnostics);
    const actions = new Map([...shipped, ...(await loadActions(directory, diagnostics))]);
    const policy = await policyOf('docs/actions.md');
    checkActions(policy, actions, diagnostics);
    assert.deepEqual(diagnostics.items, []);
    const runner = new ActionRunner({ now: () => 0, onProblem: () => assert.fail() });
    const [rule] = policy.rules;
    const { tags } = runner.run(makeRecord(), [{ rule: rule!, action: actions.get(rule!.actions[0]!)! }]);
    assert.deepEqual(tags, ['origin:host']);
  } finally {
    await rm(directory, { recursive: true });
  }
});
