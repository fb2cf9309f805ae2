/** Signals: none crashes the program, and none but SIGKILL is needed to end it. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TraceRecord } from '../../src/sysflow/index.js';
import { moduleText } from '../components/plugins/support/plugin-folder.js';
import { Random } from '../sysflow/support/random.js';
import { enrichPipeline, outcomeOf, start } from './support/program.js';
import { RECORDS, writeTrace } from './support/traces.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-signals-'));
after(() => rm(folder, { recursive: true }));

/** Large and hard to compress, so that the inflater thread is at work most of the time. */
const large = join(folder, 'large.sf');
const random = new Random(1);
const NOISE = Array.from({ length: 40_000 }, (_, i): TraceRecord => {
  const event = RECORDS.find(({ kind }) => kind === 'networkFlow')!;
  return { ...event, ts: BigInt(i), sip: random.below(1 << 30), dip: random.below(1 << 30) } as TraceRecord;
});
await writeTrace(large, [...RECORDS, ...Array.from({ length: 8 }, () => NOISE).flat()]);
await writeFile(join(folder, 'pipeline.json'), enrichPipeline());
await writeFile(join(folder, 'null.json'), enrichPipeline({ export: 'null' }));

/** Waits until the program wrote something to standard error. */
async function said(child: ChildProcess, words: RegExp): Promise<void> {
  let text = '';
  for await (const [piece] of iterate(child)) {
    text += String(piece);
    if (words.test(text)) return;
  }
  assert.fail(`it never said ${words}: ${text}`);
}

/** Pieces of standard error until the program ends; later ones are read and dropped. */
async function* iterate(child: ChildProcess): AsyncGenerator<unknown[]> {
  const ended = once(child, 'close').then(() => null);
  for (;;) {
    const piece = await Promise.race([once(child.stderr!, 'data'), ended]);
    if (piece === null) return;
    yield piece;
  }
}

const SIGNALS = 200;
/** Longest time from the first message to the signal, milliseconds. */
const LONGEST = 250;

test('SIGTERM while zlib inflated could abort the process: hundreds at random times end it in order', async () => {
  const ends = new Map<string, number>();
  const times = Array.from({ length: SIGNALS }, () => random.below(LONGEST));
  const next = async (): Promise<void> => {
    for (let time = times.pop(); time !== undefined; time = times.pop()) {
      const child = start(['-config', 'null.json', large], { cwd: folder });
      const outcome = outcomeOf(child);
      // Every fourth arrives while the program starts, when the signal's default action may still end it.
      if (time % 4 > 0) await once(child.stderr!, 'data');
      await sleep(time);
      child.kill('SIGTERM');
      const { code, signal, stderr } = await outcome;
      const end = signal ?? `${code}`;
      assert.match(end, /^(SIGTERM|0)$/, stderr);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
  };
  await Promise.all([next(), next(), next()]);
  assert.ok((ends.get('0') ?? 0) > SIGNALS / 2, `${[...ends]}`);
});

test('process.exit() while zlib inflated could abort the process: it waits for the block under way', async () => {
  const policies = join(folder, 'leave.yaml');
  await writeFile(policies, '- rule: Any\n  desc: d\n  condition: sf.proc.name = bash\n  actions: [leave]\n');
  await writeFile(join(folder, 'leave.mjs'), moduleText("kind: 'action', name: 'leave', run: () => process.exit(7)"));
  const config = enrichPipeline({ export: 'null' }).replace(
    '"mode"',
    `"policies":"${policies}","actiondir":"${folder}","mode"`,
  );
  await writeFile(join(folder, 'leave.json'), config);
  const runs = Array.from({ length: 20 }, () => outcomeOf(start(['-config', 'leave.json', large], { cwd: folder })));
  for (const { code, signal, stderr } of await Promise.all(runs)) assert.deepEqual([code, signal], [7, null], stderr);
});

test('a second signal ends the program while nobody reads its output', async () => {
  const child = start([large], { cwd: folder });
  child.stdout!.pause();
  await said(child, /Health checks/);
  await once(child.stdout!, 'readable');
  child.kill('SIGTERM');
  await said(child, /draining/);
  assert.equal(child.exitCode, null);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
  child.stdout!.destroy();
});

test('a second signal did not end the program while a named pipe had no reader', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await writeFile(join(folder, 'pipe.json'), enrichPipeline({ export: 'file', 'file.path': pipe }));
  const child = start(['-config', 'pipe.json', large], { cwd: folder });
  await said(child, /Health checks/);
  child.kill('SIGINT');
  await said(child, /draining/);
  assert.equal(child.exitCode, null);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGINT']);
});

/** A terminal whose output nobody reads, so that it is full soon; `python3` is at hand where `pty` is. */
const HALTED = `
import os, pty, sys
messages = os.dup(2)
pid, terminal = pty.fork()
if pid == 0:
    os.dup2(messages, 2)
    os.execv(sys.argv[1], sys.argv[1:])
print(pid, flush=True)
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status), flush=True)
`;

test('a halted terminal kept the program from handling signals', {
  skip: hasPython() ? false : 'no python3',
}, async () => {
  const program = new URL('../../../bin/sfprocessor.js', import.meta.url).pathname;
  const args = ['-c', HALTED, process.execPath, program, large];
  const child = spawn('python3', args, {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  child.stdout.on('data', (text) => lines.push(...String(text).trim().split('\n')));
  await said(child, /Health checks/);
  process.kill(Number(lines[0]), 'SIGTERM');
  await said(child, /draining/);
  process.kill(Number(lines[0]), 'SIGTERM');
  await once(child, 'close');
  assert.equal(lines[1], '-15');
});

function hasPython(): boolean {
  try {
    return execFileSync('python3', ['-c', 'import os, pty; os.waitstatus_to_exitcode']).length === 0;
  } catch {
    return false;
  }
}

test('SIGUSR1 opened the debugger port: now it does nothing', async () => {
  const pipe = join(folder, 'live');
  execFileSync('mkfifo', [pipe]);
  const child = start(['-config', 'null.json', pipe], { cwd: folder });
  let stderr = '';
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  await said(child, /Health checks/);
  child.kill('SIGUSR1');
  child.kill('SIGUSR1');
  // Handled after it, so what it does would be seen by then.
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /[Dd]ebugger/);
});
