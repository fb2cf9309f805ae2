import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distanceTo, NearestMisses, wrongTerms } from '../../src/authoring/nearest-miss.js';
import { readTraces } from '../../src/authoring/read-traces.js';
import { evaluateCondition } from '../../src/policy/engine/interpreter.js';
import type { Rule } from '../../src/policy/model/policy.js';
import type { FlatBatch } from '../../src/records/flat-batch.js';
import type { FlatRecord } from '../../src/records/flat-record.js';
import { and, attribute, check, constant, not, or, rule } from '../policy/engine/support/policies.js';
import { Collector, recordsOf } from '../support/records.js';
import { traceOfYaml } from '../support/rule-tests.js';

const collector = new Collector<FlatBatch>();
await readTraces(
  await traceOfYaml(`
events:
  - { process: /bin/cat /etc/shadow, ops: EXEC }
  - { process: /bin/cat /etc/shadow, ops: OPEN, file: /etc/passwd }
  - { process: /bin/less, ops: OPEN, file: /etc/group }
  - { process: /bin/cat /etc/shadow, ops: OPEN, file: /etc/passwd }
  - { process: /bin/cat /etc/shadow, ops: EXIT }
`),
  [() => collector],
);
const records = collector.items.flatMap(recordsOf);
const [exec, open, less] = records as [FlatRecord, FlatRecord, FlatRecord];

const shadow: Rule = rule(
  'shadow',
  and(
    check('sf.opflags', '=', 'OPEN'),
    or(check('sf.file.path', '=', '/etc/shadow'), check('sf.file.path', 'startswith', '/root/')),
    not(or(check('sf.proc.name', '=', 'cat'), check('sf.proc.name', '=', 'login'))),
  ),
  { prefilter: ['FF'] },
);

test('the distance is 0 where the rule matches and grows with the terms that are wrong', () => {
  const matching = rule('m', check('sf.proc.name', '=', 'cat'));
  assert.equal(distanceTo(matching, exec), 0);
  assert.deepEqual(wrongTerms(matching, exec), []);
  assert.equal(distanceTo(shadow, less), 2);
  assert.equal(distanceTo(shadow, open), 3);
  assert.ok(distanceTo(shadow, exec) > 10, 'another type of record is far away');
});

test('the wrong terms are those of the nearest alternative, with what is and must not be', () => {
  assert.deepEqual(
    wrongTerms(shadow, open).map(({ text, holds }) => [holds, text]),
    [
      [false, "sf.file.path '/etc/passwd' is '/etc/shadow'"],
      [true, "sf.proc.name 'cat' is 'cat'"],
    ],
  );
  assert.match(wrongTerms(shadow, exec)[0]!.text, /^record type 'PE' is one of 'FF'$/);
});

test('a record that is excluded is nearer than one with another value', () => {
  const excluded = rule('e', and(check('sf.file.path', '=', '/etc/passwd'), not(check('sf.proc.name', '=', 'cat'))));
  assert.ok(distanceTo(excluded, open) < distanceTo(excluded, less));
  const unequal = rule('u', and(check('sf.file.path', '=', '/etc/passwd'), check('sf.proc.name', '!=', 'cat')));
  assert.equal(distanceTo(unequal, open), distanceTo(excluded, open));
});

test('a term that no record can change is the last to be shown', () => {
  const broken = rule('b', or(constant(false), check('sf.proc.name', '=', 'x')));
  assert.deepEqual(
    wrongTerms(broken, exec).map(({ text }) => text),
    ["sf.proc.name 'cat' is 'x'"],
  );
});

test('the distance is 0 exactly where the condition holds', () => {
  const terms = [
    check('sf.proc.name', '=', 'cat'),
    check('sf.file.path', 'endswith', 'passwd'),
    check(attribute('sf.opflags'), '=', 'OPEN'),
    constant(true),
    constant(false),
  ];
  for (const a of terms) {
    for (const b of terms) {
      for (const condition of [and(a, not(b)), or(not(a), b), not(and(a, b)), not(or(a, not(b)))]) {
        for (const record of records) {
          const held = evaluateCondition(condition, record);
          assert.equal(distanceTo(rule('r', condition), record) === 0, held);
          assert.equal(wrongTerms(rule('r', condition), record).length === 0, held);
        }
      }
    }
  }
});

test('the nearest misses come first, each reason once', () => {
  const misses = new NearestMisses(shadow, 3, (record) => record.file?.path ?? record.type);
  for (const record of records) misses.add(record);
  assert.deepEqual(
    misses.list.map(({ kept }) => kept),
    ['/etc/group', '/etc/passwd', 'PE'],
  );
  const one = new NearestMisses(shadow, 1, (record) => record.file?.path ?? record.type);
  for (const record of records) one.add(record);
  assert.deepEqual(
    one.list.map(({ kept }) => kept),
    ['/etc/group'],
  );
});
