/** Which alerts `sfprocessor alert` prints, and how. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { traceBytes } from '../../../src/authoring/rule-tests/trace-bytes.js';
import { alertCommand } from '../../../src/cli/commands/alert.js';
import { backtestCommand } from '../../../src/cli/commands/backtest.js';
import { explainCommand } from '../../../src/cli/commands/explain.js';
import type { TraceRecord } from '../../../src/sysflow/index.js';
import { temporaryFiles } from '../../support/rule-tests.js';
import { KeptIo } from '../support/io.js';
import { RECORDS } from '../support/traces.js';

const POLICY = `
- rule: Shadow read
  desc: d
  condition: sf.file.path = /etc/shadow
  priority: high
  tags: [mitre:T1003.008, files]
- rule: Program started
  desc: d
  condition: sf.opflags = EXEC
  priority: low
  tags: [programs]
- rule: Connection
  desc: d
  condition: sf.type = NF
  priority: medium
`;

const DAY = 86_400_000_000_000n;

/** The records of a machine of its own, a day later. */
const LATER: readonly TraceRecord[] = RECORDS.map((record): TraceRecord => {
  if (record.kind === 'header') return { ...record, exporter: 'node-2' };
  if (record.kind === 'process') return { ...record, containerId: 'c0ffee123456' };
  return record.kind === 'processEvent' || record.kind === 'fileFlow' ? { ...record, ts: record.ts + DAY } : record;
});
const CONTAINER: TraceRecord = {
  kind: 'container',
  id: 'c0ffee123456',
  name: 'shop',
  image: 'shop:1',
  imageId: 'x',
  type: 'CT_DOCKER',
  privileged: false,
  podId: null,
};

async function files(t: TestContext): Promise<(name: string) => string> {
  return temporaryFiles(t, {
    'policy.yaml': POLICY,
    'a.sf': await traceBytes(RECORDS),
    'b.sf': await traceBytes([LATER[0]!, CONTAINER, ...LATER.slice(1)]),
  });
}

async function alert(path: (name: string) => string, ...args: string[]): Promise<KeptIo & { status: number }> {
  const io = new KeptIo();
  const status = await alertCommand.run(['-p', path('policy.yaml'), ...args], io);
  return Object.assign(io, { status });
}

const rulesOf = ({ lines }: KeptIo): string[] =>
  lines.map((line) => /(?:HIGH|MEDIUM|LOW) +(.*?) {2}/.exec(line)![1]!).sort();

test('alerts could not be chosen by rule, tag and priority', async (t) => {
  const path = await files(t);
  const chosen = async (...args: string[]): Promise<string[]> => rulesOf(await alert(path, ...args, path('a.sf')));
  const [connection, program, shadow] = ['Connection', 'Program started', 'Shadow read'];
  assert.deepEqual(await chosen(), [connection, program, shadow, shadow]);
  assert.deepEqual(await chosen('--rule', 'Connection'), [connection]);
  assert.deepEqual(await chosen('-r', 'Connection', '-r', 'Program started'), [connection, program]);
  assert.deepEqual(await chosen('--tag', 'mitre:T1003.008'), [shadow, shadow]);
  assert.deepEqual(await chosen('-t', 'programs', '-t', 'files', '--priority', 'medium'), [shadow, shadow]);
  assert.deepEqual(await chosen('--priority', 'medium'), [connection, shadow, shadow]);
  assert.deepEqual(await chosen('--priority', 'high', '--rule', 'Connection'), []);
});

test('alerts could not be chosen by time, process and container', async (t) => {
  const path = await files(t);
  const traces = [path('a.sf'), path('b.sf')];
  const hosts = async (...args: string[]): Promise<string[]> =>
    (await alert(path, ...args, ...traces)).lines.map((line) => line.slice(8, 10) + line.slice(26, 37));
  assert.deepEqual(await hosts('--until', '1700000000500000001'), ['14node-1:a.sf']);
  assert.deepEqual(await hosts('--since', '2023-11-15'), ['15node-2:b.sf', '15node-2:b.sf']);
  assert.deepEqual(await hosts('--container', 'shop', '--rule', 'Connection'), ['14node-2:b.sf']);
  assert.deepEqual(await hosts('--container', 'x,c0ffee12', '--rule', 'Connection'), ['14node-2:b.sf']);
  assert.deepEqual(await hosts('--container', 'sho'), []);
  assert.deepEqual(await hosts('--pid', '4242', '--rule', 'Connection'), ['14node-1:a.sf', '14node-2:b.sf']);
  assert.deepEqual(await hosts('--pid', '1'), []);
  const { stderr } = await alert(path, '--since', '2023-11-15', ...traces);
  assert.match(stderr, /^4 records in 2 traces: 2 alerts\n/);
});

test('--limit shows the first alerts, and the summary counts all', async (t) => {
  const path = await files(t);
  const limited = await alert(path, '-n', '1', path('a.sf'));
  assert.equal(limited.lines.length, 1);
  assert.match(limited.stderr, /^6 records in 1 trace: 4 alerts; 1 shown\n/);
  const all = await alert(path, '--limit', '0', path('a.sf'));
  assert.equal(all.lines.length, 4);
  assert.match(all.stderr, /: 4 alerts\n/);
});

test('alerts of one trace do not name it, and tell their day', async (t) => {
  const path = await files(t);
  const { lines } = await alert(path, path('a.sf'));
  for (const line of lines) assert.match(line, /^2023-11-14T22:13:2\d\.\d{3}Z {2}(HIGH|MEDIUM|LOW) /);
});

test('alerts as CSV have a header line, the rule and the columns that were asked for', async (t) => {
  const path = await files(t);
  const { lines } = await alert(path, '-f', 'csv', '--fields', 'priority,rules,sf.file.path', path('a.sf'));
  assert.deepEqual(lines.slice(0, 3), [
    'priority,rules,sf.file.path',
    'low,Program started,',
    'high,Shadow read,/etc/shadow',
  ]);
  const none = await alert(path, '-f', 'csv', '--until', '1970-01-01', path('a.sf'));
  assert.match(none.stdout, /^priority,rules,tags,sf\.ts,[^\n]*\n$/);
});

test('wrong choices are told with the nearest name, and the status is 2', async (t) => {
  const path = await files(t);
  for (const [args, problem] of [
    [['--rule', 'Shadow raed'], "unknown rule 'Shadow raed'; did you mean 'Shadow read'?"],
    [['--rule', 'connec'], "unknown rule 'connec'; did you mean 'Connection'?"],
    [['--tag', 'mitre:T1003.08'], "unknown tag 'mitre:T1003.08'; did you mean 'mitre:T1003.008'?"],
    [['--priority', 'grave'], "--priority is one of low, medium, high, not 'grave'"],
    [['--pid', '1,x'], "--pid takes a list of process ids, not '1,x'"],
    [['--container', ''], '--container is empty'],
    [['--since', '2023-11-15', '--until', '2023-11-14'], '--since is not before --until'],
    [['--limit', 'x'], "--limit takes a number, not 'x'"],
    [['--fields', 'sf.ts'], '--fields is for --format csv'],
    [['-f', 'csv', '--fields', 'rule'], "--fields: unknown attribute 'rule'; did you mean 'rules'?"],
  ] as const) {
    const { status, stdout, stderr } = await alert(path, ...args, path('a.sf'));
    assert.equal(status, 2, args.join(' '));
    assert.equal(stdout, '');
    assert.equal(stderr.split('\n')[0], problem);
    assert.match(stderr, /\nusage: sfprocessor alert /);
  }
  assert.match(
    (await alert(path, '--until', 'now', path('a.sf'))).stderr,
    /^--until takes a time \(2026-.*\), not 'now'\n/,
  );
});

test('explain takes a time range', async (t) => {
  const path = await files(t);
  const io = new KeptIo();
  const args = ['-p', path('policy.yaml'), '-r', 'Shadow read', '--until', '2023-11-14T22:13:22Z', path('a.sf')];
  assert.equal(await explainCommand.run(args, io), 0);
  assert.equal(io.stderr, '1 match in 3 records\n');
});

test('records that explain and backtest show of several traces were not told apart', async (t) => {
  const path = await files(t);
  const traces = [path('a.sf'), path('b.sf')];
  const explained = new KeptIo();
  await explainCommand.run(['-p', path('policy.yaml'), '-r', 'Program started', ...traces], explained);
  const compared = new KeptIo();
  const changed = await temporaryFiles(t, { 'changed.yaml': POLICY.replaceAll('EXEC', 'EXIT') });
  await backtestCommand.run([path('policy.yaml'), changed('changed.yaml'), ...traces], compared);
  for (const { stdout } of [explained, compared]) {
    assert.match(stdout, /^ *2023-11-14T22:13:20\.500Z {2}node-1:a\.sf /m);
    assert.match(stdout, /^ *2023-11-15T22:13:20\.500Z {2}node-2:b\.sf /m);
  }
});
