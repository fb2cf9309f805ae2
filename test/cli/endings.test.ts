/** How the program ends: readers that leave, full disks, signals. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../house/support/project.js';
import { enrichPipeline, outcomeOf, run, start } from './support/program.js';
import { RECORDS, writeTornTrace, writeTrace } from './support/traces.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-endings-'));
after(() => rm(folder, { recursive: true }));
const large = join(folder, 'large.sf');
const EVENTS = RECORDS.filter(({ kind }) => /Event$|Flow$/.test(kind));
const REPEATS = 5_000;
await writeTrace(large, [...RECORDS, ...Array.from({ length: REPEATS }, () => EVENTS).flat()]);
const LINES = EVENTS.length * (REPEATS + 1);
const small = join(folder, 'small.sf');
await writeTrace(small);
await writeFile(join(folder, 'pipeline.json'), enrichPipeline());

/** Waits until something is so; fails after some seconds. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await holds()) return;
    await sleep(20);
  }
  assert.fail(`never: ${what}`);
}

const linesOf = async (path: string): Promise<number> =>
  existsSync(path) ? (await readFile(path, 'utf8')).split('\n').length - 1 : 0;

/** Runs the program with a reader that leaves after the first piece of output. */
async function leaveEarly(args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const child = start(args, { cwd: folder });
  child.stdout!.once('data', () => child.stdout!.destroy());
  let stderr = '';
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

test('a reader that leaves ended the pipeline with 0, as if all had been written', async () => {
  const { code, stderr } = await leaveEarly(['-log', 'warn', large]);
  assert.equal(code, 141);
  assert.match(stderr, /\[Health\] .* stopped: .*large\.sf read in part\n/);
  assert.doesNotMatch(stderr, /\[(Warn|Error)\]|EPIPE/);
});

test('a reader that leaves took the exit status with it: it was 0 whatever was known already', async () => {
  const rule = (i: number, name: string): string =>
    `- rule: Rule ${i}\n  desc: d\n  condition: sf.proc.${name} = bash\n  prefilter: [PE, FE, FF, NF]\n`;
  const rules = (name: string): string => Array.from({ length: 900 }, (_, i) => rule(i, name)).join('');
  await writeFile(join(folder, 'wrong.yaml'), rules('nmae'));
  await writeFile(join(folder, 'shell.yaml'), rule(0, 'name'));
  await writeFile(join(folder, 'none.yaml'), rule(0, 'name').replace('bash', 'zsh'));
  await writeTornTrace(join(folder, 'torn.sf'), await readFile(small));
  const alert = ['alert', '-p', 'shell.yaml'];
  const cases: readonly (readonly [status: number, ...args: string[]])[] = [
    [1, 'validate', 'wrong.yaml'],
    [1, 'validate', '--json', 'wrong.yaml'],
    [141, ...alert, large],
    [1, ...alert, '-p', 'wrong.yaml', large],
    [3, ...alert, 'absent.sf', large],
    [141, 'explain', '-r', 'Rule 0', '-n', '0', '-p', 'shell.yaml', large],
    [3, 'explain', '-r', 'Rule 0', '-n', '0', '-p', 'shell.yaml', 'absent.sf', large],
    [1, 'backtest', '-n', '0', 'shell.yaml', 'none.yaml', large],
    [3, 'backtest', '-n', '0', 'shell.yaml', 'none.yaml', 'absent.sf', large],
    [141, 'print', large],
    [1, 'print', 'torn.sf', large],
    [3, 'print', 'absent.sf', large],
  ];
  for (const [status, ...args] of cases) {
    const { code, stderr } = await leaveEarly(args);
    assert.equal(code, status, args.join(' '));
    assert.doesNotMatch(stderr, /EPIPE/);
  }
});

test('a reader that leaves does not end the output to a file beside, and what it misses is counted', async () => {
  const tee = {
    pipeline: [
      { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
      {
        processor: 'policyengine',
        mode: 'enrich',
        in: 'flat flattenerchan',
        out: ['one eventchan', 'two eventchan'],
      },
      { processor: 'exporter', export: 'terminal', in: 'one eventchan' },
      { processor: 'exporter', export: 'file', 'file.path': 'tee.out', in: 'two eventchan' },
    ],
  };
  await writeFile(join(folder, 'tee.json'), JSON.stringify(tee));
  const child = start(['-config', 'tee.json', large], { cwd: folder });
  child.stdout!.once('data', () => child.stdout!.destroy());
  let stderr = '';
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 3);
  assert.match(stderr, /\[Error\] .* standard output was closed by its reader; further records for it are dropped\n/);
  assert.match(stderr, /\[Error\] .* \d+ records were dropped because the reader had closed the output\n/);
  assert.equal(await linesOf(join(folder, 'tee.out')), LINES);
});

test('both branches of a tee get every record, though one reader is slow', async () => {
  const child = start(['-config', 'tee.json', '-log', 'quiet', large], { cwd: folder });
  await rm(join(folder, 'tee.out'), { force: true });
  await sleep(400);
  // Only now somebody reads.
  const { code, stdout } = await outcomeOf(child);
  assert.equal(code, 0);
  assert.equal(stdout.split('\n').length - 1, LINES);
});

const FULL = { skip: existsSync('/dev/full') ? false : 'there is no /dev/full here' };

test('a full disk behind standard output is told, and what was lost is counted', FULL, async () => {
  const child = spawn(process.execPath, [join(projectRoot, 'bin/sfprocessor.js'), small], {
    cwd: folder,
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
  });
  let stderr = '';
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 3);
  assert.match(stderr, /\[Error\] .* standard output: ENOSPC/);
  assert.match(stderr, /6 records could not be written and are lost/);
});

test('a full disk behind the output of a command was a success, and of -version a stack trace', FULL, () => {
  const commands = [['print', large], ['inspect', small], ['fields'], ['-version'], ['-h']];
  for (const args of commands) {
    const { status, stderr } = spawnSync(process.execPath, [join(projectRoot, 'bin/sfprocessor.js'), ...args], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      encoding: 'utf8',
    });
    assert.equal(status, 3, args.join(' '));
    assert.equal(stderr, 'sfprocessor: standard output: no space left on the disk (ENOSPC)\n');
  }
});

test('a full disk behind a file is told with its name, and what was lost is counted', FULL, async () => {
  await writeFile(join(folder, 'full.json'), enrichPipeline({ export: 'file', 'file.path': '/dev/full' }));
  const { code, stderr } = await run(['-config', 'full.json', small], { cwd: folder });
  assert.equal(code, 3);
  assert.match(stderr, /\[Error\] .* \/dev\/full: no space left on the disk \(ENOSPC\)/);
  assert.match(stderr, /6 records could not be written and are lost/);
  assert.match(stderr, /Done: .* 6 events, 0 exported/);
});

test('a file that is to wait for space does so no longer than the time for draining', FULL, async () => {
  const waiting = { export: 'file', 'file.path': '/dev/full', 'retry.limit': 1000, 'retry.drain': '1s' };
  await writeFile(join(folder, 'waiting.json'), enrichPipeline(waiting));
  const { code, stderr } = await run(['-config', 'waiting.json', small], { cwd: folder });
  assert.equal(code, 3);
  assert.match(stderr, /\[Warn\] .* \/dev\/full: no space left on the disk \(ENOSPC\); retrying\n/);
  assert.match(stderr, /\[Error\] .* \/dev\/full: no space left on the disk \(ENOSPC\)\n/);
  assert.match(stderr, /6 records could not be written and are lost/);
});

test('a full disk held up or ended the output to a file beside', FULL, async () => {
  const text = (await readFile(join(folder, 'tee.json'), 'utf8')).replace(
    '"export":"terminal"',
    '"export":"file","file.path":"/dev/full"',
  );
  await writeFile(join(folder, 'full-tee.json'), text.replace('tee.out', 'beside.out'));
  const { code, stderr } = await run(['-config', 'full-tee.json', large], { cwd: folder });
  assert.equal(code, 3);
  assert.match(stderr, new RegExp(`${LINES} records could not be written and are lost`));
  assert.equal(await linesOf(join(folder, 'beside.out')), LINES);
});

test('a file that cannot be opened ends the program before it reads', async () => {
  await writeFile(join(folder, 'none.json'), enrichPipeline({ export: 'file', 'file.path': 'none/out' }));
  const { code, stderr } = await run(['-config', 'none.json', small], { cwd: folder });
  assert.equal(code, 1);
  assert.match(stderr, /\[Error\] .* none\.json:1:\d+: error\[file-unwritable\]: 'none\/out': .*no such folder/);
  assert.doesNotMatch(stderr, /Done/);
});

/** A live input: a named pipe that the program reads while it is written to. */
async function livePipe(
  name: string,
): Promise<{ path: string; write(bytes: Uint8Array): Promise<void>; close(): Promise<void> }> {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  // Opened for both, so that opening waits for nobody.
  const pipe = await open(path, 'r+');
  return {
    path,
    write: async (bytes) => {
      await pipe.write(bytes);
    },
    close: () => pipe.close(),
  };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} writes out what came in and ends with 0, though the input goes on`, async () => {
    const pipe = await livePipe(`live-${signal}`);
    const config = `${signal}.json`;
    await writeFile(join(folder, config), enrichPipeline({ export: 'file', 'file.path': `${signal}.out` }));
    const child = start(['-config', config, pipe.path], { cwd: folder });
    const ended = outcomeOf(child);
    await pipe.write(await readFile(small));
    await until(
      'the records are written while the input is open',
      async () => (await linesOf(join(folder, `${signal}.out`))) === 6,
    );
    child.kill(signal);
    const { code, stderr } = await ended;
    assert.equal(code, 0);
    assert.match(stderr, new RegExp(`\\[Health\\] .* ${signal}: draining`));
    assert.match(stderr, /6 exported/);
    await pipe.close();
  });
}

/** What a command says of a live input that is stopped after its first records. */
async function stopped(
  signal: 'SIGINT' | 'SIGTERM',
  args: readonly string[],
  output: RegExp,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const pipe = await livePipe(`stopped-${signal}-${args[0]}`);
  const child = start([...args, pipe.path, large], { cwd: folder });
  const ended = outcomeOf(child);
  let stdout = '';
  child.stdout!.on('data', (text) => {
    stdout += text;
  });
  await pipe.write(await readFile(small));
  await until(`${args[0]} prints what it has read`, () => output.test(stdout));
  child.kill(signal);
  const outcome = await ended;
  await pipe.close();
  return outcome;
}

test('Ctrl-C ended commands without a word of what they had found', async () => {
  await writeFile(join(folder, 'any.yaml'), '- rule: Any\n  desc: d\n  condition: sf.proc.name = bash\n');
  await writeFile(join(folder, 'nothing.yaml'), '- rule: Any\n  desc: d\n  condition: sf.proc.name = zsh\n');
  const cases: readonly (readonly [args: readonly string[], output: RegExp, summary: RegExp])[] = [
    [['alert', '-p', 'any.yaml'], /Any/, /^6 records in 1 trace: 5 alerts$/m],
    [['explain', '-r', 'Any', '-p', 'any.yaml'], /Any/, /^5 matches in 6 records$/m],
    [['backtest', 'any.yaml', 'nothing.yaml'], /- Any/, /^6 records in 1 trace: 5 alerts gone/m],
    [['print'], /FF bash/, /stopped/],
  ];
  for (const [args, output, summary] of cases) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      if (signal === 'SIGTERM' && args[0] !== 'alert') continue;
      const { code, stdout, stderr } = await stopped(signal, args, output);
      assert.equal(code, signal === 'SIGINT' ? 130 : 143, args[0]);
      assert.match(stdout + stderr, summary);
      assert.match(stderr, /stopped: 1 of 2 files not read, .*stopped-SIG(INT|TERM)-\w+ read in part\n/);
    }
  }
});

test('Ctrl-C ends a command that waits for somebody to open a named pipe', async () => {
  const path = join(folder, 'unopened');
  execFileSync('mkfifo', [path]);
  const child = start(['inspect', small, path], { cwd: folder });
  let stdout = '';
  child.stdout!.on('data', (text) => {
    stdout += text;
  });
  const ended = outcomeOf(child);
  await until('the first trace is shown', () => stdout.includes('damage'));
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  assert.equal(code, 130);
  assert.equal(stderr, 'sfprocessor inspect: stopped: 1 of 2 files not read\n');
});

test('a second signal ends a command whose output is not read', async () => {
  // What the first signal lets the command write, the alerts of one batch, is megabytes and does not fit into any pipe.
  const path = join(folder, 'long-arguments.sf');
  const records = RECORDS.map((one) => (one.kind === 'process' ? { ...one, args: 'x'.repeat(4000) } : one));
  const events = records.filter(({ kind }) => /Event$|Flow$/.test(kind));
  await writeTrace(path, [...records, ...Array.from({ length: 400 }, () => events).flat()]);
  await writeFile(join(folder, 'second.yaml'), '- rule: Any\n  desc: d\n  condition: sf.proc.name exists\n');
  const child = start(['alert', '-p', 'second.yaml', '--format', 'json', path], { cwd: folder });
  const ended = once(child, 'exit');
  await once(child.stdout!, 'data');
  child.stdout!.pause();
  // The first one lets the command write what it has, which would never end.
  await until('it ends', () => {
    child.kill('SIGINT');
    return child.signalCode !== null;
  });
  assert.deepEqual(await ended, [null, 'SIGINT']);
  child.stdout!.destroy();
});

test('an action that fails in a timer printed what it liked, with a stack trace and status 1', async () => {
  const name = 'late.mjs';
  await writeFile(
    join(folder, name),
    "export default { apiVersion: 1, kind: 'action', summary: 's', options: {}, name: 'late', run() { setTimeout(() => { throw new Error('\\x1b[2Jforged\\u202e'); }); } };",
  );
  const policy = '- rule: Any\n  desc: d\n  condition: sf.proc.name = bash\n  actions: [late]\n';
  await writeFile(join(folder, 'late.yaml'), policy);
  const { code, stderr } = await run(['alert', '-p', 'late.yaml', '--actiondir', '.', large], { cwd: folder });
  assert.equal(code, 3);
  assert.match(stderr, /^sfprocessor: unexpected error: Error: \\u001b\[2Jforged\\u202e$/m);
  assert.doesNotMatch(stderr, /[\u001b\u202e]/);
});

test('SIGHUP opens the file anew, so that it can be rotated from outside', async () => {
  const pipe = await livePipe('live-hup');
  const path = join(folder, 'hup.out');
  await writeFile(join(folder, 'hup.json'), enrichPipeline({ export: 'file', 'file.path': 'hup.out' }));
  const child = start(['-config', 'hup.json', pipe.path], { cwd: folder });
  const ended = outcomeOf(child);
  await pipe.write(await readFile(small));
  await until('the records are written', async () => (await linesOf(path)) === 6);
  await rename(path, `${path}.moved`);
  child.kill('SIGHUP');
  await until('a new file is there', () => existsSync(path));
  child.kill('SIGTERM');
  assert.equal((await ended).code, 0);
  assert.equal(await linesOf(`${path}.moved`), 6);
  assert.equal(await linesOf(path), 0);
  await pipe.close();
});
