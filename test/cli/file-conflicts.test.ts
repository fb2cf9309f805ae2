/** Files that a command would write although it reads them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { projectRoot } from '../house/support/project.js';
import { enrichPipeline, type Outcome, run } from './support/program.js';
import { writeTrace } from './support/traces.js';

const root = await mkdtemp(join(tmpdir(), 'sfprocessor-conflicts-'));
after(() => rm(root, { recursive: true }));

let tests = 0;

/** A folder with a trace, a folder of traces, links to the trace, and a policy. */
async function makeFolder(): Promise<string> {
  const folder = join(root, String(tests++));
  await mkdir(join(folder, 'traces'), { recursive: true });
  await writeTrace(join(folder, 'a.sf'));
  await writeTrace(join(folder, 'traces', 'b.sf'));
  await symlink('a.sf', join(folder, 'symbolic'));
  await link(join(folder, 'a.sf'), join(folder, 'hard'));
  await writeFile(join(folder, 'all.yaml'), '- rule: All\n  desc: all\n  condition: sf.opflags = EXEC\n');
  return folder;
}

/** Runs a pipeline whose exporter writes to a file. */
async function exportTo(
  folder: string,
  path: string,
  input: string,
  keys: Readonly<Record<string, unknown>> = {},
): Promise<Outcome> {
  const text = enrichPipeline({ export: 'file', 'file.path': path, ...keys });
  await writeFile(join(folder, 'p.json'), text);
  return run(['-config', 'p.json', input], { cwd: folder });
}

/** Runs a command with its standard output appended to a file. */
function appending(folder: string, args: readonly string[], path: string): { status: number | null; stderr: string } {
  const descriptor = openSync(join(folder, path), 'a');
  const { status, stderr } = spawnSync(process.execPath, [join(projectRoot, 'bin/sfprocessor.js'), ...args], {
    cwd: folder,
    stdio: ['ignore', descriptor, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(descriptor);
  return { status, stderr };
}

for (const path of ['a.sf', './traces/../a.sf', 'symbolic', 'hard']) {
  test(`the output file destroyed the input trace: ${path}`, async () => {
    const folder = await makeFolder();
    const before = await readFile(join(folder, 'a.sf'));
    const { code, stderr } = await exportTo(folder, path, 'a.sf');
    assert.equal(code, 1);
    assert.match(stderr, /p\.json:1:\d+: error\[file-conflict\]: /);
    assert.ok(stderr.includes(`the output file '${path}' is also the input 'a.sf'; write to another file\n`), stderr);
    assert.deepEqual(await readFile(join(folder, 'a.sf')), before);
  });
}

test('the output file destroyed a trace of the input folder', async () => {
  const folder = await makeFolder();
  const before = await readFile(join(folder, 'traces/b.sf'));
  const { code, stderr } = await exportTo(folder, 'traces/b.sf', 'traces');
  assert.equal(code, 1);
  assert.match(stderr, /the output file 'traces\/b\.sf' is also the input 'traces\/b\.sf'/);
  assert.deepEqual(await readFile(join(folder, 'traces/b.sf')), before);
});

test('an output file in the input folder that is no trace is passed over and appended to', async () => {
  const folder = await makeFolder();
  for (const lines of [6, 12]) {
    assert.equal((await exportTo(folder, 'traces/out.jsonl', 'traces')).code, 0);
    assert.equal((await readFile(join(folder, 'traces/out.jsonl'), 'utf8')).split('\n').length - 1, lines);
  }
});

test('rotation moved the input trace away', async () => {
  const folder = await makeFolder();
  await writeTrace(join(folder, 'out.2'));
  const { code, stderr } = await exportTo(folder, 'out', 'out.2', { 'file.rotate.size': 1000, 'file.rotate.keep': 2 });
  assert.equal(code, 1);
  assert.match(stderr, /error\[file-conflict\]: rotating the output file 'out' would move the input 'out\.2'/);
  const free = await exportTo(folder, 'out', 'out.2', { 'file.rotate.size': 1_000_000, 'file.rotate.keep': 1 });
  assert.equal(free.code, 0);
});

test('the output file overwrote the pipeline file or a policy', async () => {
  const folder = await makeFolder();
  const pipeline = await exportTo(folder, 'p.json', 'a.sf');
  assert.equal(pipeline.code, 1);
  assert.match(pipeline.stderr, /the output file 'p\.json' is also the pipeline file 'p\.json'/);
  await writeFile(
    join(folder, 'p.json'),
    enrichPipeline({ export: 'file', 'file.path': 'all.yaml' }).replace('"mode"', '"policies":"all.yaml","mode"'),
  );
  const policy = await run(['-config', 'p.json', 'a.sf'], { cwd: folder });
  assert.equal(policy.code, 1);
  assert.match(policy.stderr, /the output file 'all\.yaml' is also the policy file '.*all\.yaml'/);
});

test('a profile overwrote the input trace', async () => {
  const folder = await makeFolder();
  await writeFile(join(folder, 'p.json'), enrichPipeline());
  const { code, stderr } = await run(['-config', 'p.json', '-cpuprofile', 'hard', 'a.sf'], { cwd: folder });
  assert.equal(code, 1);
  assert.match(stderr, /command line:1:13: error\[file-conflict\]: the profile 'hard' is also the input 'a\.sf'/);
});

test('two exporters wrote the same file through a link, or one where the other rotates', async () => {
  const folder = await makeFolder();
  await symlink('new', join(folder, 'alias'));
  const exportersTo = async (first: string, second: string): Promise<Outcome> => {
    const text = {
      pipeline: [
        { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
        { processor: 'policyengine', mode: 'enrich', in: 'flat flattenerchan', out: ['x eventchan', 'y eventchan'] },
        { processor: 'exporter', export: 'file', 'file.path': first, 'file.rotate.age': '24h', in: 'x eventchan' },
        { processor: 'exporter', export: 'file', 'file.path': second, in: 'y eventchan' },
      ],
    };
    await writeFile(join(folder, 'p.json'), JSON.stringify(text));
    return run(['-config', 'p.json', 'a.sf'], { cwd: folder });
  };
  const linked = await exportersTo('new', 'alias');
  assert.equal(linked.code, 1);
  assert.match(linked.stderr, /the output file 'alias' is also the output file 'new'/);
  const rotated = await exportersTo('new', 'new.3');
  assert.equal(rotated.code, 1);
  assert.match(rotated.stderr, /rotating the output file 'new' would move the output file 'new\.3'/);
  assert.equal((await exportersTo('new', 'new.8')).code, 0);
});

test('standard output was appended to the trace that is read', async () => {
  const folder = await makeFolder();
  await writeFile(join(folder, 'p.json'), enrichPipeline());
  const before = await readFile(join(folder, 'a.sf'));
  const pipeline = appending(folder, ['-config', 'p.json', 'symbolic'], 'a.sf');
  assert.equal(pipeline.status, 1);
  assert.match(pipeline.stderr, /error\[file-conflict\]: standard output is also the input 'symbolic'/);
  const commands: readonly (readonly [status: number, ...args: string[]])[] = [
    [1, 'alert', 'traces', 'hard'],
    [1, 'print', 'traces/b.sf', 'hard'],
    [1, 'inspect', 'hard'],
    [1, 'explain', '-r', 'All', '-p', 'all.yaml', 'hard'],
    [3, 'backtest', 'all.yaml', 'all.yaml', 'hard'],
  ];
  for (const [status, ...args] of commands) {
    const outcome = appending(folder, args, 'a.sf');
    assert.equal(outcome.status, status, args[0]);
    const message = 'standard output is also the trace hard; write to another file';
    assert.equal(outcome.stderr, `sfprocessor ${args[0]}: ${message}\n`);
  }
  assert.deepEqual(await readFile(join(folder, 'a.sf')), before);
  const folderOutput = appending(folder, ['print', 'traces/b.sf'], 'a.sf');
  assert.equal(folderOutput.status, 0);
});

test('a recording emptied the program or a file that the command uses', async (t) => {
  if (spawnSync('strace', ['-V']).error !== undefined) return t.skip('strace is not installed');
  const folder = await makeFolder();
  const before = await readFile(join(folder, 'a.sf'));
  const argument = await run(['record', '-o', 'symbolic', 'cat', 'hard'], { cwd: folder });
  assert.equal(argument.code, 125);
  assert.match(argument.stderr, /record: the trace 'symbolic' is also 'hard', which the command uses\n/);
  assert.deepEqual(await readFile(join(folder, 'a.sf')), before);
  await writeFile(join(folder, 'script'), '#!/bin/sh\n', { mode: 0o755 });
  const program = await run(['record', '-o', 'script', './script'], { cwd: folder });
  assert.equal(program.code, 125);
  assert.equal(await readFile(join(folder, 'script'), 'utf8'), '#!/bin/sh\n');
});

test('the JUnit report overwrote the tests, a policy or a trace', async () => {
  const folder = await makeFolder();
  const text = 'policy: all.yaml\ntests:\n  - name: one\n    trace: a.sf\n    expect: { All: 1 }\n';
  await writeFile(join(folder, 'tests.yaml'), text);
  for (const [path, read] of [
    ['tests.yaml', 'tests.yaml'],
    ['all.yaml', 'all.yaml'],
    ['hard', 'a.sf'],
  ] as const) {
    const before = await readFile(join(folder, path));
    const { code, stderr } = await run(['test', '--junit', path, 'tests.yaml'], { cwd: folder });
    assert.equal(code, 1, path);
    assert.match(stderr, new RegExp(`${path} cannot be written: it is also (.*/)?${read}, which the tests use`));
    assert.deepEqual(await readFile(join(folder, path)), before);
  }
  assert.equal((await run(['test', '--junit', 'report.xml', 'tests.yaml'], { cwd: folder })).code, 0);
});
