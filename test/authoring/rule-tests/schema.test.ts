import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Compile } from 'typebox/schema';
import { parse } from 'yaml';
import { ruleTestSchema } from '../../../src/authoring/rule-tests/schema.js';

const validator = Compile(ruleTestSchema());
const accepts = (text: string): boolean => validator.Check(parse(text));

test('the schema takes what the reader takes, and nothing else', () => {
  assert.ok(
    accepts(`
policy: [a.yaml, b.yaml]
processes: { sh: /bin/sh -c x, web: { exe: /a, uid: 33, tty: true, env: [A=1] } }
containers: { c: 'shop/web:1' }
tests:
  - name: a
    policy: [{ rule: r, condition: x }]
    events:
      - { process: sh, ops: OPEN READ, file: /etc/shadow, openflags: [RDONLY, CREAT] }
      - { process: sh, ops: [CONNECT], connection: 10.0.0.1:1 -> 10.0.0.2:2 }
    rules: R
    expect: { R: 1, S: [{ sf.proc.name: sh, sf.opflags: [OPEN] }], T: { count: 2, with: [{ sf.proc.uid: 0 }] } }
  - { name: b, trace: [a.sf, b.sf], expect: {} }
`),
  );
  for (const wrong of [
    'policy: a',
    'tests: [{ name: a, event: [] }]',
    'tests: [{ name: a, expect: { R: many } }]',
    'processes: { sh: { cmdlin: a } }\ntests: []',
    'tests: [{ events: [{ process: sh, ops: [EXEK] }] }]',
  ]) {
    assert.ok(!accepts(wrong), wrong);
  }
});
