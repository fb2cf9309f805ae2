import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import {
  alerts,
  ConfigurationError,
  createPipeline,
  definePlugin,
  type FlatBatch,
  type GivenComponent,
  loadPolicies,
  openTrace,
  parseExactJson,
  parsePolicies,
  RecordKind,
  type TraceRecord,
  UnreadableTraceError,
} from '../../src/index.js';
import { RECORDS, writeTrace } from '../cli/support/traces.js';
import { projectRoot } from '../house/support/project.js';
import { temporaryFiles } from '../support/rule-tests.js';

const ATTACK = join(projectRoot, 'resources/traces/web-attack.sf');
const POLICIES = join(projectRoot, 'resources/policies');

const READS_SHADOW = `
- rule: Shadow read
  desc: Somebody reads password hashes
  condition: sf.file.path = /etc/shadow
  priority: high
  tags: [hashes]
`;

test('a program opens a trace and iterates its records, which stay as they are', async (t) => {
  const file = (await temporaryFiles(t, {}))('a.sf');
  await writeTrace(file);
  const trace = await openTrace(file);
  const records: TraceRecord[] = [];
  for await (const record of trace) records.push(record);
  assert.equal(trace.name, file);
  assert.deepEqual(records, RECORDS);
  assert.deepEqual(trace.damage, []);
  assert.equal(trace.statistics.records, RECORDS.length);
});

test('a program opens the bytes of a trace, and leaves it before its end', async (t) => {
  const file = (await temporaryFiles(t, {}))('a.sf');
  await writeTrace(file);
  const trace = await openTrace(await readFile(file), 'memory');
  for await (const record of trace) {
    assert.equal(record.kind, 'header');
    break;
  }
  assert.equal(trace.name, 'memory');
});

test('what is not a trace is an error of the library that tells the path', async () => {
  const path = join(projectRoot, 'package.json');
  await assert.rejects(openTrace(path), (error: Error) => {
    assert.ok(error instanceof UnreadableTraceError);
    assert.equal(error.code, 'not-avro');
    assert.ok(error.message.startsWith(`${path}: `));
    return true;
  });
});

test('a program loads policies and gets everything that is wrong in them with its place', async () => {
  const policies = await parsePolicies(
    `${READS_SHADOW}\n- rule: Broken\n  desc: x\n  condition: sf.fiel.path = a\n`,
    'p.yaml',
  );
  assert.deepEqual(policies.rules[0], {
    name: 'Shadow read',
    description: 'Somebody reads password hashes',
    priority: 3,
    tags: ['hashes'],
  });
  assert.ok(policies.hasErrors);
  assert.ok(policies.diagnostics.some(({ code, source }) => code === 'unknown-attribute' && source?.path === 'p.yaml'));
  const missing = await loadPolicies('does-not-exist.yaml');
  assert.deepEqual([missing.rules.length, missing.hasErrors], [0, true]);
});

test('a program iterates alerts with the record as JSON text and as an object with exact integers', async () => {
  const found = [];
  for await (const alert of alerts(ATTACK, await loadPolicies(POLICIES))) found.push(alert);
  const hashes = found.filter(({ rules }) => rules.some(({ name }) => name === 'Password hashes read'));
  assert.ok(hashes.length > 0);
  const [first] = hashes;
  assert.equal(typeof first!.time, 'bigint');
  assert.equal(first!.record.ts, first!.time);
  assert.deepEqual(JSON.parse(first!.json).policies[0].id, first!.rules[0]!.name);
  assert.equal(new Set(found.map(({ json }) => json)).size, found.length);
});

test('alerts are those that the program prints', async (t) => {
  const at = await temporaryFiles(t, {});
  const output = at('alerts.jsonl');
  const pipeline = await createPipeline(pipelineWith({ export: 'file', 'file.path': output }), { path: ATTACK });
  assert.equal(await pipeline.run(), true);
  const lines = (await readFile(output, 'utf8')).trim().split('\n');
  const found = [];
  for await (const { json } of alerts([await openTrace(ATTACK)], await loadPolicies(POLICIES))) found.push(json);
  assert.ok(found.length > 5);
  assert.deepEqual(found, lines);
});

test('actions that a program gives are run, and a loop of alerts may be left', async (t) => {
  const file = (await temporaryFiles(t, {}))('a.sf');
  await writeTrace(file);
  const policies = await parsePolicies(`${READS_SHADOW}  actions: [note]\n`);
  let runs = 0;
  const note = {
    name: 'note',
    run: (
      _record: unknown,
      _rule: unknown,
      context: { addTag(tag: string): void; note(a: string, b: string): void },
    ) => {
      runs++;
      context.addTag('seen');
      context.note('by', 'a program');
    },
  };
  for await (const alert of alerts(file, policies, { actions: [note] })) {
    assert.deepEqual(alert.tags, ['seen']);
    assert.deepEqual([...alert.findings], [['by', 'a program']]);
    break;
  }
  assert.ok(runs > 0);
});

test('a trace that cannot be read ends the loop of alerts with an error, after the alerts before it', async (t) => {
  const at = await temporaryFiles(t, {});
  await writeTrace(at('a.sf'));
  let count = 0;
  await assert.rejects(async () => {
    for await (const _ of alerts([at('a.sf'), at('none.sf')], await parsePolicies(READS_SHADOW))) count++;
  }, UnreadableTraceError);
  assert.ok(count > 0);
});

function pipelineWith(exporter: Readonly<Record<string, string>>, policies = POLICIES) {
  return {
    pipeline: [
      { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
      { processor: 'policyengine', mode: 'alert', policies, in: 'flat flattenerchan', out: 'events eventchan' },
      { processor: 'exporter', in: 'events eventchan', ...exporter },
    ],
  };
}

test('a pipeline from an object tells everything that is wrong with it in one error', async () => {
  const definition = {
    pipeline: [
      { processor: 'sysflowreadr', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
      { processor: 'exporter', export: 'termial', in: 'flat flattenerchan' },
    ],
  };
  await assert.rejects(createPipeline(definition, { path: ATTACK }), (error: Error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(
      error.message,
      /^pipeline:4:20: error\[unknown-name\]: .*sysflowreadr.*did you mean 'sysflowreader'\?$/m,
    );
    assert.match(error.message, /termial/);
    assert.ok(error.diagnostics.length >= 2);
    return true;
  });
  await assert.rejects(createPipeline(pipelineWith({})), /a driver has no path/);
});

test('a program runs a pipeline with components of its own, and reads its counts', async (t) => {
  const file = (await temporaryFiles(t, {}))('a.sf');
  await writeTrace(file);
  const programs: string[] = [];
  const lines: string[] = [];
  const collector = definePlugin({
    kind: 'processor',
    name: 'collector',
    summary: 'Collects programs',
    in: 'flattenerchan',
    out: null,
    options: { most: { type: 'integer', minimum: 1, maximum: 9, default: 2, description: 'How many.' } },
    create: ({ most }, { log }) => {
      return {
        push(batch: FlatBatch) {
          batch.forEach(({ kind, process }) => {
            if (kind === RecordKind.processEvent) programs.push(process?.exe ?? '');
          });
          batch.release();
          return undefined;
        },
        async end() {
          log('info', `at most ${most}`);
        },
        report: () => ({ exported: programs.length }),
      };
    },
  });
  const pipeline = await createPipeline(
    {
      pipeline: [
        { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
        { processor: 'collector', most: 3, in: 'flat flattenerchan' },
      ],
    },
    { path: file, components: [collector], log: (_level, message) => lines.push(message) },
  );
  assert.equal(await pipeline.run(), true);
  assert.ok(programs.length > 0);
  assert.ok(lines.includes('at most 3'));
  assert.equal(pipeline.reports[1]!.exported, programs.length);
  assert.equal(pipeline.progress.records, RECORDS.length);
});

test('a component of a program that throws costs its own records and is logged, and the run says that it failed', async (t) => {
  const file = (await temporaryFiles(t, {}))('a.sf');
  await writeTrace(file);
  const lines: string[] = [];
  const throwing = definePlugin({
    kind: 'processor',
    name: 'throwing',
    summary: 'Throws',
    in: 'flattenerchan',
    out: null,
    options: {},
    create: () => ({
      push() {
        throw new Error('no');
      },
      end: async () => {},
    }),
  });
  const pipeline = await createPipeline(
    {
      pipeline: [
        { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
        { processor: 'throwing', in: 'flat flattenerchan' },
      ],
    },
    { path: file, components: [throwing], log: (_level, message) => lines.push(message) },
  );
  assert.equal(await pipeline.run(), false);
  assert.ok(lines.some((line) => line.startsWith("processor 'throwing': ") && line.endsWith('no')));
});

test('a component of a program with a wrong shape, or whose check finds a problem, refuses the pipeline', async () => {
  const definition = {
    pipeline: [{ processor: 'sysflowreader', handler: 'own', in: 'sysflow sysflowchan' }],
  };
  const own = { kind: 'handler', name: 'own', summary: 'Own', out: null, options: {} } as const;
  const create = () => ({ openStream: () => ({}) });
  await assert.rejects(
    createPipeline(definition, { path: ATTACK, components: [own as unknown as GivenComponent] }),
    /handler 'own': create is missing/,
  );
  const check = async () => ['the server does not answer'];
  await assert.rejects(
    createPipeline(definition, { path: ATTACK, components: [{ ...own, create, check }] }),
    /health-check.*handler 'own': the server does not answer/,
  );
});

test('a pipeline writes to the stream that a program gives', async () => {
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const pipeline = await createPipeline(pipelineWith({ export: 'terminal' }), { path: ATTACK, stdout });
  assert.equal(await pipeline.run(), true);
  assert.ok(text.includes('"Password hashes read"'));
});

test('JSON text is read exactly: integers beyond what a number can hold are BigInts', () => {
  assert.deepEqual(parseExactJson('{"ts":1790000000123456789,"a":[1,-2.5,null,true,"x"],"__proto__":1}'), {
    ts: 1790000000123456789n,
    a: [1, -2.5, null, true, 'x'],
    ['__proto__']: 1,
  });
  assert.throws(() => parseExactJson('{"a":'), SyntaxError);
  assert.throws(() => parseExactJson('[1,]'), SyntaxError);
});
