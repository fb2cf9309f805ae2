import assert from 'node:assert/strict';
import { test } from 'node:test';
import Schema from 'typebox/schema';
import * as yaml from 'yaml';
import { policySchema } from '../../../../src/policy/languages/sysflow/json-schema.js';
import { ITEMS } from '../../../../src/policy/languages/sysflow/keys.js';
import { load } from './support.js';

const validator = Schema.Compile(policySchema() as never);
const valid = (text: string): boolean => validator.Check(yaml.parse(text));

const RULE = '- rule: r\n  desc: d\n  condition: sf.type = PE\n';

test('files that load without a word are valid', async () => {
  for (const text of [
    RULE,
    `${RULE}  priority: Critical\n  tags: [a, 1]\n  prefilter: [PE, FF]\n  enabled: false\n  actions: [x]\n  output: o\n`,
    `${RULE}  prefilter: [PE]\n  warn_evttypes: false\n  skip-if-unknown-filter: true\n`,
    '- list: l\n  items: [a, 80, [b, true]]\n- macro: m\n  condition: sf.proc.name in (l)\n  append: false\n',
    '- filter: f\n  condition: sf.type = KE\n- drop: g\n  condition: sf.type = KE\n  enabled: true\n',
    '- required_engine_version: 7\n',
  ]) {
    const { diagnostics } = await load(text);
    assert.deepEqual(diagnostics, [], text);
    assert.ok(valid(text), text);
  }
});

test('files with a problem in a key are not', async () => {
  for (const text of [
    '- rule: r\n  desc: d\n',
    '- rul: r\n',
    `${RULE}  priority: urgent\n`,
    `${RULE}  prefilter: [XX]\n`,
    `${RULE}  prefilter: PE\n`,
    `${RULE}  enabled: maybe\n`,
    `${RULE}  conditon: x\n`,
    `${RULE}  exceptions: []\n`,
    '- list: l\n',
    'rule: r\n',
  ]) {
    assert.ok(!valid(text), text);
  }
  assert.ok((await load('- rule: r\n  desc: d\n')).diagnostics.length > 0);
});

test('every key that has an effect is described', () => {
  const { items } = policySchema() as { items: { oneOf: { properties: Record<string, { description: string }> }[] } };
  assert.equal(items.oneOf.length, ITEMS.length);
  for (const [i, { keys }] of ITEMS.entries()) {
    const effective = Object.keys(keys).filter((key) => keys[key]!.ignored === undefined);
    assert.deepEqual(Object.keys(items.oneOf[i]!.properties), effective);
    for (const { description } of Object.values(items.oneOf[i]!.properties)) assert.match(description, /\w.*\.$/);
  }
});
