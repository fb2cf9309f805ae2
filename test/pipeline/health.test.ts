import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyComponent } from '../../src/components/component.js';
import { setPluginFile } from '../../src/components/plugins/plugin.js';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../src/diagnostics/format.js';
import { checkHealth, componentsOf } from '../../src/pipeline/health.js';
import type { StagePlan } from '../../src/pipeline/tree.js';

type Check = NonNullable<AnyComponent['check']>;

function component(
  kind: AnyComponent['kind'],
  name: string,
  check?: Check,
  options: AnyComponent['options'] = {},
): AnyComponent {
  return { kind, name, summary: 's', options, ...(check && { check }) };
}

test('all checks run at once, each with a time limit; what they find names the component and its file', async () => {
  let waiting = 0;
  let signal: AbortSignal | undefined;
  let release = (): void => {};
  // Each waits for the other, so that they settle only where they run side by side.
  const both = new Promise<void>((resolve) => {
    release = resolve;
  });
  const together: Check = async () => {
    if (++waiting === 2) release();
    await both;
    return [];
  };
  const hanging: Check = (_options, given) => {
    signal = given;
    return new Promise(() => {});
  };
  const components = [
    component('driver', 'a', together),
    component('handler', 'b', together),
    component('transport', 'c', async () => ['no route', 'no name']),
    component('encoder', 'd', () => Promise.reject(new Error('broken'))),
    component('action', 'e', hanging),
    component('processor', 'f', (() => 'fine') as unknown as Check),
    component('processor', 'g'),
  ];
  setPluginFile(components[2]!, 'c.mjs');
  const diagnostics = new Diagnostics();
  await checkHealth(
    components.map((one) => ({ component: one, options: {} })),
    diagnostics,
    30,
  );
  assert.deepEqual(
    diagnostics.items.map((item) => formatDiagnostic(item, { color: false, excerpt: false })),
    [
      "c.mjs: error[health-check]: transport 'c': no route",
      "c.mjs: error[health-check]: transport 'c': no name",
      "error[health-check]: encoder 'd': the check failed: broken",
      "error[health-check]: action 'e': the check did not end within 0.03 s",
      "error[health-check]: processor 'f': the check did not return an array of problems",
    ],
  );
  assert.ok(signal!.aborted);
});

test('every component of the tree is checked with its own options, and so are the actions that rules name', () => {
  const key = { key: { type: 'text', default: 'x', description: 'd' } } as unknown as AnyComponent['options'];
  const [driver, transport] = [component('driver', 'd', undefined, key), component('transport', 't', undefined, key)];
  const [processor, action] = [component('processor', 'p'), component('action', 'a', undefined, key)];
  const stage = {
    component: processor,
    options: { 't.key': 'y' },
    slots: { export: transport },
  } as unknown as StagePlan;
  const plan = { component: driver, options: { 'd.key': 'z' }, path: null, receivers: [{ stage, receivers: [] }] };
  const preparation = { value: null, files: [], refused: false, notes: [], components: [action] };
  assert.deepEqual(componentsOf([plan], new Map([[stage, preparation]])), [
    { component: driver, options: { key: 'z' } },
    { component: processor, options: { 't.key': 'y' } },
    { component: transport, options: { key: 'y' } },
    { component: action, options: { key: 'x' } },
  ]);
});
