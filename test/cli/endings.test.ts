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
import { RECORDS, writeTrace } from './support/traces.js';

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

test('a reader that leaves ends the program quietly', async () => {
  const child = start(['-log', 'warn', large], { cwd: folder });
  child.stdout!.once('data', () => child.stdout!.destroy());
  let stderr = '';
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /\[(Warn|Error)\]|EPIPE/);
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
  assert.match(stderr, /\[Error\] .* standard output: its reader has gone; what else goes there is dropped\n/);
  assert.match(stderr, /\[Error\] .* \d+ records were dropped after the reader had gone\n/);
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
  assert.equal(code, 3);
  assert.match(stderr, /\[Error\] .* none\/out: no such folder/);
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
