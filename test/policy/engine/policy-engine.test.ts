import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Action } from '../../../src/policy/actions/action.js';
import type { ActionProblem } from '../../../src/policy/actions/action-runner.js';
import { createPolicyEngine, type PolicyMode } from '../../../src/policy/engine/policy-engine.js';
import type { Policy } from '../../../src/policy/model/policy.js';
import type { FlatBatch } from '../../../src/records/flat-batch.js';
import { check, constant, filter, policy, rule } from './support/policies.js';
import { makeBatch, makeProcess, type RecordSpec } from './support/records.js';

/** What one batch becomes: the records passed on as `exe: rule|rule #tag`, and whether it was given back. */
function run(mode: PolicyMode, rules: Policy, specs: readonly RecordSpec[], actions: readonly Action[] = []) {
  const passed: string[] = [];
  const problems: ActionProblem[] = [];
  let recycled = false;
  const engine = createPolicyEngine(
    {
      mode,
      actions: new Map(actions.map((action) => [action.name, action])),
      now: () => 0,
      onActionProblem: (problem) => problems.push(problem),
    },
    rules,
    {
      push(batch: FlatBatch) {
        for (const row of batch.rows.subarray(0, batch.count)) {
          const context = batch.contexts?.[row] ?? null;
          const names = context?.rules.map(({ name }) => name).join('|') ?? '';
          const tags = context?.tags.map((tag) => ` #${tag}`).join('') ?? '';
          passed.push(`${batch.actor(row).process!.exe}: ${names}${tags}`);
        }
        batch.release();
        return undefined;
      },
      end: () => Promise.resolve(),
    },
  );
  const waits = engine.push(
    makeBatch(specs, () => {
      recycled = true;
    }),
  );
  assert.equal(waits, undefined);
  assert.equal(recycled, true, 'the batch is given back');
  return { passed, problems, counters: engine.counters() };
}

const of = (exe: string, rest: RecordSpec = {}): RecordSpec => ({ processes: [makeProcess({ exe })], ...rest });
const nameIs = (name: string) => check('sf.proc.name', '=', name);

describe('modes', () => {
  const rules = policy([rule('first', nameIs('a')), rule('second', check('sf.proc.exe', 'startswith', '/a'))]);
  const specs = [of('/a'), of('/b'), of('/ab')];

  test('alert passes on matches only, with all rules in load order', () => {
    const { passed, counters } = run('alert', rules, specs);
    assert.deepEqual(passed, ['/a: first|second', '/ab: second']);
    assert.deepEqual(
      { ...counters, actions: undefined },
      {
        records: 3,
        dropped: 0,
        matched: 2,
        passed: 2,
        rules: [
          { name: 'first', matched: 1 },
          { name: 'second', matched: 2 },
        ],
        actions: undefined,
      },
    );
  });

  test('enrich passes on everything', () => {
    assert.deepEqual(run('enrich', rules, specs).passed, ['/a: first|second', '/b: ', '/ab: second']);
    assert.deepEqual(run('enrich', policy([]), specs).passed, ['/a: ', '/b: ', '/ab: ']);
  });

  test('bypass evaluates nothing', () => {
    const all = policy([rule('all', constant(true))], [filter('none', constant(true))]);
    assert.deepEqual(run('bypass', all, specs).passed, ['/a: ', '/b: ', '/ab: ']);
  });
});

describe('filters, prefilters, disabled rules', () => {
  test('any enabled filter drops a record before the rules, in both modes', () => {
    const filters = [filter('off', constant(true), false), filter('b', nameIs('b')), filter('c', nameIs('c'))];
    const rules = policy([rule('all', constant(true))], filters);
    const specs = [of('/a'), of('/b'), of('/c')];
    for (const mode of ['alert', 'enrich'] as const) {
      const { passed, counters } = run(mode, rules, specs);
      assert.deepEqual(passed, ['/a: all']);
      assert.equal(counters.dropped, 2);
    }
  });

  test('a prefilter names the record types a rule is tried on', () => {
    const rules = policy([
      rule('any', constant(true)),
      rule('pe', constant(true), { prefilter: ['PE'] }),
      rule('files', constant(true), { prefilter: ['FE', 'FF'] }),
    ]);
    const specs = [
      of('/p', { kind: 'processEvent' }),
      of('/f', { kind: 'fileFlow' }),
      of('/n', { kind: 'networkFlow' }),
    ];
    assert.deepEqual(run('alert', rules, specs).passed, ['/p: any|pe', '/f: any|files', '/n: any']);
  });

  test('a rule that is not enabled is not tried', () => {
    assert.deepEqual(run('alert', policy([rule('off', constant(true), { enabled: false })]), [of('/a')]).passed, []);
  });

  test('two rules of one name both match', () => {
    const rules = policy([rule('same', constant(true)), rule('same', constant(true))]);
    assert.deepEqual(run('alert', rules, [of('/a')]).passed, ['/a: same|same']);
  });
});

describe('actions', () => {
  const tagging = (name: string): Action => ({
    name,
    run: (record, { name: ruleName }, context) => context.addTag(`${name}:${ruleName}:${record.process!.exe}`),
  });

  test('run in the order of the rules and of each rule, and add tags to that record alone', () => {
    const rules = policy([
      rule('one', nameIs('a'), { actions: ['y', 'missing', 'x'] }),
      rule('two', constant(true), { actions: ['x'] }),
    ]);
    assert.deepEqual(run('alert', rules, [of('/a'), of('/b')], [tagging('x'), tagging('y')]).passed, [
      '/a: one|two #y:one:/a #x:one:/a #x:two:/a',
      '/b: two #x:two:/b',
    ]);
  });

  test('one that throws is counted, told with its rule, and stops nothing', () => {
    const broken: Action = {
      name: 'broken',
      run: () => {
        throw new Error('no luck');
      },
    };
    const rules = policy([rule('r', constant(true), { actions: ['broken', 'x'] })]);
    const { passed, problems, counters } = run('alert', rules, [of('/a')], [broken, tagging('x')]);
    assert.deepEqual(passed, ['/a: r #x:r:/a']);
    assert.deepEqual(problems, [
      { kind: 'failed', action: 'broken', file: null, rule: 'r', message: 'no luck', duration: 0 },
    ]);
    assert.deepEqual(counters.actions, { runs: 2, failures: 1, slow: 0 });
  });
});

test('two engines in a row add up what they attach', () => {
  const inner: string[][] = [];
  const options = { mode: 'enrich', actions: new Map(), now: () => 0, onActionProblem: () => {} } as const;
  const second = createPolicyEngine(options, policy([rule('second', constant(true))]), {
    push(batch: FlatBatch) {
      inner.push(batch.contexts![0]!.rules.map(({ name }) => name));
      return undefined;
    },
    end: () => Promise.resolve(),
  });
  createPolicyEngine(options, policy([rule('first', constant(true))]), second).push(makeBatch([of('/a')]));
  assert.deepEqual(inner, [['first', 'second']]);
});

test('another policy takes over between batches', () => {
  const counts: number[] = [];
  const options = { mode: 'alert', actions: new Map(), now: () => 0, onActionProblem: () => {} } as const;
  const engine = createPolicyEngine(options, policy([rule('old', nameIs('a'))]), {
    push(batch: FlatBatch) {
      counts.push(batch.count);
      return undefined;
    },
    end: () => Promise.resolve(),
  });
  engine.push(makeBatch([of('/a'), of('/b'), of('/b')]));
  engine.replacePolicy(policy([rule('new', nameIs('b'))]), new Map());
  engine.push(makeBatch([of('/a'), of('/b'), of('/b')]));
  assert.deepEqual(counts, [1, 2]);
  assert.deepEqual(engine.counters().rules, [{ name: 'new', matched: 2 }]);
});

test('entities that outlive a policy do not keep it in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const options = { mode: 'alert', actions: new Map(), now: () => 0, onActionProblem: () => {} } as const;
  const batch = makeBatch([of('/a')]);
  const actor = batch.actor(0);
  const engine = createPolicyEngine(options, policy([]), { push: () => undefined, end: () => Promise.resolve() });
  const putInForce = (): WeakRef<Policy> => {
    const rules = policy([rule('old', nameIs('a'))]);
    engine.replacePolicy(rules, new Map());
    engine.push(batch);
    return new WeakRef(rules);
  };
  const old = putInForce();
  assert.equal(engine.counters().rules[0]!.matched, 1);
  engine.replacePolicy(policy([]), new Map());
  await setImmediate();
  collect();
  assert.equal(old.deref(), undefined);
  assert.equal(actor.process!.exe, '/a');
});
