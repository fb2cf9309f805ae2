import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Diagnostics } from '../../../src/diagnostics/diagnostic.js';
import type { Action } from '../../../src/policy/actions/action.js';
import { type ActionProblem, ActionRunner } from '../../../src/policy/actions/action-runner.js';
import { checkActions } from '../../../src/policy/actions/check-actions.js';
import { loadActions } from '../../../src/policy/actions/load-actions.js';
import { constant, policy, rule } from '../engine/support/policies.js';
import { makeRecord } from '../engine/support/records.js';

/** Loads a folder of modules given by name. */
async function load(modules: Record<string, string>) {
  const directory = await mkdtemp(join(tmpdir(), 'actions-'));
  try {
    for (const [name, text] of Object.entries(modules)) await writeFile(join(directory, name), text);
    const diagnostics = new Diagnostics();
    const actions = await loadActions(directory, diagnostics);
    return {
      actions,
      found: diagnostics.items.map(({ code, message }) => `${code}: ${message.replaceAll(directory, '')}`),
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

const matched = { name: 'r', description: '', priority: 1, tags: [] };

test('the shipped example tags a record with the time in nanoseconds', async () => {
  const diagnostics = new Diagnostics();
  const actions = await loadActions('resources/actions', diagnostics);
  assert.deepEqual(diagnostics.items, []);
  const before = BigInt(Date.now()) * 1_000_000n;
  const runner = new ActionRunner({ now: () => 0, onProblem: () => assert.fail() });
  const [tag = ''] = runner.run(makeRecord(), [{ rule: matched, action: actions.get('now')! }]).tags;
  assert.match(tag, /^now_in_nanos:\d{19}$/);
  assert.ok(BigInt(tag.slice('now_in_nanos:'.length)) >= before);
});

const ACTION = "apiVersion: 1, kind: 'action', summary: 's', options: {},";

test('modules that are broken or no action are reported and left out', async () => {
  const { actions, found } = await load({
    'a.mjs': `export default { ${ACTION} name: "a", run() {} };`,
    'broken.mjs': 'throw new Error("at load");',
    'encoder.mjs': `export default { ${ACTION} kind: "encoder", name: "e", create() {} };`,
    'none.mjs': 'export const name = "x";',
    'old.mjs': 'export default { name: "old", run() {} };',
    'readme.txt': 'not looked at',
  });
  assert.deepEqual([...actions.keys()], ['a']);
  assert.deepEqual(found, [
    'plugin-unreadable: at load',
    "invalid-plugin: encoder 'e': this folder is for components of kind 'action' only",
    'invalid-plugin: the module has no default export, which would be the component or an array of them',
    "invalid-plugin: the default export: does not declare the interface version; add apiVersion: 1, kind: 'action', summary: '…', options: {}",
  ]);
});

test('of two actions with one name the later counts, with a warning', async () => {
  const { actions, found } = await load({
    'a.mjs': `export default { ${ACTION} name: "x", run(r, rule, c) { c.addTag("first"); } };`,
    'b.mjs': `export default { ${ACTION} name: "x", run(r, rule, c) { c.addTag("second"); } };`,
  });
  assert.deepEqual(found, ["duplicate-name: action 'x' is also in /a.mjs; this one is used"]);
  const runner = new ActionRunner({ now: () => 0, onProblem: () => assert.fail() });
  assert.deepEqual(runner.run(makeRecord(), [{ rule: matched, action: actions.get('x')! }]).tags, ['second']);
});

test('an action of the folder takes the place of another plugin of that name, with a warning', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'actions-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'x.mjs'), `export default { ${ACTION} name: "x", run() {} };`);
  const common = { kind: 'action', summary: 's', options: {}, run: () => {} } as const;
  const others = [
    { ...common, name: 'x' },
    { ...common, name: 'y' },
  ];
  const diagnostics = new Diagnostics();
  const actions = await loadActions(directory, diagnostics, others);
  assert.deepEqual([...actions.keys()], ['x', 'y']);
  assert.notEqual(actions.get('x'), others[0]);
  assert.equal(actions.get('y'), others[1]);
  assert.deepEqual(
    diagnostics.items.map(({ code, message }) => `${code}: ${message}`),
    ["duplicate-name: action 'x' is also among the other plugins; this one is used"],
  );
});

test('a folder that is not there has no actions', async () => {
  const diagnostics = new Diagnostics();
  assert.equal((await loadActions(join(tmpdir(), 'no', 'such', 'folder'), diagnostics)).size, 0);
  assert.deepEqual(diagnostics.items, []);
});

test('an action that a rule names and that is missing is reported with the nearest name', () => {
  const diagnostics = new Diagnostics();
  const installed = new Map<string, Action>([['podname', { name: 'podname', run: () => {} }]]);
  checkActions(policy([rule('r', constant(true), { actions: ['podname', 'podnane'] })]), installed, diagnostics);
  assert.deepEqual(
    diagnostics.items.map(({ code, message, hint }) => ({ code, message, hint })),
    [
      {
        code: 'missing-action',
        message: "rule 'r' names the action 'podnane', which is not installed",
        hint: "did you mean 'podname'?",
      },
    ],
  );
});

test('a slow action is counted and told', () => {
  let time = 0;
  const problems: ActionProblem[] = [];
  const runner = new ActionRunner({ now: () => time, onProblem: (problem) => problems.push(problem) });
  const action: Action = {
    name: 'lazy',
    run: () => {
      time += 25;
    },
  };
  runner.run(makeRecord(), [{ rule: matched, action }]);
  assert.deepEqual(problems, [{ kind: 'slow', action: 'lazy', file: null, rule: 'r', message: null, duration: 25 }]);
  assert.equal(runner.slow, 1);
});

test('an async action that fails later is counted and told', async () => {
  const problems: ActionProblem[] = [];
  const runner = new ActionRunner({ now: () => 0, onProblem: (problem) => problems.push(problem) });
  const action = { name: 'async', run: () => Promise.reject(new Error('later')) } as unknown as Action;
  runner.run(makeRecord(), [{ rule: matched, action }]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['later'],
  );
  assert.equal(runner.failures, 1);
});

test('an action can add only so many tags and notes; a name noted again gets the later value', () => {
  const runner = new ActionRunner({ now: () => 0, onProblem: () => assert.fail() });
  const action: Action = {
    name: 'many',
    run: (_record, _rule, context) => {
      for (let i = 0; i < 1000; i++) context.addTag(String(i));
      for (let i = 0; i < 1000; i++) context.note(`name-${i}`, 'first');
      context.note('name-0', 'later');
    },
  };
  const { tags, findings } = runner.run(makeRecord(), [{ rule: matched, action }]);
  assert.equal(tags.length, 64);
  assert.equal(findings.size, 64);
  assert.equal(findings.get('name-0'), 'later');
});
