import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluateCondition } from '../../../../src/policy/engine/interpreter.js';
import { SatisfiabilityChecker } from '../../../../src/policy/languages/sysflow/satisfiability.js';
import { OpFlag } from '../../../../src/sysflow/op-flags.js';
import { RecordKind } from '../../../../src/sysflow/record-types.js';
import { condition, records } from '../../engine/support/random.js';
import { makeRecord, type RecordSpec } from '../../engine/support/records.js';

const ON_FLOWS = OpFlag.open | OpFlag.readRecv | OpFlag.writeSend;

/** The record with operations and values that the collector can give it. */
function plausible(spec: RecordSpec): RecordSpec {
  const opFlags = spec.opFlags ?? 0;
  switch (spec.kind) {
    case 'processEvent':
      return { ...spec, opFlags: (opFlags & OpFlag.exec) === 0 ? OpFlag.clone : OpFlag.exec };
    case 'fileEvent':
      return { ...spec, opFlags: OpFlag.rename };
    case 'k8sEvent':
      return { ...spec, payload: { kind: 'K8S_PODS', action: 'K8S_COMPONENT_ADDED', message: '{"a":5}' } };
    default:
      return { ...spec, opFlags: opFlags & ON_FLOWS };
  }
}

test('a constant value of a condition holds for every record of the kind', () => {
  let certain = 0;
  fc.assert(
    fc.property(condition, records, (node, specs) => {
      const checker = new SatisfiabilityChecker();
      for (const spec of specs.map(plausible)) {
        const value = checker.constantValue(node, RecordKind[spec.kind!]);
        if (value === undefined) continue;
        certain++;
        assert.equal(evaluateCondition(node, makeRecord(spec)), value, `on a record of kind ${spec.kind}`);
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(certain > 1000, `${certain} certain answers`);
});
