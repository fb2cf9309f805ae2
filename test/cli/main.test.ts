import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { enrichPipeline, run } from './support/program.js';
import { writeTrace } from './support/traces.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-main-'));
after(() => rm(folder, { recursive: true }));
const trace = join(folder, 'a.sf');
await writeTrace(trace);
await writeFile(join(folder, 'pipeline.json'), enrichPipeline());

test('-version prints one line with all versions', async () => {
  for (const flag of ['-version', '--version', '-version=true']) {
    const { code, stdout, stderr } = await run([flag], { cwd: folder });
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^Version: \d+\.\d+\.\d+, Avro Schema Version: \d+, Export Schema Version: 5 \(JSON\), 8\.2 \(ECS\)\n$/,
    );
    assert.equal(stderr, '');
  }
});

test('version and help are commands, too', async () => {
  const version = await run(['version'], { cwd: folder });
  assert.deepEqual(version, await run(['-version'], { cwd: folder }));
  const help = await run(['help'], { cwd: folder });
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: sfprocessor [\s\S]*\n {2}completion /);
  assert.deepEqual(await run(['help', 'alert'], { cwd: folder }), await run(['alert', '--help'], { cwd: folder }));
  const near = await run(['help', 'alrt'], { cwd: folder });
  assert.equal(near.code, 2);
  assert.equal(near.stderr, "unknown command 'alrt'; did you mean 'alert'?\nusage: sfprocessor help [COMMAND]\n");
});

test('an unknown flag prints the usage and exits with 2', async () => {
  const { code, stdout, stderr } = await run(['-nope', trace], { cwd: folder });
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^flag provided but not defined: -nope\nUsage: sfprocessor /);
  for (const flag of ['driver', 'config', 'log', 'perflog', 'driverdir', 'plugdir', 'test', 'version', 'cpuprofile']) {
    assert.ok(stderr.includes(`  -${flag} `), flag);
  }
});

test('without a path the usage is printed and the exit status is 1', async () => {
  for (const args of [[], ['-log', 'info'], ['-test=false']]) {
    const { code, stderr } = await run(args, { cwd: folder });
    assert.equal(code, 1);
    assert.match(stderr, /^Usage: sfprocessor /);
  }
});

test('-h prints the usage to standard output', async () => {
  const { code, stdout } = await run(['-h'], { cwd: folder });
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: sfprocessor /);
});

test('pipeline.json is read where nothing else is said; standard output holds records alone', async () => {
  const { code, stdout, stderr } = await run([trace], { cwd: folder });
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 6);
  for (const line of lines) assert.equal(JSON.parse(line).version, 5);
  for (const line of stderr.trimEnd().split('\n')) {
    assert.match(line, /^\[(Health|Info)\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \S/);
  }
});

test('records of several traces as text were not told apart', async () => {
  const traces = join(folder, 'traces');
  await mkdir(traces);
  for (const name of ['one.sf', 'two.sf']) await writeTrace(join(traces, name));
  await writeFile(join(folder, 'text.json'), enrichPipeline({ format: 'text' }));
  const begins = async (path: string): Promise<string[]> => {
    const { stdout } = await run(['-config', 'text.json', '-log', 'error', path], { cwd: folder });
    return [
      ...new Set(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => line.slice(0, 11) + line.slice(24, 41)),
      ),
    ];
  };
  assert.deepEqual(await begins(traces), ['2023-11-14T  node-1:one.sf  ', '2023-11-14T  node-1:two.sf  ']);
  for (const start of await begins(trace)) assert.match(start, /^2023-11-14T {2}(PE|FF|FE|NF) /);
});

test('-log chooses what is said', async () => {
  const said = async (level: string): Promise<string[]> => {
    const { code, stderr } = await run(['-log', level, trace], { cwd: folder });
    assert.equal(code, 0);
    return [...new Set([...stderr.matchAll(/^\[(\w+)\]/gm)].map((match) => match[1]!))].sort();
  };
  assert.deepEqual(await said('trace'), ['Health', 'Info', 'Trace']);
  assert.deepEqual(await said('error'), ['Health']);
  assert.deepEqual(await said('quiet'), []);
  const { code, stderr } = await run(['-log', 'wran', trace], { cwd: folder });
  assert.equal(code, 2);
  assert.match(stderr, /unknown log level 'wran'; did you mean 'warn'\?/);
});

test('a log level of other programs, or nearly one, was refused without naming ours', async () => {
  for (const [given, meant] of [
    ['debug', 'trace'],
    ['debg', 'trace'],
    ['warning', 'warn'],
    ['fatal', 'error'],
    ['off', 'quiet'],
  ] as const) {
    const { code, stderr } = await run(['-log', given, trace], { cwd: folder });
    assert.deepEqual([code, stderr], [2, `unknown log level '${given}'; did you mean '${meant}'?\n`]);
  }
});

test('-test checks the pipeline, runs nothing, and needs no path', async () => {
  const good = await run(['-test'], { cwd: folder });
  assert.equal(good.code, 0);
  assert.match(good.stderr, /Health checks: passed/);
  await writeFile(join(folder, 'bad.json'), enrichPipeline({ format: 'jsn' }));
  const bad = await run(['-test', '-config', 'bad.json'], { cwd: folder });
  assert.equal(bad.code, 1);
  assert.match(
    bad.stderr,
    /^\[Error\] \S+ \S+ bad\.json:1:\d+: error\[unknown-name\]: unknown value 'jsn' of 'format'; did you mean 'json'\?$/m,
  );
  const path = await run(['-test', trace], { cwd: folder });
  assert.equal(path.code, 0);
  assert.equal(path.stdout, '');
});

test('a wrong pipeline file ends the program with 1, whatever else is asked', async () => {
  const missing = await run(['-config', 'nowhere.json', trace], { cwd: folder });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /nowhere\.json: error\[file-unreadable\]: .*no such file or folder/);
  await writeFile(join(folder, 'cut.json'), '{"pipeline": [');
  const cut = await run(['-config', 'cut.json', trace], { cwd: folder });
  assert.equal(cut.code, 1);
  assert.match(cut.stderr, /cut\.json:1:15: error\[json-syntax\]/);
  assert.equal(cut.stdout, '');
});

test('variables win over the pipeline file', async () => {
  const { code, stdout, stderr } = await run([trace], {
    cwd: folder,
    env: { EXPORTER_FORMAT: 'ecs', EXPORTER_FRMAT: 'x' },
  });
  assert.equal(code, 0);
  assert.ok(stdout.startsWith('{"@timestamp":'));
  assert.match(
    stderr,
    /\[Warn\] .* environment variable EXPORTER_FRMAT: warning\[unknown-key\]: .*did you mean 'EXPORTER_FORMAT'/,
  );
});

test('a driver that is not built is told plainly', async () => {
  const { code, stderr } = await run(['-driver', 'socket', join(folder, 'sock')], { cwd: folder });
  assert.equal(code, 1);
  assert.match(stderr, /'driver' does not support 'socket' yet/);
});

test('a path that does not exist, or is no trace, is an error with its name', async () => {
  await writeFile(join(folder, 'text.sf'), 'no trace\n');
  for (const [path, reason] of [
    ['none.sf', 'does not exist'],
    ['text.sf', 'is not an Avro object container file'],
  ] as const) {
    const { code, stderr, stdout } = await run([path], { cwd: folder });
    assert.equal(code, 3);
    assert.equal(stdout, '');
    assert.ok(stderr.includes(`${path}: ${reason}`), stderr);
  }
});

test('a path may have the name of a subcommand', async () => {
  await writeTrace(join(folder, 'print'));
  const { code, stdout } = await run(['-log', 'quiet', './print'], { cwd: folder });
  assert.equal(code, 0);
  assert.equal(stdout.trimEnd().split('\n').length, 6);
});

test('event data starts no line of the log and no record of the output', async () => {
  const { stdout } = await run(['-log', 'quiet', trace], { cwd: folder, env: { EXPORTER_FORMAT: 'text' } });
  assert.equal(stdout.trimEnd().split('\n').length, 6);
  assert.ok(!stdout.includes('\x1b'));
});

test('a file gets no colours', async () => {
  await writeFile(
    join(folder, 'text.json'),
    enrichPipeline({ export: 'file', format: 'text', 'file.path': 'out.txt' }),
  );
  const { code } = await run(['-config', 'text.json', trace], { cwd: folder });
  assert.equal(code, 0);
  const text = await readFile(join(folder, 'out.txt'), 'utf8');
  assert.equal(text.trimEnd().split('\n').length, 6);
  assert.ok(!text.includes('\x1b'));
});

test('profiles are written in the formats of Chrome DevTools', async () => {
  const args = ['-cpuprofile', 'x.cpuprofile', '-memprofile', 'x.heapprofile', '-traceprofile', 'x.json', trace];
  const { code } = await run(args, { cwd: folder });
  assert.equal(code, 0);
  const read = async (name: string): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(join(folder, name), 'utf8'));
  assert.ok(Array.isArray((await read('x.cpuprofile')).nodes));
  assert.ok('head' in (await read('x.heapprofile')));
  assert.ok(Array.isArray((await read('x.json')).traceEvents));
});

test('a command with a typo was taken for a trace, and its pipeline file was missing', async () => {
  const { code, stdout, stderr } = await run(['inspct', trace], { cwd: folder });
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.equal(stderr, "'inspct' is neither a command nor a path; did you mean 'inspect'?\n");
  await writeTrace(join(folder, 'prin'));
  assert.equal((await run(['-log', 'quiet', 'prin'], { cwd: folder })).code, 0);
  assert.equal((await run(['prin', 'x'], { cwd: folder })).code, 0);
  const help = await run(['help'], { cwd: folder });
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: sfprocessor /);
});

test('what stands behind the path was passed over in silence', async () => {
  const { code, stderr } = await run([trace, 'b.sf', '-config', 'x.json'], { cwd: folder });
  assert.equal(code, 0);
  const warnings = [...stderr.matchAll(/^\[Warn\] \S+ \S+ (.*)$/gm)].map((match) => match[1]);
  assert.deepEqual(warnings, [
    "'b.sf' is ignored: only one path is allowed",
    "'-config' is ignored: flags must precede the path",
    "'x.json' is ignored: only one path is allowed",
  ]);
});

test('a profile that cannot be written ended the program with a stack trace', async () => {
  for (const flag of ['-cpuprofile', '-memprofile', '-traceprofile']) {
    const { code, stdout, stderr } = await run([flag, 'none/x', trace], { cwd: folder });
    assert.equal(code, 3);
    assert.equal(stdout.trimEnd().split('\n').length, 6);
    assert.match(stderr, /\[Error\] \S+ \S+ none\/x: the profile cannot be written: no such folder \(ENOENT\)\n$/);
  }
});

test('a policy without rules was nothing to tell', async () => {
  await writeFile(join(folder, 'empty.yaml'), '# nothing yet\n');
  const { code, stdout, stderr } = await run([trace], {
    cwd: folder,
    env: { POLICYENGINE_POLICIES: 'empty.yaml', POLICYENGINE_MODE: 'alert' },
  });
  assert.equal(code, 0);
  assert.equal(stdout, '');
  assert.match(stderr, /^\[Warn\] \S+ \S+ empty\.yaml: no rule is in it$/m);
  const missing = await run([trace], { cwd: folder, env: { POLICYENGINE_POLICIES: 'none.yaml' } });
  assert.equal(missing.code, 1);
  assert.doesNotMatch(missing.stderr, /no rule/, 'what could not be read is told already');
});
