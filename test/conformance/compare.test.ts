import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesOf } from '../../conformance/alert-line.js';
import { compareLines } from '../../conformance/compare.js';

const record = (ts: number, ...rules: string[]): string => {
  const policies = rules.map((id) => `{"id":"${id}","desc":"d","priority":1}`).join(',');
  const attached = rules.length === 0 ? '' : `,"policies":[${policies}],"tags":["t:${rules[0]}"]`;
  return `{"version":5,"endts":0,"opflags":["EXEC"],"ts":${ts},"type":"PE","proc":{"args":"x","oid":"o${ts}"}${attached}}`;
};

const kinds = (recorded: string[], ours: string[]): string[] =>
  compareLines(recorded, ours, 'jsonl').map((one) => ('rule' in one ? `${one.kind} ${one.rule}` : one.kind));

test('equal lines have no differences', () => {
  assert.deepEqual(kinds([record(1), record(2, 'a')], [record(1), record(2, 'a')]), []);
});

test('a rule that fires on one side only is told as that', () => {
  assert.deepEqual(kinds([record(1, 'a', 'b')], [record(1, 'a')]), ['lost b']);
  assert.deepEqual(kinds([record(1)], [record(1, 'a')]), ['gained a']);
  assert.deepEqual(kinds([record(1, 'a')], [record(1, 'a', 'a')]), ['gained a']);
});

test('alerts that one side does not have do not shift those after them', () => {
  const recorded = [record(1, 'a'), record(3, 'a'), record(4, 'a')];
  assert.deepEqual(kinds(recorded, [record(1, 'a'), record(2, 'b'), record(3, 'a'), record(4, 'a')]), ['gained b']);
  assert.deepEqual(kinds(recorded, [record(2, 'b'), record(4, 'a')]), ['lost a', 'lost a', 'gained b']);
  assert.deepEqual(kinds(recorded, recorded.slice(0, 2)), ['lost a']);
});

test('other bytes, another priority, another order and missing records are differences', () => {
  assert.deepEqual(kinds([record(1)], [record(1).replace('"x"', '"y"')]), ['bytes']);
  assert.deepEqual(kinds([record(1, 'a')], [record(1, 'a').replace('"priority":1', '"priority":2')]), ['changed a']);
  assert.deepEqual(kinds([record(1, 'a')], [record(1, 'a').replace('t:a', 't:b')]), ['bytes']);
  assert.deepEqual(kinds([record(1), record(2)], [record(2), record(1)]), ['extra record', 'missing record']);
  assert.deepEqual(kinds([record(1), record(2)], [record(1)]), ['missing record']);
});

test('ECS lines are taken apart by their reason', () => {
  const ecs = (reason: string): string => `{"@timestamp":"x","event":{"kind":"event",${reason}"sf_type":"PE"}}`;
  assert.deepEqual(
    compareLines([ecs('"reason":"a, b","severity":1,')], [ecs('"reason":"a","severity":1,')], 'ecsl').map((one) =>
      'rule' in one ? [one.kind, one.rule] : one.kind,
    ),
    [['lost', 'b']],
  );
});

test('matches of a record: type, times, process, file and the sorted names', () => {
  const line =
    '{"version":5,"endts":18446744073709551615,"opflags":[],"ret":0,"ts":9007199254740993,"type":"FF",' +
    '"file":{"directory":"/a","newpath":"/no","path":"/a/\\u003cb\\""},"pproc":{"oid":"no"},"proc":{"oid":"ff"},' +
    '"policies":[{"id":"z","desc":"","priority":0},{"id":"a","desc":"","priority":0}],"tags":[]}';
  assert.equal(matchesOf(line), 'FF\t9007199254740993\t18446744073709551615\tff\t/a/<b"\ta|z');
  assert.equal(matchesOf(record(1)), null);
});
