import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILT_IN } from '../../src/components/builtins.js';
import type { PrepareEnvironment } from '../../src/components/processor.js';
import { loadPipelineText } from '../../src/config/load.js';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { LoggedRun, type LoggedRunOptions } from '../../src/pipeline/logged-run.js';
import type { Pipeline } from '../../src/pipeline/pipeline.js';
import { createDrivers, type DriverContext, prepareStages } from '../../src/pipeline/prepare.js';
import { QUEUED_ITEMS } from '../../src/streams/tee.js';
import { ContainerWriter, type TraceRecord } from '../../src/sysflow/index.js';
import { Logger } from '../../src/telemetry/logger.js';
import { enrichPipeline } from '../cli/support/program.js';
import { RECORDS, writeTrace } from '../cli/support/traces.js';

const root = await mkdtemp(join(tmpdir(), 'sfprocessor-pipeline-'));
after(() => rm(root, { recursive: true }));

const EVENTS = RECORDS.filter(({ kind }) => /Event$|Flow$/.test(kind));
const ENTITIES = RECORDS.filter((record) => !EVENTS.includes(record));

const IDLE = { createTs: 9n, pid: 9n };

/** A trace of which every large piece is in a process that does nothing, so that its size says that threads pay. */
async function writeLargeTrace(path: string, exporter: string, repeats: number, withEntities = true): Promise<void> {
  const writer = await ContainerWriter.create(path, { codec: 'null' });
  assert.ok(writer instanceof ContainerWriter);
  const entities = ENTITIES.map((record) => (record.kind === 'header' ? { ...record, exporter } : record));
  if (withEntities) for (const record of entities) await writer.write(record);
  for (let i = 0; i < repeats; i++) {
    for (const record of EVENTS) await writer.write({ ...record, ts: BigInt(i) } as TraceRecord);
  }
  const process = ENTITIES.find((record) => record.kind === 'process')!;
  await writer.write({ ...process, oid: IDLE, args: 'x'.repeat(500_000) } as TraceRecord);
  assert.equal(await writer.close(), null);
}

interface Run {
  readonly output: string;
  readonly log: string;
  readonly ok: boolean;
}

/**
 * Runs a pipeline file in this process.
 *
 * @param onOutput called for each piece of standard output; the next one comes when the promise, if there is one, is settled
 */
async function runPipeline(
  text: string,
  path: string,
  { ratesEvery = null, ...options }: Partial<DriverContext & Pick<LoggedRunOptions, 'ratesEvery'>> = {},
  onOutput: (pipeline: Pipeline) => Promise<void> | void = () => {},
): Promise<Run> {
  const diagnostics = new Diagnostics();
  const settings = { components: BUILT_IN, environment: {}, driver: null };
  const tree = (await loadPipelineText({ path: 'p.json', text }, settings, diagnostics))!;
  const nodes = tree.drivers.flatMap(({ receivers }) => receivers);
  const components: PrepareEnvironment['components'] = (kind) => BUILT_IN.of(kind);
  const prepared = await prepareStages(nodes, { diagnostics, strict: false, resources: '', components });
  assert.deepEqual(diagnostics.items, []);
  const chunks: Buffer[] = [];
  let log = '';
  const keep = (line: string): void => {
    log += line;
  };
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(Buffer.from(chunk));
      const taken = onOutput(pipeline);
      if (taken instanceof Promise) void taken.then(() => done());
      else done();
    },
  });
  const inflaterEntry = new URL('../../src/cli/trace-inflater-thread.js', import.meta.url);
  const run = new LoggedRun({
    drivers: createDrivers(tree.drivers, path, { threads: 1, inflaterEntry, now: Date.now, ...options }),
    prepared,
    accelerated: 64,
    stdout,
    color: false,
    version: '0.0.0',
    now: Date.now,
    logger: new Logger('trace', keep, Date.now),
    ratesEvery,
    strict: false,
  });
  const { pipeline } = run;
  const ok = await run.run();
  return { output: Buffer.concat(chunks).toString(), log, ok };
}

/** The exporting nodes in the order in which their records come. */
function nodesOf(output: string): string[] {
  const nodes: string[] = [];
  for (const match of output.matchAll(/"node":\{"id":"([^"]*)"/g)) if (match[1] !== nodes.at(-1)) nodes.push(match[1]!);
  return nodes;
}

/** A folder of large traces, the first the largest, so that others are read before it is done. */
async function makeFolder(name: string, withoutHeader: readonly number[] = []): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  for (const [i, repeats] of [1500, 300, 300, 300, 300].entries()) {
    await writeLargeTrace(join(folder, `${i}.sf`), `node-${i}`, repeats, !withoutHeader.includes(i));
  }
  return folder;
}

const plain = await makeFolder('plain');
await writeFile(join(plain, '2.txt'), 'no trace');

test('two threads write the same bytes as one, in the order of the files', async () => {
  const one = await runPipeline(enrichPipeline(), plain);
  const two = await runPipeline(enrichPipeline(), plain, { threads: 2 });
  assert.deepEqual(nodesOf(one.output), ['node-0', 'node-1', 'node-2', 'node-3', 'node-4']);
  assert.ok(two.output === one.output, 'the outputs are equal');
  for (const { ok, log } of [one, two]) {
    assert.ok(ok);
    assert.match(log, /\[Warn\] .*2\.txt: is not an Avro object container file; skipped/);
    assert.match(log, /Done: 5 files, 162\d\d records, 16200 events, 16200 exported/);
  }
});

test('a decoding thread that dies is told, and its files are read without it', async () => {
  const one = await runPipeline(enrichPipeline(), plain);
  const inflaterEntry = new URL('./no-such-module.js', import.meta.url);
  const { ok, log, output } = await runPipeline(enrichPipeline(), plain, { threads: 2, inflaterEntry });
  assert.ok(!ok);
  assert.match(log, /\[Error\] .* a thread failed: .*no-such-module/);
  assert.ok(output === one.output);
});

test('a blocked terminal stalled the file beside it before the documented bound, or lost records', async () => {
  const path = join(root, 'blocked.sf');
  await writeLargeTrace(path, 'node-b', 12_000);
  const file = join(root, 'beside.jsonl');
  // Each piece is a batch.
  const batch = 1024;
  const text = JSON.stringify({
    pipeline: [
      { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
      { processor: 'policyengine', mode: 'enrich', in: 'flat flattenerchan', out: ['x eventchan', 'y eventchan'] },
      { processor: 'exporter', export: 'terminal', buffer: batch, in: 'x eventchan' },
      { processor: 'exporter', export: 'file', 'file.path': file, in: 'y eventchan' },
    ],
  });
  let besides = 0;
  let pieces = 0;
  const untilBesideHas = async (lines: number): Promise<void> => {
    do {
      await sleep(10);
      besides = (await readFile(file, 'utf8')).split('\n').length - 1;
    } while (besides < lines);
  };
  const { ok, output } = await runPipeline(text, path, {}, () =>
    pieces++ === 0 ? untilBesideHas((QUEUED_ITEMS + 1) * batch) : undefined,
  );
  assert.ok(ok);
  const queued = ((besides - (QUEUED_ITEMS + 1 + 2) * batch) / 72_000) * output.length;
  assert.ok(queued < 20 << 20, `the file beside waits once the queue of the terminal is full: ${besides}`);
  assert.equal(output.split('\n').length - 1, 72_000);
  assert.ok(output === (await readFile(file, 'utf8')), 'both have all records, in the same order');
});

for (const withoutHeader of [[0], [3], [1, 2]]) {
  test(`files without a header continue the stream before them: ${withoutHeader.join(' and ')} of five`, async () => {
    const folder = await makeFolder(`headless-${withoutHeader.join('-')}`, withoutHeader);
    const one = await runPipeline(enrichPipeline(), folder);
    const { output } = await runPipeline(enrichPipeline(), folder, { threads: 2 });
    assert.ok(output === one.output, 'the outputs are equal');
    const nodes = [0, 1, 2, 3, 4].filter((i) => !withoutHeader.includes(i)).map((i) => `node-${i}`);
    assert.deepEqual(nodesOf(one.output), withoutHeader[0] === 0 ? ['', ...nodes] : nodes);
    assert.equal(one.output.split('\n').length - 1, 16_200);
  });
}

for (const threads of [1, 2]) {
  test(`stopping gives the start of the output, without a gap: ${threads} threads`, async () => {
    const all = await runPipeline(enrichPipeline(), plain);
    const { ok, output, log } = await runPipeline(enrichPipeline(), plain, { threads }, (pipeline) => pipeline.stop());
    // What was left was not told.
    assert.match(log, /^\[Health\] \S+ \S+ stopped: [1-5] of 6 files not read(, \S+ read in part)*$/m);
    assert.ok(ok);
    assert.ok(output.length > 0 && output.length < all.output.length, `${output.length} of ${all.output.length}`);
    assert.ok(output.endsWith('\n') && all.output.startsWith(output));
  });
}

test('two drivers run side by side, each with entities of its own', async () => {
  const [a, b] = [join(root, 'a.sf'), join(root, 'b.sf')];
  const named = (exporter: string): TraceRecord[] =>
    RECORDS.map((record) => (record.kind === 'header' ? { ...record, exporter } : record));
  await writeTrace(a, named('node-a'));
  await writeTrace(b, named('node-b'));
  const drivers = [a, b].map((path) => ({ driver: 'file', path, out: 'sysflow sysflowchan' }));
  const { output, ok } = await runPipeline(JSON.stringify({ ...JSON.parse(enrichPipeline()), drivers }), 'unused');
  assert.ok(ok);
  for (const node of ['node-a', 'node-b']) assert.equal(output.split(`"id":"${node}"`).length - 1, EVENTS.length);
});

test('an input that is missing ends the run before any output is opened', async () => {
  const path = join(root, 'never.out');
  const { ok, log } = await runPipeline(enrichPipeline({ export: 'file', 'file.path': path }), join(root, 'nowhere'));
  assert.ok(!ok);
  assert.match(log, /\[Error\] .*nowhere: does not exist/);
  await assert.rejects(readFile(path), { code: 'ENOENT' });
});

test('a folder without files is a warning', async () => {
  const folder = join(root, 'empty');
  await mkdir(folder);
  const { ok, log } = await runPipeline(enrichPipeline(), folder);
  assert.ok(ok);
  assert.match(log, /\[Warn\] .*empty: the folder contains no files/);
});

test('a torn trace gives what is whole, with a warning that tells of the rest', async () => {
  const path = join(root, 'torn.sf');
  await writeLargeTrace(path, 'node-t', 900);
  const whole = await readFile(path);
  await writeFile(path, whole.subarray(0, whole.length - 20));
  const { ok, log, output } = await runPipeline(enrichPipeline(), path);
  assert.ok(ok);
  assert.match(
    log,
    /\[Warn\] .*torn\.sf: damaged \(torn-tail, 1 time, .*\); an unknown number of records and \d+ bytes lost/,
  );
  assert.ok(output.length > 0);
});

test('rates are logged while it runs', async () => {
  const { log } = await runPipeline(enrichPipeline(), plain, { ratesEvery: 10 });
  assert.match(log, /\[Health\] .* read \d+ records\/s, \d+ in all; \d+ exported; memory \d+ MB/);
});
