import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { printCommand } from '../../../src/cli/commands/print.js';
import type { TraceRecord } from '../../../src/sysflow/index.js';
import { KeptIo } from '../support/io.js';
import { RECORDS, writeTornTrace, writeTrace } from '../support/traces.js';

const folder = mkdtempSync(join(tmpdir(), 'sfprocessor-test-'));
const trace = join(folder, 'trace.sf');
before(() => writeTrace(trace));
after(() => rmSync(folder, { recursive: true }));

async function print(...args: string[]): Promise<{ status: number; io: KeptIo }> {
  const io = new KeptIo();
  return { status: await printCommand.run(args, io), io };
}

test('events and flows, one a line, joined with their entities', async () => {
  const { status, io } = await print(trace);
  assert.equal(status, 0);
  assert.deepEqual(io.lines, [
    '2023-11-14T22:13:20.500000000Z PE bash(4242) root  EXEC /bin/bash -c "x"',
    '2023-11-14T22:13:21.000000000Z PE bash(4242/4250) root  SETUID [www-data] failed: EPERM',
    '2023-11-14T22:13:21.000000002Z FF bash(4242) root  OPEN,CLOSE,READ 3 /etc/shadow {RDONLY} read 9007199254740993 B in 2 +0.500000s',
    String.raw`2023-11-14T22:13:22.000000000Z FE bash(4242) root  SYMLINK /etc/shadow -> /tmp/\x1b[2J\nforged \u202eline failed: EACCES`,
    '2023-11-14T22:13:22.000000000Z NF bash(4242) root  CONNECT,RECV 5 tcp 127.0.0.1:40000 -> 127.0.0.2:4444 received 9007199254740993 B in 2 +1.000000s',
    '2023-11-14T22:13:24.000000000Z PE init(1) root  EXIT code 1',
  ]);
});

test('entities where they are asked for', async () => {
  const { io } = await print('--type', 'header,Process,file', trace);
  assert.deepEqual(io.lines, [
    'SFHeader version 5 exporter node-1 address 10.0.0.1 file /data/t.sf',
    '2023-11-14T22:13:20.000000001Z Process CREATED 1 root:root no parent tty  /sbin/init in /srv',
    '2023-11-14T22:13:20.000000001Z Process CREATED 4242 root:root parent 1 tty  /bin/bash -c "x" in /srv',
    '2023-11-14T22:13:20.000000001Z File REUP f /etc/shadow',
    String.raw`2023-11-14T22:13:20.000000001Z File REUP f /tmp/\x1b[2J\nforged \u202eline`,
  ]);
});

test('records by type and process, up to a limit', async () => {
  assert.equal((await print('--type', 'pe', trace)).io.lines.length, 3);
  assert.equal((await print('--type=FF,NF', trace)).io.lines.length, 2);
  assert.equal((await print('--pid', '1', trace)).io.lines.length, 1);
  assert.equal((await print('--pid', '1,4242', '--json', trace)).io.lines.length, 8);
  // An option that takes a list may be given more than once, too.
  assert.equal((await print('--pid', '1', '--pid', '4242', '--json', trace)).io.lines.length, 8);
  assert.deepEqual(
    (await print('--type', 'PE', '--type', 'FF', trace)).io.lines,
    (await print('--type', 'PE,FF', trace)).io.lines,
  );
  assert.equal((await print('--limit', '2', trace, trace)).io.lines.length, 2);
  assert.equal((await print('--limit', '8', trace, trace)).io.lines.length, 8);
});

test('--limit 0 printed nothing where other commands take it for no limit', async () => {
  assert.equal((await print('--limit', '0', trace)).io.lines.length, 6);
  assert.equal((await print('-n', '0', trace)).io.lines.length, 6);
  assert.equal((await print('-n', '1', trace)).io.lines.length, 1);
});

test('records could not be chosen by time', async () => {
  const times = async (...args: string[]): Promise<string[]> =>
    (await print(...args, trace)).io.lines.map((line) => line.slice(17, 30));
  // One nanosecond tells the second record from the third.
  assert.deepEqual(await times('--since', '1700000001000000001', '--until', '2023-11-14T22:13:22Z'), ['21.000000002Z']);
  assert.equal((await times('--since', '2023-11-14T23:13:22+01:00')).length, 3);
  assert.equal((await times('--until', '2023-11-14')).length, 0);
  assert.equal((await times('--since', '1h')).length, 0);
  const json = await print('--json', '--since', '2023-11-14T22:13:22Z', trace);
  assert.deepEqual(
    json.io.lines.map((line) => JSON.parse(line).kind),
    ['fileEvent', 'networkFlow', 'processEvent'],
  );
});

test('records as CSV, in columns of attributes', async () => {
  const fields = 'evt.time,sf.opflags,sf.proc.pid,sf.file.path,sf.flow.rbytes,sf.proc.args';
  const { status, io } = await print('--format', 'csv', '--fields', fields, '--limit', '4', trace);
  assert.equal(status, 0);
  assert.deepEqual(io.lines.slice(0, 4), [
    fields,
    `2023-11-14T22:13:20.5Z,EXEC,4242,,,"'-c ""x"""`,
    `2023-11-14T22:13:21Z,SETUID,4242,,,"'-c ""x"""`,
    `2023-11-14T22:13:21.000000002Z,"OPEN,CLOSE,READ",4242,/etc/shadow,9007199254740993,"'-c ""x"""`,
  ]);
  const all = await print('--format', 'csv', trace);
  assert.equal(all.io.lines.length, 7);
  assert.doesNotMatch(all.io.stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
});

test('wrong columns of CSV are told with the nearest attribute', async () => {
  const problem = async (...args: string[]): Promise<string> => {
    const { status, io } = await print(...args, trace);
    assert.equal(status, 2);
    assert.equal(io.stdout, '');
    return io.stderr.split('\n')[0]!;
  };
  assert.equal(
    await problem('--format', 'csv', '--fields', 'sf.ts,sf.proc.exee'),
    "--fields: unknown attribute 'sf.proc.exee'; did you mean 'sf.proc.exe'?",
  );
  assert.equal(
    await problem('--format', 'csv', '--fields', 'sf.proc.username'),
    "--fields: unknown attribute 'sf.proc.username'; did you mean 'sf.proc.user'?",
  );
  assert.equal(await problem('--fields', 'sf.ts'), '--fields is for --format csv');
  assert.match(await problem('--format', 'csv', '--type', 'Process'), /^'Process' records have no attributes/);
  assert.equal(await problem('--json', '--format', 'text'), 'choose one of --json and --format');
});

test('JSON: each record with its own fields, all digits, and nothing but text', async () => {
  const { io } = await print('--json', trace);
  assert.equal(io.lines.length, RECORDS.length);
  assert.equal(
    io.lines[0],
    '{"kind":"header","version":5,"exporter":"node-1","ip":"10.0.0.1","filename":"/data/t.sf"}',
  );
  const flow = io.lines.find((line) => line.startsWith('{"kind":"fileFlow"'))!;
  assert.match(flow, /"readBytes":9007199254740993[,}]/);
  assert.match(flow, /"ts":1700000001000000002,/);
  assert.deepEqual(
    io.lines.map((line) => JSON.parse(line).kind),
    RECORDS.map((record) => record.kind),
  );
  assert.doesNotMatch(io.stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.ok(io.stdout.includes(String.raw`/tmp/\u001b[2J\nforged \u202eline`));
});

test('an event whose process and file are unknown', async () => {
  const path = join(folder, 'bare.sf');
  const bare: TraceRecord[] = RECORDS.filter((record) => record.kind === 'fileFlow');
  await writeTrace(path, bare);
  const { io } = await print(path);
  assert.match(io.stdout, / FF \?\(4242\) {2}OPEN,CLOSE,READ 3 unknown file \{RDONLY\}/);
});

test('wrong usage, and traces that cannot be read', async () => {
  for (const args of [
    [],
    ['--type', 'XX', trace],
    ['--pid', 'x', trace],
    ['--limit', '-1', trace],
    ['--limit'],
    ['--what', trace],
  ]) {
    const { status, io } = await print(...args);
    assert.equal(status, 2, args.join(' '));
    assert.match(io.stderr, /usage: sfprocessor print/);
    assert.equal(io.stdout, '');
  }
  assert.match((await print('--type', 'Proces', trace)).io.stderr, /did you mean 'Process'\?/);
  const { status, io } = await print(join(folder, 'absent'), trace);
  assert.equal(status, 3);
  assert.match(io.stderr, /absent does not exist/);
  assert.equal(io.lines.length, 6);
});

test('a second trace in a file is printed, and said to be there', async () => {
  const two = join(folder, 'two.sf');
  const bytes = readFileSync(trace);
  writeFileSync(two, Buffer.concat([bytes, bytes]));
  const { status, io } = await print('--json', two);
  assert.equal(status, 0);
  assert.equal(io.lines.length, 2 * RECORDS.length);
  assert.equal(io.stderr, `sfprocessor print: ${two}: a second trace begins at byte ${bytes.length}\n`);
});

test('damage is told on standard error, and the status is 1: it was 0', async () => {
  const torn = join(folder, 'torn.sf');
  await writeTrace(torn, RECORDS.slice(0, 1));
  await writeTornTrace(torn, readFileSync(torn));
  const { status, io } = await print('--json', torn, trace);
  assert.equal(status, 1);
  assert.match(
    io.stderr,
    /^sfprocessor print: .*torn\.sf is damaged from byte \d+: torn-tail, an unknown number of records and \d+ bytes lost\n$/,
  );
  assert.equal(io.lines.length, RECORDS.length);
  const { status: statusBefore } = await print('--json', '--limit', '1', trace, torn);
  assert.equal(statusBefore, 0, 'what was not read is not known to be damaged');
});
