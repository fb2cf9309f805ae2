import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRuleTests } from '../../../src/authoring/rule-tests/read-file.js';
import { Diagnostics } from '../../../src/diagnostics/diagnostic.js';
import { positionAt } from '../../../src/diagnostics/format.js';
import { ruleTestsOf } from '../../support/rule-tests.js';

/** What is wrong in a text, as `line:column code: message; hint`. */
function problems(text: string): string[] {
  const diagnostics = new Diagnostics();
  const source = { path: 'dir/a.yaml', text };
  readRuleTests(source, diagnostics);
  return diagnostics.items.map(({ code, message, range, hint }) => {
    const { line, column } = range === null ? { line: 0, column: 0 } : positionAt(text, range.start);
    return `${line}:${column} ${code}: ${message}${hint === undefined ? '' : `; ${hint}`}`;
  });
}

/** A test around some lines, which stand from line 4 on, column 5. */
const around = (lines: string): string => `policy: p.yaml\ntests:\n  - name: x\n${lines.replaceAll(/^/gm, '    ')}`;

test('all problems are reported together, with their positions', () => {
  const cases: [text: string, ...expected: RegExp[]][] = [
    ['', /^0:0 missing-key: the file is empty/],
    ['a: [', /yaml-syntax/],
    ['- a', /^1:1 invalid-value: a file of rule tests must be a map/],
    ['policy: x', /^1:1 missing-key: a file of rule tests needs 'tests'/],
    ['policy: x\ntest: []\ntests: []', /^2:1 unknown-key: a file of rule tests has no 'test'; did you mean 'tests'\?/],
    ['tests:\n  - { name: a, events: [], expect: {} }', /^2:5 missing-key: a test needs a 'policy'/],
    ['policy: x\ntests:\n  - { events: [], expect: {} }', /^3:5 missing-key: a test needs 'name'/],
    [around('expect: {}'), /^3:5 missing-key: a test needs a 'trace' or 'events'/],
    [around('trace: a\nevents: []'), /^5:5 invalid-value: a test has either a 'trace' or 'events'/],
    [around('events: {}'), /^4:13 invalid-value: 'events' must be a list/],
    [around('events: [x]'), /^4:14 invalid-value: an event must be a map/, /needs 'process'/, /needs 'ops'/],
    [
      around('events: [{ process: sh, ops: EXEK }]\nprocesses: { shh: /bin/sh }'),
      /^4:25 invalid-value: 'sh' is not declared under 'processes'; did you mean 'shh'\?/,
      /^4:34 invalid-value: unknown value 'EXEK' of 'ops'; did you mean 'EXEC'\?/,
    ],
    [around('events: [{ process: /a, ops: OPEN }]'), /^4:14 missing-key: an event needs 'file'/],
    [around('events: [{ process: /a, ops: RENAME, file: /x }]'), /^4:14 missing-key: an event needs 'newfile'/],
    [around('events: [{ process: /a, ops: EXEC, ret: x }]'), /^4:45 invalid-value: 'ret' must be a 64-bit integer/],
    [around('events: [{ process: /a, ops: EXEC, ret: 9999999999 }]'), /'ret' must be a 32-bit integer/],
    [around('events: [{ process: /a, ops: CONNECT, connection: 1.2.3.4 }]'), /'1.2.3.4' is not a connection; write 10/],
    [around('events: [{ process: /a, ops: CONNECT, connection: "1.2.3.4:1 -> 1.2.3.999:1" }]'), /is not a connection/],
    [
      around(
        'events: [{ process: a, ops: EXEC }]\nprocesses: { a: { exe: /a, parent: b }, b: { exe: /b, parent: a } }',
      ),
      /^5:67 invalid-value: the process 'a' is its own ancestor/,
    ],
    [
      around('events: [{ process: a, ops: EXEC }]\nprocesses: { a: { exe: /a, container: c, tty: yes } }'),
      /^5:51 invalid-value: 'tty' must be true or false/,
      /^5:43 invalid-value: 'c' is not declared under 'containers'/,
    ],
    [around('events: []\nexpect: { R: many }'), /^5:18 invalid-value: the expectation of a rule must be a number/],
    [
      around('events: []\nexpect: { R: [{ sf.proc.exee: a }] }'),
      /^5:21 unknown-attribute: unknown attribute 'sf.proc.exee'; did you mean 'sf.proc.exe'\?/,
    ],
    [around('events: []\nexpect: { R: [{ sf.proc.exe: [a] }] }'), /^5:34 invalid-value: 'sf.proc.exe' is not a list/],
    [around('events: []\nexpect: { R: [{ "sf.proc.exe[1]": a }] }'), /'sf.proc.exe' takes no '\[1\]'/],
    [around('events: []\nexpect: { R: { count: 1, wit: [] } }'), /an expectation has no 'wit'; did you mean 'with'\?/],
    [around('events: []\nname: y'), /duplicate-key: duplicate key 'name'/],
  ];
  for (const [text, ...expected] of cases) {
    const found = problems(text);
    for (const pattern of expected) {
      assert.ok(
        found.some((problem) => pattern.test(problem)),
        `${pattern} in ${JSON.stringify(found)} for\n${text}`,
      );
    }
    assert.equal(found.length, expected.length, `${JSON.stringify(found)} for\n${text}`);
  }
});

test('rules inside the file are read in their place', () => {
  const text =
    'tests:\n  - name: a\n    policy:\n      - rule: r\n        condition: sf.proc.nam = x\n    events: []\n    expect: {}\n';
  const [inline] = ruleTestsOf(text);
  assert.ok(inline?.policy.kind === 'text');
  assert.equal(inline.policy.text.text.indexOf('sf.proc.nam'), text.indexOf('sf.proc.nam'));
  assert.equal(inline.policy.text.text.trim().split('\n').length, 2);
});

test('paths are seen from the file', () => {
  const diagnostics = new Diagnostics();
  const text = 'policy: [../p.yaml, /q.yaml]\ntests: [{ name: a, trace: t.sf, expect: {} }]';
  const { tests } = readRuleTests({ path: 'dir/sub/a.yaml', text }, diagnostics);
  assert.deepEqual(tests[0]?.policy, { kind: 'paths', paths: ['dir/p.yaml', '/q.yaml'] });
  assert.deepEqual(tests[0]?.input, { kind: 'traces', paths: ['dir/sub/t.sf'] });
});

test('aliases stand for what they name', () => {
  const [first, second] = ruleTestsOf(`
policy: p
processes: { sh: &sh { exe: /bin/sh, uid: 5 }, again: *sh }
tests:
  - { name: a, events: &events [{ process: again, ops: EXEC }], expect: &none {} }
  - { name: b, events: *events, expect: *none }
`);
  assert.ok(first?.input.kind === 'records' && second?.input.kind === 'records');
  assert.deepEqual(second.input.records, first.input.records);
  assert.ok(first.input.records.some((record) => record.kind === 'process' && record.uid === 5));
  assert.deepEqual(second.expectations, []);
  assert.match(problems(around('events: *none')).join(), /./);
  const many = `[${'*a, '.repeat(2000)}]`;
  assert.ok(
    problems(around(`x: &a b\nrules: ${many}\nevents: []`)).some((text) => /more than 1000 aliases/.test(text)),
  );
});

test('no text makes reading throw', () => {
  for (const text of ['['.repeat(10_000), '{a: '.repeat(5_000), 'a: &a [*a]', '!!binary x', '\0', '? [a]\n: b']) {
    assert.ok(problems(text).length > 0, text.slice(0, 20));
  }
});
