import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from '../../../src/authoring/rule-tests/compare.js';
import type { RaisedAlert } from '../../../src/authoring/rule-tests/model.js';
import { ruleTestsOf } from '../../support/rule-tests.js';

/** An alert by its path and operations. */
function alert(path: string, ...operations: string[]): RaisedAlert {
  return {
    line: path,
    values: new Map([
      ['sf.file.path', [path]],
      ['sf.opflags', operations],
    ]),
  };
}

/** The differences between what `expect` says and alerts of the rule R. */
function differences(expect: string, ...alerts: RaisedAlert[]) {
  const [rule] = ruleTestsOf(`policy: p\ntests: [{ name: a, events: [], expect: ${expect} }]`);
  return compare(rule!.expectations!, alerts.length === 0 ? new Map() : new Map([['R', alerts]]));
}

const messages = (expect: string, ...alerts: RaisedAlert[]): string[] =>
  differences(expect, ...alerts).map(({ rule, message }) => `${rule} ${message}`);

test('the number of alerts counts, and a rule that is not named must not fire', () => {
  assert.deepEqual(messages('{}'), []);
  assert.deepEqual(messages('{ R: 0 }'), []);
  assert.deepEqual(messages('{ R: 2 }', alert('/a'), alert('/b')), []);
  assert.deepEqual(messages('{}', alert('/a')), ['R fired once, expected not to']);
  assert.deepEqual(messages('{ R: 3 }', alert('/a'), alert('/b')), ['R fired 2 times, expected 3 times']);
  assert.deepEqual(messages('{ R: 1, S: 1 }', alert('/a')), ['S did not fire, expected once']);
});

test('values are equal as texts; a text is one element of a list, a list all of them', () => {
  const found = alert('/a', 'OPEN', 'READ');
  assert.deepEqual(messages('{ R: [{ sf.file.path: /a, sf.opflags: READ }] }', found), []);
  assert.deepEqual(messages('{ R: [{ sf.opflags: [OPEN, READ] }] }', found), []);
  assert.deepEqual(messages('{ R: [{ sf.opflags: [READ] }] }', found), [
    "R sf.opflags is 'OPEN', 'READ', expected 'READ'",
  ]);
  assert.deepEqual(messages('{ R: [{ sf.file.path: /b, sf.opflags: OPEN }] }', found), [
    "R sf.file.path is '/a', expected '/b'",
  ]);
});

test('each expected alert is another one, whatever the order', () => {
  const first = alert('/a', 'OPEN');
  const second = alert('/a', 'READ');
  // The first expectation fits both alerts and must leave the one that the second needs.
  assert.deepEqual(messages('{ R: [{ sf.file.path: /a }, { sf.opflags: OPEN }] }', first, second), []);
  assert.deepEqual(messages('{ R: [{ sf.opflags: OPEN }, { sf.opflags: OPEN }] }', first, second), [
    "R sf.opflags is 'READ', expected 'OPEN'",
  ]);
});

test('with count and with, more alerts may be there than are described', () => {
  const alerts = [alert('/a'), alert('/b'), alert('/c')];
  assert.deepEqual(messages('{ R: { count: 3, with: [{ sf.file.path: /b }] } }', ...alerts), []);
  assert.deepEqual(messages('{ R: { with: [{ sf.file.path: /c }] } }', ...alerts), []);
  assert.deepEqual(messages('{ R: { count: 2, with: [{ sf.file.path: /d }] } }', ...alerts), [
    'R fired 3 times, expected 2 times',
    "R sf.file.path is '/a', expected '/d'",
  ]);
});

test('a rule with too few alerts asks for a nearest miss', () => {
  const [few] = differences('{ R: 2 }', alert('/a'));
  assert.equal(few?.lacks, true);
  const [none] = differences('{ R: { with: [{ sf.file.path: /d }] } }');
  assert.equal(none?.lacks, true);
  assert.equal(none?.message, "no alert with sf.file.path '/d'");
  const [many] = differences('{ R: 1 }', alert('/a'), alert('/b'));
  assert.equal(many?.lacks, false);
  assert.equal(many?.alerts.length, 2);
});
