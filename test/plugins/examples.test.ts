import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { REFERENCE } from '../../conformance/reference.js';
import { enrichPipeline, type Outcome, run } from '../cli/support/program.js';
import { RECORDS, writeTrace } from '../cli/support/traces.js';
import { projectRoot } from '../house/support/project.js';
import { temporaryFiles } from '../support/rule-tests.js';

const TRACE = 'resources/traces/web-attack.sf';
const TCP = join(REFERENCE, 'traces/tcp.sf');
const withTcp = { skip: existsSync(TCP) ? false : 'there is no reference trace tcp.sf beside the working copy' };

/** Runs an example in a clone, which must work without any complaint. */
async function runExample(example: string, trace: string, flags: readonly string[] = []): Promise<Outcome> {
  const outcome = await run([...flags, '-config', `plugins/${example}/pipeline.json`, trace], { cwd: projectRoot });
  assert.equal(outcome.code, 0, outcome.stderr);
  assert.doesNotMatch(outcome.stderr, /\[(Warn|Error)\]/);
  return outcome;
}

/** What was logged at level `info`, but the last line, which is the program's own. */
function logged({ stderr }: Outcome): string[] {
  const lines = [...stderr.matchAll(/^\[Info\] \S+ \S+ (.*)$/gm)].map(([, message]) => message!);
  assert.match(lines.pop() ?? '', /^Done: /);
  return lines;
}

test('the example processor logs process events', async () => {
  const lines = logged(await runExample('processors/example', TRACE));
  assert.ok(lines.length > 100);
  for (const line of lines) assert.match(line, /^Process Event: .*, \d+$/);
  assert.ok(lines.some((line) => line.startsWith('Process Event: /usr/bin/cat, ')));
});

test('the example processor logs the four process events of tcp.sf', withTcp, async () => {
  assert.deepEqual(logged(await runExample('processors/example', TCP)), [
    'Process Event: ./server, 13823',
    'Process Event: ./client, 13824',
    'Process Event: ./client, 13824',
    'Process Event: ./server, 13823',
  ]);
});

test('the example handler logs events and flows', async () => {
  const lines = logged(await runExample('handlers/printer', TRACE));
  for (const kind of ['ProcEvt', 'FileEvt', 'FileFlow', 'NetworkFlow']) {
    assert.ok(
      lines.some((line) => line.startsWith(`${kind} `)),
      kind,
    );
  }
});

test('the example handler logs the ten events and flows of tcp.sf', withTcp, async () => {
  assert.deepEqual(logged(await runExample('handlers/printer', TCP)), [
    'ProcEvt ./server, 13823',
    'FileFlow ./server, 3',
    'FileFlow ./server, 3',
    'ProcEvt ./client, 13824',
    'FileFlow ./client, 3',
    'FileFlow ./client, 3',
    'NetworkFlow ./client, 8080',
    'ProcEvt ./client, 13824',
    'NetworkFlow ./server, 8080',
    'ProcEvt ./server, 13823',
  ]);
});

test('the pipeline files of the original run the examples: a folder of plugins, and of handlers in the file', async (t) => {
  const reader = { processor: 'sysflowreader', in: 'sysflow sysflowchan' };
  const flattener = { ...reader, handler: 'flattener', out: 'flat flattenerchan' };
  const handlers = 'plugins/handlers/printer';
  const at = await temporaryFiles(t, {
    'example.json': JSON.stringify({ pipeline: [flattener, { processor: 'example', in: 'flat flattenerchan' }] }),
    'printer.json': JSON.stringify({ pipeline: [{ ...reader, handler: 'printer', handlerlibpath: handlers }] }),
  });
  const cwd = projectRoot;
  const example = await run(['-plugdir', 'plugins/processors', '-config', at('example.json'), TRACE], { cwd });
  assert.equal(example.code, 0, example.stderr);
  assert.match(logged(example)[0]!, /^Process Event: /);
  const printer = await run(['-config', at('printer.json'), TRACE], { cwd });
  assert.equal(printer.code, 0, printer.stderr);
  assert.match(logged(printer)[0]!, /^(ProcEvt|FileFlow|FileEvt|NetworkFlow) /);
  assert.doesNotMatch(example.stderr + printer.stderr, /\[(Warn|Error)\]/);
});

test('the example of a channel type of its own connects two processors', async () => {
  const lines = logged(await runExample('processors/pairs', TRACE));
  assert.ok(lines.length > 10);
  for (const line of lines) assert.match(line, /^Pair: .*, \d+ ms$/);
});

test('the example encoder writes a line of CSV for each record, whatever is in it', async (t) => {
  const file = (await temporaryFiles(t, {}))('a.sf');
  await writeTrace(file);
  const { stdout } = await runExample('encoders/csv', file);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, RECORDS.filter(({ kind }) => /Event$|Flow$/.test(kind)).length);
  assert.equal(lines[0], '1700000000500000000,PE,/bin/bash,4242,root,');
  assert.doesNotMatch(stdout, /[\0-\x09\x0b-\x1f\u202e]/);
});

test('the example encoder refuses a column that is not there before the start', async () => {
  const { code, stderr } = await run(['-config', 'plugins/encoders/csv/pipeline.json', TRACE], {
    cwd: projectRoot,
    env: { EXPORTER_CSV_COLUMNS: 'ts,nothing' },
  });
  assert.equal(code, 1);
  assert.match(stderr, /there is no column 'nothing'/);
});

test('the example action tags alerts with the time', async () => {
  const { stdout } = await runExample('actions/now', TRACE);
  const alerts = stdout.trimEnd().split('\n');
  assert.ok(alerts.length > 10);
  for (const alert of alerts) assert.match(alert, /"tags":\["now_in_nanos:\d{19}"\]/);
});

test('the example driver reads what print --json prints, and gives the same records to the byte', async (t) => {
  const at = await temporaryFiles(t, { 'plain.json': enrichPipeline() });
  await writeTrace(at('a.sf'));
  for (const trace of [TRACE, at('a.sf')]) {
    const printed = await run(['print', '--json', trace], { cwd: projectRoot });
    await writeFile(at('a.jsonl'), printed.stdout);
    const { stdout } = await runExample('drivers/jsonlines', at('a.jsonl'));
    const plain = await run(['-config', at('plain.json'), trace], { cwd: projectRoot });
    assert.equal(stdout, plain.stdout);
  }
});

test('the example driver skips lines that are not records, says which, and fails at the end', async (t) => {
  const printed = await run(['print', '--json', TRACE], { cwd: projectRoot });
  const [first, ...others] = printed.stdout.trimEnd().split('\n');
  const lines = [first, '{"kind":"fileFlow"}', 'no JSON', '{"kind":"processEvent","ts":"x"}', '', ...others];
  const at = await temporaryFiles(t, { 'a.jsonl': lines.join('\n') });
  const args = ['-config', 'plugins/drivers/jsonlines/pipeline.json', at('a.jsonl')];
  const { code, stdout, stderr } = await run(args, { cwd: projectRoot });
  assert.equal(code, 3);
  assert.equal(stdout.split('\n').length > 100, true);
  for (const line of [2, 3, 4]) assert.match(stderr, new RegExp(`a\\.jsonl:${line}: .*; skipped`));
  assert.match(stderr, /3 lines are not records and were skipped/);
});
