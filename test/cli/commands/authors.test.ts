/** The commands of rule authors, each on a small trace and policy. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { traceBytes } from '../../../src/authoring/rule-tests/trace-bytes.js';
import type { Command } from '../../../src/cli/command.js';
import { alertCommand } from '../../../src/cli/commands/alert.js';
import { backtestCommand } from '../../../src/cli/commands/backtest.js';
import { explainCommand } from '../../../src/cli/commands/explain.js';
import { testCommand } from '../../../src/cli/commands/test.js';
import { recordsOfYaml, temporaryFiles, traceOfYaml } from '../../support/rule-tests.js';
import { RecordingIo } from '../support/io.js';

const POLICY = `
- macro: opened
  condition: sf.opflags = OPEN and sf.file.type = f
- rule: Shadow read
  desc: The shadow file is opened
  condition: opened and sf.file.path in (/etc/shadow, /etc/gshadow) and not (sf.proc.name = su)
  priority: high
  tags: [mitre:T1003.008]
  prefilter: [FF]
- rule: Shell
  desc: A shell
  condition: sf.opflags = EXEC and sf.proc.name = sh
  priority: low
`;

const EVENTS = `
processes:
  shell: { cmdline: '/bin/sh -c x', parent: '/usr/sbin/nginx' }
  evil: "/tmp/\\e]0;title\\a\\u202e"
events:
  - { process: shell, ops: EXEC }
  - { process: shell, ops: OPEN READ, file: /etc/shadow }
  - { process: /bin/su, ops: OPEN, file: /etc/shadow }
  - { process: evil, ops: OPEN, file: /etc/gshadow }
  - { process: shell, ops: OPEN, file: /etc/passwd }
  - { process: shell, ops: OPEN, file: /etc/passwd }
`;

async function files(t: TestContext): Promise<(name: string) => string> {
  return temporaryFiles(t, {
    'policy.yaml': POLICY,
    'changed.yaml': POLICY.replace(', /etc/gshadow', '').replace('priority: low', 'priority: medium'),
    'broken.yaml': `${POLICY}- rule: Broken\n  desc: d\n  condition: sf.proc.name =\n`,
    'trace.sf': await traceOfYaml(EVENTS),
    'notes.txt': 'no trace',
  });
}

async function run(command: Command, ...args: string[]): Promise<RecordingIo & { status: number }> {
  const io = new RecordingIo();
  return Object.assign(io, { status: await command.run(args, io) });
}

test('alert prints alerts as text and a summary on standard error', async (t) => {
  const path = await files(t);
  const { status, lines, stderr } = await run(alertCommand, '-p', path('policy.yaml'), path('trace.sf'));
  assert.equal(status, 0);
  assert.equal(lines.length, 3);
  assert.match(lines[0]!, /LOW +Shell +sh\(\d+\) root +EXEC \/bin\/sh -c x +← nginx/);
  assert.match(lines[1]!, /HIGH +Shadow read .*OPEN,READ \/etc\/shadow.*mitre:T1003\.008/);
  assert.match(stderr, /^6 records in 1 trace: 3 alerts\n {2}HIGH +2 {2}Shadow read\n {2}LOW +1 {2}Shell\n$/);
});

test('event data cannot drive the terminal in any of the outputs', async (t) => {
  const path = await files(t);
  const outputs = [
    await run(alertCommand, '-p', path('policy.yaml'), path('trace.sf')),
    await run(explainCommand, '--rule', 'Shadow read', '-p', path('policy.yaml'), path('trace.sf')),
    await run(explainCommand, '-m', '9', '--rule', 'Shell', '-p', path('policy.yaml'), path('trace.sf')),
    await run(backtestCommand, path('policy.yaml'), path('changed.yaml'), path('trace.sf')),
  ];
  for (const { stdout, stderr } of outputs) {
    assert.match(stdout, /x1b\]0;title|u001b\]0;title/);
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});

test('records that a filter drops are counted apart', async (t) => {
  const path = await temporaryFiles(t, {
    'policy.yaml': `${POLICY}- filter: no shells\n  condition: sf.proc.name = sh\n`,
    'trace.sf': await traceOfYaml(`${EVENTS}  - { process: shell, ops: OPEN, file: /etc/shadow }\n`),
  });
  const { stderr } = await run(explainCommand, '--rule', 'Shadow read', '-p', path('policy.yaml'), path('trace.sf'));
  assert.match(stderr, /^1 match in 7 records, and 2 more that filters drop\n$/);
});

test('alert gives JSON and ECS, one object a line', async (t) => {
  const path = await files(t);
  const json = await run(alertCommand, '-f', 'json', '-p', path('policy.yaml'), path('trace.sf'));
  const parsed = json.lines.map((line) => JSON.parse(line) as { policies: { id: string }[]; type: string });
  assert.deepEqual(
    parsed.map(({ policies }) => policies[0]?.id),
    ['Shell', 'Shadow read', 'Shadow read'],
  );
  const ecs = await run(alertCommand, '--format=ecs', '--quiet', '-p', path('policy.yaml'), path('trace.sf'));
  assert.equal((JSON.parse(ecs.lines[0]!) as { ecs: { version: string } }).ecs.version, '8.2');
  assert.equal(ecs.stderr, '');
});

test('alert goes on with what is right, tells what is not, and ends with 1, or 3 for a trace', async (t) => {
  const path = await files(t);
  const broken = await run(alertCommand, '-p', path('broken.yaml'), path('trace.sf'));
  assert.equal(broken.status, 1);
  assert.equal(broken.lines.length, 3);
  assert.match(broken.stderr, /broken\.yaml:\d+:\d+: error\[policy-syntax\]/);
  const strict = await run(alertCommand, '--strict', '-p', path('broken.yaml'), path('trace.sf'));
  assert.equal(strict.status, 1);
  assert.equal(strict.stdout, '');
  const missing = await run(alertCommand, '-p', path('policy.yaml'), path('none.sf'), path('trace.sf'));
  assert.equal(missing.status, 3);
  assert.equal(missing.lines.length, 3);
  assert.match(missing.stderr, /error: .*none\.sf does not exist/);
});

test('alert reads a folder and passes over what is no trace', async (t) => {
  const path = await files(t);
  const { status, lines, stderr } = await run(alertCommand, '-p', path('policy.yaml'), path(''));
  assert.equal(status, 0);
  assert.equal(lines.length, 3);
  assert.match(stderr, /warning: .*notes\.txt is not an Avro object container file; skipped/);
});

test('alert runs the actions that rules name, and tells of those that are missing', async (t) => {
  const action =
    "export default { apiVersion: 1, kind: 'action', summary: 's', options: {}, name: 'mark', run(record, rule, context) { context.addTag('marked:' + rule.name); } };";
  const path = await temporaryFiles(t, {
    'policy.yaml': POLICY.replace('priority: low', 'actions: [mark, gone]'),
    'trace.sf': await traceOfYaml(EVENTS),
    'mark.mjs': action,
  });
  const args = ['-p', path('policy.yaml'), '--actiondir', path(''), path('trace.sf')];
  const { lines, stderr } = await run(alertCommand, ...args);
  assert.match(lines[0]!, /Shell .*marked:Shell/);
  assert.match(stderr, /warning\[missing-action\]: rule 'Shell' names the action 'gone', which is not installed/);
  await writeFile(path('broken.mjs'), 'export default 1;');
  const broken = await run(alertCommand, ...args);
  assert.equal(broken.status, 1, 'it was 0 beside an error');
  assert.deepEqual(broken.lines, lines);
  assert.match(broken.stderr, /broken\.mjs: error\[invalid-plugin\]: the default export: is [51], not a component/);
  assert.equal((await run(alertCommand, '--strict', ...args)).stdout, '');
});

test('alert tells of damage, and of entities that the trace does not have', async (t) => {
  const whole = await traceOfYaml(EVENTS);
  const records = recordsOfYaml(EVENTS).filter((record) => record.kind !== 'process' || record.exe !== '/bin/su');
  const path = await temporaryFiles(t, {
    'policy.yaml': POLICY,
    'torn.sf': Buffer.concat([whole, whole.subarray(-60)]),
    'lacking.sf': await traceBytes(records),
  });
  const torn = await run(alertCommand, '-p', path('policy.yaml'), path('torn.sf'));
  assert.equal(torn.lines.length, 3);
  assert.match(torn.stderr, /damage: .*torn\.sf: .* lost \(first at byte \d+/);
  const lacking = await run(alertCommand, '-p', path('policy.yaml'), path('lacking.sf'));
  assert.match(lacking.stderr, /missing: records name a process \(1 record\) that the trace does not have/);
});

test('wrong arguments are told with the usage line', async () => {
  for (const [command, args, problem] of [
    [alertCommand, [], /^no trace is given\nusage: sfprocessor alert /],
    [alertCommand, ['--format', 'xml', 'a'], /^--format is one of text, json, ecs, csv, not 'xml'\n/],
    [alertCommand, ['--polcy', 'a'], /^unknown option '--polcy'; did you mean '--policy'\?\n/],
    [explainCommand, ['a'], /^no --rule is given\n/],
    [explainCommand, ['--rule', 'x', '--misses', 'many', 'a'], /^--misses takes a number, not 'many'\n/],
    [testCommand, [], /^no file of tests is given\n/],
    [backtestCommand, ['a', 'b'], /^an old policy, a new one and a trace are needed\n/],
  ] as const) {
    const { status, stderr } = await run(command, ...args);
    assert.equal(status, 2);
    assert.match(stderr, problem);
  }
  const help = await run(alertCommand, '-h');
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^usage: sfprocessor alert .*\n\nPrint .*\n\n {2}-p, --policy POLICY {2}/);
});

test('nothing to read and nothing to look for were passed over in silence', async (t) => {
  const path = await temporaryFiles(t, { 'empty.yaml': '' });
  await mkdir(path('folder'));
  const alerts = await run(alertCommand, '-p', path('empty.yaml'), path('folder'));
  assert.equal(alerts.status, 0);
  assert.match(alerts.stderr, /^no rules in .*empty\.yaml\n/);
  assert.match(alerts.stderr, /^warning: .*folder is a folder without files; skipped\n/m);
});

test('explain shows the terms of a hit with their values', async (t) => {
  const path = await files(t);
  const args = ['--rule', 'Shadow read', '-p', path('policy.yaml'), path('trace.sf')];
  const { status, stdout, stderr } = await run(explainCommand, ...args);
  assert.equal(status, 0);
  const place = `${path('policy.yaml')}:`;
  const first = stdout.split('\n\n')[0]!.replaceAll(place, '').split('\n').slice(2);
  assert.deepEqual(first, [
    '  ✓ and',
    "    ✓ record type 'FF' is one of 'FF'  4:9",
    '    ✓ and',
    '      ✓ opened: and',
    "        ✓ sf.opflags 'OPEN', 'READ' is 'OPEN'  3:14",
    "        ✓ sf.file.type 'f' is 'f'  3:36",
    "      ✓ sf.file.path '/etc/shadow' is one of '/etc/shadow', '/etc/gshadow'  6:25",
    '      ✓ not',
    "        ✗ sf.proc.name 'sh' is 'su'  6:78",
  ]);
  assert.equal(stderr, '2 matches in 6 records\n');
  const limited = await run(explainCommand, '-n', '1', ...args);
  assert.equal(limited.stderr, '2 matches in 6 records; 1 shown\n');
});

test('explain --misses shows the nearest records that do not match, each reason once', async (t) => {
  const path = await files(t);
  const args = ['--rule', 'Shadow read', '-p', path('policy.yaml'), path('trace.sf')];
  const { stdout } = await run(explainCommand, '--misses', '2', ...args);
  const [first, second, ...rest] = stdout.split('\n\n').filter((part) => part !== '');
  assert.equal(rest.length, 0);
  assert.match(first!, /su\(\d+\)[\s\S]*✗ not\n +✓ sf\.proc\.name 'su' is 'su'/);
  assert.match(second!, /✗ sf\.file\.path '\/etc\/passwd' is one of/);
});

test('explain --json gives an object for each hit, with the record in full', async (t) => {
  const path = await files(t);
  const { lines } = await run(explainCommand, '--json', '--rule', 'Shell', '-p', path('policy.yaml'), path('trace.sf'));
  assert.equal(lines.length, 1);
  const hit = JSON.parse(lines[0]!) as { held: boolean; terms: { text: string }[]; record: { type: string } };
  assert.equal(hit.held, true);
  assert.equal(hit.record.type, 'PE');
  assert.equal(hit.terms[0]?.text, "sf.opflags 'EXEC' is 'EXEC'");
});

test('explain suggests the nearest name for an unknown rule', async (t) => {
  const path = await files(t);
  const { status, stderr } = await run(explainCommand, '-r', 'Shadow', '-p', path('policy.yaml'), path('trace.sf'));
  assert.equal(status, 2);
  assert.match(stderr, /^unknown rule 'Shadow'; did you mean 'Shadow read'\?\nusage: sfprocessor explain /);
});

test('backtest tells what is gone, new and changed, and ends like diff', async (t) => {
  const path = await files(t);
  const same = await run(backtestCommand, path('policy.yaml'), path('policy.yaml'), path('trace.sf'));
  assert.equal(same.status, 0);
  assert.match(same.stdout, /6 records in 1 trace: 0 alerts gone, 0 new, 0 changed, 3 the same\n$/);
  const differ = await run(backtestCommand, path('policy.yaml'), path('changed.yaml'), path('trace.sf'));
  assert.equal(differ.status, 1);
  assert.match(differ.stdout, /^~ Shell → Shell\n.*\n- Shadow read\n.*gshadow/);
  assert.match(differ.stdout, /\nShadow read +2 +1 +1 +0 +0\nShell +1 +1 +0 +0 +1\n/);
  const reverse = await run(backtestCommand, '--json', path('changed.yaml'), path('policy.yaml'), path('trace.sf'));
  const objects = reverse.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    objects.map(({ change }) => change),
    ['changed', 'new', undefined],
  );
  assert.deepEqual(objects.at(-1)?.alerts, { gone: 0, new: 1, changed: 1, same: 1 });
  const broken = await run(backtestCommand, path('policy.yaml'), path('broken.yaml'), path('trace.sf'));
  assert.equal(broken.status, 3);
  const missing = await run(backtestCommand, path('policy.yaml'), path('none.yaml'), path('trace.sf'));
  assert.equal(missing.status, 3);
  assert.equal(missing.stdout, '', 'every alert was printed as gone');
  assert.match(missing.stderr, /none\.yaml: error\[file-unreadable\]: it cannot be read: no such file or folder/);
});

const RULE_TESTS = `policy: policy.yaml
tests:
  - name: a shell
    events: [{ process: /bin/sh, ops: EXEC }]
    expect: { Shell: 1 }
  - name: another
    events: [{ process: /bin/bash, ops: EXEC }]
    expect: { Shell: 1 } # kept
`;

test('test tells which tests fail, with the nearest miss, and updates the file', async (t) => {
  const path = await temporaryFiles(t, { 'policy.yaml': POLICY, 'rules.test.yaml': RULE_TESTS });
  const failed = await run(testCommand, '--junit', path('junit.xml'), path('rules.test.yaml'));
  assert.equal(failed.status, 1);
  assert.match(failed.stdout, /^✗ .*rules\.test\.yaml {2}1 of 2 tests failed\n {2}✗ another {2}.*:6:11\n/);
  assert.match(failed.stdout, /Shell: did not fire, expected once\n +nearest miss: .*bash/);
  assert.match(failed.stdout, /✗ sf\.proc\.name 'bash' is 'sh' {2}.*policy\.yaml:\d+:\d+\n/);
  assert.match(failed.stdout, /\n2 tests in 1 file: 1 failed\n$/);
  const xml = await readFile(path('junit.xml'), 'utf8');
  assert.match(xml, /<testsuite name="[^"]*" tests="2" failures="1">/);
  assert.match(xml, /<failure message="Shell: did not fire, expected once">/);
  const named = await run(testCommand, '--name', 'a shell', path('rules.test.yaml'));
  assert.equal(named.status, 0);
  const updated = await run(testCommand, '-u', path('rules.test.yaml'));
  assert.equal(updated.status, 0);
  const text = await readFile(path('rules.test.yaml'), 'utf8');
  assert.equal(text, RULE_TESTS.replace('{ Shell: 1 } # kept', '{ Shell: 0 } # kept'));
});

test('test says so where it tests nothing: it said that all passed', async (t) => {
  const path = await temporaryFiles(t, { 'policy.yaml': POLICY, 'tests.yaml': RULE_TESTS });
  await mkdir(path('folder'));
  const named = await run(testCommand, '--name', 'no such name', path('tests.yaml'));
  assert.equal(named.status, 1);
  assert.match(named.stdout, /\n0 tests in 1 file: nothing is tested\n$/);
  const empty = await run(testCommand, path('folder'));
  assert.equal(empty.status, 1);
  assert.equal(empty.stdout, '0 tests in 0 files: nothing is tested\n');
  assert.match(empty.stderr, /folder: this folder contains no test files \(\.test\.yaml, \.test\.yml\)\n$/);
});

test('policies in a folder of rule tests were broken rule tests', async (t) => {
  const path = await temporaryFiles(t, {
    'policy.yaml': POLICY,
    'rules.test.yaml': RULE_TESTS,
    'more.test.yml': RULE_TESTS,
    'named.yaml': RULE_TESTS,
  });
  const folder = await run(testCommand, path(''));
  assert.match(folder.stdout, /^✗ \S+more\.test\.yml .*\n(?:.*\n)*✗ \S+rules\.test\.yaml /);
  assert.doesNotMatch(folder.stdout + folder.stderr, /policy\.yaml {2}|named\.yaml {2}/);
  // A file that is named is taken for what was asked.
  assert.match((await run(testCommand, path('named.yaml'))).stdout, /named\.yaml {2}/);
  const alerts = await run(alertCommand, '-p', path(''), path('policy.yaml'));
  assert.match(alerts.stderr, /named\.yaml:/);
  assert.doesNotMatch(alerts.stderr, /\.test\.ya?ml/);
});

test('test reports unusable files, unknown rules and policies with errors', async (t) => {
  const path = await temporaryFiles(t, {
    'broken.yaml': `${POLICY}- rule: Broken\n  desc: d\n  condition: sf.proc.name =\n`,
    'a.yaml': 'policy: broken.yaml\ntests: [{ name: a, events: [], expect: { Shel: 1 } }]\n',
    'b.yaml': 'policy: broken.yaml\ntests: [{ name: a, events: [] }]\n',
    'c.yaml': 'policy: broken.yaml\ntests: [{ name: a, trace: none.sf, expect: {} }]\n',
  });
  const a = await run(testCommand, path('a.yaml'));
  assert.equal(a.status, 1);
  assert.match(a.stdout, /error\[policy-syntax\][\s\S]*unknown rule 'Shel'; did you mean 'Shell'\?/);
  const b = await run(testCommand, path('b.yaml'));
  assert.match(b.stderr, /b\.yaml:2:17: error\[missing-key\]: a test needs 'expect'; write the expected alerts/);
  assert.match(b.stdout, /1 file not read\n$/);
  const c = await run(testCommand, path('c.yaml'));
  assert.equal(c.status, 3);
  assert.match(c.stdout, /none\.sf does not exist/);
  const none = await run(testCommand, path('d.yaml'));
  assert.equal(none.status, 3);
  assert.match(none.stderr, /d\.yaml: error\[file-unreadable\]/);
});

test('a filter that drops the record is named', async (t) => {
  const path = await temporaryFiles(t, {
    'a.yaml': `policy:
  - filter: no shells
    condition: sf.proc.name = sh
  - rule: Shell
    desc: d
    condition: sf.proc.name = sh
tests:
  - name: a
    events: [{ process: /bin/sh, ops: EXEC }]
    expect: { Shell: 1 }
`,
  });
  const { stdout } = await run(testCommand, path('a.yaml'));
  assert.match(stdout, /dropped by the filter 'no shells': .*sh\(/);
});
