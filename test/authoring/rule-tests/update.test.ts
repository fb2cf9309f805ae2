import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleTestRunner } from '../../../src/authoring/rule-tests/run.js';
import { updateExpectations } from '../../../src/authoring/rule-tests/update.js';
import { ruleTestsOf } from '../../support/rule-tests.js';

const HEAD = `# head
policy:
  - rule: Shadow read
    desc: d
    condition: sf.file.path = /etc/shadow
  - rule: 'Odd: name, [x]'
    desc: d
    condition: sf.proc.name = odd
tests:
`;
const EVENTS = `    events:
      - { process: /bin/cat, ops: OPEN, file: /etc/shadow }
      - { process: /bin/odd, ops: OPEN READ, file: /etc/shadow }
`;

/** The text with its expectations updated; a second update must change nothing. */
async function update(text: string): Promise<string> {
  const once = await updateOnce(text);
  assert.equal(await updateOnce(once), once, 'an update changes nothing the second time');
  return once;
}

async function updateOnce(text: string): Promise<string> {
  const runner = new RuleTestRunner(false);
  const results = [];
  for (const ruleTest of ruleTestsOf(text)) results.push(await runner.run(ruleTest));
  return updateExpectations(text, results);
}

test('only what is wrong changes; comments and everything else stay', async () => {
  const cases: [before: string, after: string][] = [
    [
      '    expect:\n      # why\n      Shadow read: 1 # here\n      "Odd: name, [x]":   1\n',
      '    expect:\n      # why\n      Shadow read: 2 # here\n      "Odd: name, [x]":   1\n',
    ],
    [
      '    expect:\n      Shadow read: 2 # last\n',
      '    expect:\n      Shadow read: 2 # last\n      "Odd: name, [x]": 1\n',
    ],
    ['    expect: {} # none\n', '    expect:\n      Shadow read: 2\n      "Odd: name, [x]": 1 # none\n'],
    ['    expect:\n', '    expect:\n      Shadow read: 2\n      "Odd: name, [x]": 1\n'],
    ['', '    expect:\n      Shadow read: 2\n      "Odd: name, [x]": 1\n'],
    [
      '    expect: { Shadow read: 3 }\n    rules: [Shadow read]\n',
      '    expect: { Shadow read: 2 }\n    rules: [Shadow read]\n',
    ],
    ['    expect: { Shadow read: 2 }\n', '    expect: { Shadow read: 2, "Odd: name, [x]": 1 }\n'],
    [
      '    expect:\n      "Odd: name, [x]": 1\n      Shadow read: [{ sf.proc.name: cat }]\n',
      '    expect:\n      "Odd: name, [x]": 1\n      Shadow read:\n        - { sf.proc.name: cat }\n        - { sf.proc.name: odd }\n',
    ],
    [
      '    expect:\n      Shadow read:\n        - { sf.opflags: [OPEN] }\n        - { sf.opflags: [READ] }\n      "Odd: name, [x]": [{ sf.opflags: READ }]\n',
      '    expect:\n      Shadow read:\n        - { sf.opflags: [OPEN] }\n        - { sf.opflags: [OPEN, READ] }\n      "Odd: name, [x]": [{ sf.opflags: READ }]\n',
    ],
    [
      '    expect: { "Odd: name, [x]": 1, Shadow read: { count: 1, with: [{ sf.proc.name: odd }] } }\n',
      '    expect: { "Odd: name, [x]": 1, Shadow read: { count: 2, with: [{ sf.proc.name: odd }] } }\n',
    ],
  ];
  for (const [before, after] of cases) {
    const name = '  - name: x\n';
    assert.equal(await update(HEAD + name + EVENTS + before), HEAD + name + EVENTS + after, before);
  }
});

test('a rule that no longer fires is expected 0 times', async () => {
  const text = `${HEAD}  - name: x\n    events: []\n    expect: { Shadow read: [{ sf.proc.name: a }] }\n`;
  assert.match(await update(text), /expect: \{ Shadow read: 0 \}/);
});

test('tests that pass, and tests with problems, stay as they are', async () => {
  const text = `${HEAD}  - name: x\n${EVENTS}    rules: [Nothing]\n    expect: { Nothing: 1 }\n`;
  assert.equal(await updateOnce(text), text);
});
