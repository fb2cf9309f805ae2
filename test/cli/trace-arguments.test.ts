/** Where one trace is taken, several are, folders of them, and standard input. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../house/support/project.js';
import { enrichPipeline, type Outcome, outcomeOf, run } from './support/program.js';
import { writeTrace } from './support/traces.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-arguments-'));
after(() => rm(folder, { recursive: true }));
await writeFile(join(folder, 'pipeline.json'), enrichPipeline());
await writeFile(join(folder, 'p.yaml'), '- rule: R\n  desc: d\n  condition: sf.type = PE\n  priority: low\n');
await mkdir(join(folder, 'good'));
await writeTrace(join(folder, 'good/a.sf'));
const bytes = await readFile(join(folder, 'good/a.sf'));
await writeFile(join(folder, 'good/b.sf.gz'), gzipSync(bytes));
await mkdir(join(folder, 'bad'));
await symlink('nowhere', join(folder, 'bad/0.sf'));
await writeFile(join(folder, 'bad/a.sf'), bytes);
await writeFile(join(folder, 'bad/b.sf'), 'no trace at all');
await writeFile(
  join(folder, 'tests.yaml'),
  'policy: p.yaml\ntests:\n  - { name: t, trace: [bad, good/a.sf], expect: { R: 6 } }\n',
);

/** What each command prints of a trace, as lines of records, alerts or traces; each record that matches has a line. */
const COMMANDS: readonly { readonly args: readonly string[]; readonly lines: RegExp; readonly each: number }[] = [
  { args: ['alert', '-q', '-p', 'p.yaml'], lines: / R {2}/g, each: 3 },
  { args: ['explain', '--rule', 'R', '-n', '0', '-p', 'p.yaml'], lines: /^R {2}/gm, each: 3 },
  { args: ['print', '--type', 'PE'], lines: / PE /g, each: 3 },
  { args: ['inspect'], lines: /^records /gm, each: 1 },
  { args: [], lines: /"PE"/g, each: 3 },
];

function runWithInput(args: readonly string[], input: Buffer): Promise<Outcome> {
  const child = spawn(process.execPath, [join(projectRoot, 'bin/sfprocessor.js'), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '' },
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  child.stdin.end(input);
  return outcomeOf(child);
}

for (const { args, lines, each } of COMMANDS) {
  const name = args[0] ?? 'the pipeline';
  const count = ({ stdout }: Outcome): number => (stdout.match(lines) ?? []).length;

  test(`${name} reads a folder, compressed traces among them`, async () => {
    const outcome = await run([...args, 'good'], { cwd: folder });
    assert.deepEqual([outcome.code, count(outcome)], [0, 2 * each], outcome.stderr);
  });

  test(`${name} ends with 3 where a trace of a folder cannot be read, and reads the others`, async () => {
    const outcome = await run([...args, 'bad'], { cwd: folder });
    assert.deepEqual([outcome.code, count(outcome)], [3, each], outcome.stderr);
    assert.match(outcome.stderr, /bad\/0\.sf:? is a link to a file that does not exist/);
    assert.match(outcome.stderr, /bad\/b\.sf:? is not an Avro object container file/);
  });

  test(`${name} reads standard input`, async () => {
    for (const input of [bytes, gzipSync(bytes)]) {
      const outcome = await runWithInput([...args, '-'], input);
      assert.deepEqual([outcome.code, count(outcome)], [0, each], outcome.stderr);
    }
    const broken = await runWithInput([...args, '-'], Buffer.from('BZh91AY&SY'));
    assert.equal(broken.code, 3);
    assert.match(
      broken.stderr,
      /standard input:? is compressed with bzip2, which is not supported; decompress it first/,
    );
  });

  if (args.length > 0) {
    test(`${name} reads several traces, folders and standard input in one run`, async () => {
      const outcome = await runWithInput([...args, 'good/a.sf', '-', 'good'], bytes);
      assert.deepEqual([outcome.code, count(outcome)], [0, 4 * each], outcome.stderr);
    });
  }
}

test('backtest ends with 3 where a trace of a folder cannot be read', async () => {
  const { code, stdout } = await run(['backtest', 'p.yaml', 'p.yaml', 'bad', 'good/a.sf'], { cwd: folder });
  assert.equal(code, 3);
  assert.match(stdout, /in 2 traces: 0 alerts gone, 0 new, 0 changed, 6 the same/);
});

test('test ends with 3 where a trace of a folder cannot be read', async () => {
  const { code, stdout } = await run(['test', 'tests.yaml'], { cwd: folder });
  assert.equal(code, 3);
  assert.match(stdout, /bad\/0\.sf is a link to a file that does not exist/);
});

test('test reads each file of tests once, whatever links lead to it, and one whose name is not UTF-8', async () => {
  const tests = join(folder, 'tests');
  await mkdir(tests);
  const text = 'policy: ../p.yaml\ntests:\n  - { name: t, trace: ../good, expect: { R: 6 } }\n';
  await writeFile(join(tests, 'a.test.yaml'), text);
  await writeFile(Buffer.concat([Buffer.from(`${tests}/`), Buffer.from([0xff]), Buffer.from('.test.yml')]), text);
  await symlink('.', join(tests, 'again'));
  await symlink('a.test.yaml', join(tests, 'b.test.yaml'));
  const { code, stdout, stderr } = await run(['test', 'tests'], { cwd: folder });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /2 tests in 2 files/);
  assert.match(stdout, /tests\/\\xff\.test\.yml/);
});

test('a folder as standard input was told to be empty', async () => {
  for (const { args } of COMMANDS) {
    const child = spawn(
      '/bin/sh',
      ['-c', 'exec "$@" < good', 'sh', process.execPath, join(projectRoot, 'bin/sfprocessor.js'), ...args, '-'],
      { cwd: folder },
    );
    const { code, stderr } = await outcomeOf(child);
    assert.deepEqual([code, /standard input:? is a folder/.test(stderr)], [3, true], `${args.join(' ')}: ${stderr}`);
  }
});
