import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packPolicy, unpackPolicy } from '../../../src/policy/model/packed-policy.js';
import type { ConditionNode } from '../../../src/policy/model/policy.js';
import { and, check, filter, policy, rule } from '../engine/support/policies.js';
import { policies } from '../engine/support/random.js';

/** A copy as another thread gets it. */
function sent(conditions: Parameters<typeof packPolicy>[0]) {
  return unpackPolicy(structuredClone(packPolicy(conditions)));
}

test('a policy arrives on another thread as it was, without places', () => {
  const withoutPlaces = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (key, item) => (key === 'place' ? null : item)));
  fc.assert(
    fc.property(policies, (original) => {
      assert.deepEqual(withoutPlaces(sent(original)), withoutPlaces(original));
    }),
    { numRuns: 50 },
  );
});

test('attributes are those of the table, with their readers', () => {
  const condition = check('sf.proc.name', '=', 'a');
  const copy = sent(policy([rule('r', condition)], [filter('f', condition)]));
  assert.equal(
    (copy.rules[0]!.condition as typeof condition).left,
    (copy.filters[0]!.condition as typeof condition).left,
  );
  assert.deepEqual(
    { ...(copy.rules[0]!.condition as typeof condition).left, place: null },
    { ...condition.left, place: null },
  );
});

test('macros that double at each level are copied once', () => {
  let node: ConditionNode = check('sf.proc.uid', '=', '1');
  for (let level = 0; level < 60; level++) node = and(node, node);
  const copy = sent(policy([rule('r', node)])).rules[0]!.condition as ConditionNode & { kind: 'and' };
  assert.equal(copy.items[0], copy.items[1]);
});
