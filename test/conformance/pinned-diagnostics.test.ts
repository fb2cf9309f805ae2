import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPinnedPolicy, pinnedPolicies } from '../../conformance/pinned-diagnostics.js';
import { REFERENCE } from '../../conformance/reference.js';

test("the original's policies load with the diagnostics they had", async (t) => {
  const there = pinnedPolicies(REFERENCE);
  if (there.length === 0) {
    t.skip('there is no folder of reference data beside the working copy');
    return;
  }
  const outcomes = await Promise.all(there.map((pinned) => checkPinnedPolicy(REFERENCE, pinned)));
  assert.deepEqual(
    outcomes.map(({ failure }) => failure).filter((failure) => failure !== null),
    [],
  );
});
