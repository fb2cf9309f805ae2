import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeTest, type Explanation, explainRule } from '../../../src/policy/engine/explain.js';
import { OPERATORS } from '../../../src/policy/engine/operators/table.js';
import { and, attribute, check, not, or, PLACE, rule } from './support/policies.js';
import { makeProcess, makeRecord } from './support/records.js';

const record = makeRecord({ processes: [makeProcess({ exe: '/bin/bash', args: 'a\x1b[31m\nb', uid: 5 })] });

/** The tree as indented lines, `+` for what held. */
function lines(explanation: Explanation, indent = ''): string[] {
  const own = `${indent}${explanation.held ? '+' : '-'} ${explanation.text}`;
  return [own, ...explanation.terms.flatMap((term) => lines(term, `${indent}  `))];
}

test('a rule is explained term by term, with the values', () => {
  const shell = {
    kind: 'macro',
    name: 'shell',
    body: check('sf.proc.name', 'in', 'sh', 'bash'),
    place: PLACE,
  } as const;
  const broken = { kind: 'const', value: false, reason: "unknown attribute 'sf.prok.name'", place: PLACE } as const;
  const condition = and(shell, not(check('sf.proc.uid', '>', '0')), or(broken));
  assert.deepEqual(lines(explainRule(rule('r', condition, { prefilter: ['PE', 'FF'] }), record)), [
    '- and',
    "  + record type 'PE' is one of 'PE', 'FF'",
    '  - and',
    '    + shell',
    "      + sf.proc.name 'bash' is one of 'bash', 'sh'",
    '    - not',
    "      + sf.proc.uid '5' is greater than '0'",
    '    - or',
    "      - unknown attribute 'sf.prok.name'",
  ]);
});

test('values are cut and cannot drive a terminal', () => {
  assert.equal(
    describeTest(check('sf.proc.args', 'contains', 'x'.repeat(300)), record),
    `sf.proc.args 'a\\u001b[31m\\u000ab' contains '${'x'.repeat(200)}…'`,
  );
  const many = Array.from({ length: 20 }, (_, i) => String(i));
  assert.match(describeTest(check('sf.proc.gid', 'in', ...many), record), /is one of '0', '1'.*'7' and 12 more$/);
  assert.match(
    describeTest(check('sf.proc.uid', 'in', ...many.slice(6), '5'), record),
    /^sf.proc.uid '5' is one of '5', '6', '7'/,
  );
});

test('every operator says what it asks', () => {
  for (const operator of Object.values(OPERATORS)) {
    const right = operator.kind === 'presence' ? [] : [attribute('sf.proc.exe')];
    const text = describeTest(check('sf.proc.name', operator.name, ...right), record);
    assert.match(text, /^sf\.proc\.name 'bash' \S+/);
    assert.equal(
      text.endsWith("sf.proc.exe '/bin/bash'"),
      operator.kind !== 'presence' && operator.name !== 'icontains',
    );
  }
});
