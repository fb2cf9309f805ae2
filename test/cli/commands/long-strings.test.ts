/** Records with very long strings, and readers that are slow: what is under way at once is bounded. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Command } from '../../../src/cli/command.js';
import { alertCommand } from '../../../src/cli/commands/alert.js';
import { backtestCommand } from '../../../src/cli/commands/backtest.js';
import { explainCommand } from '../../../src/cli/commands/explain.js';
import { inspectCommand } from '../../../src/cli/commands/inspect.js';
import { printCommand } from '../../../src/cli/commands/print.js';
import { testCommand } from '../../../src/cli/commands/test.js';
import { OpFlag, type TraceRecord } from '../../../src/sysflow/index.js';
import { RecordingIo } from '../support/io.js';
import { RECORDS, writeTrace } from '../support/traces.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-long-'));
after(() => rm(folder, { recursive: true }));

const LONG = 'x'.repeat(300_000);
const EVENTS = 40;
const SHELL = RECORDS.filter((record) => record.kind === 'process').at(-1)!;
const trace = join(folder, 'long.sf');
await writeTrace(trace, [
  RECORDS[0]!,
  { ...SHELL, exe: `/bin/${LONG}`, args: LONG },
  ...Array.from({ length: EVENTS }, (_, i): TraceRecord => {
    const ts = BigInt(i + 1) * 1_000_000_000n;
    return { kind: 'processEvent', process: SHELL.oid, ts, tid: 1n, opFlags: OpFlag.exec, args: [], ret: 0 };
  }),
]);
const processes = join(folder, 'processes.sf');
await writeTrace(
  processes,
  Array.from({ length: EVENTS }, (_, i) => ({
    ...SHELL,
    oid: { createTs: 1n, pid: BigInt(i) },
    exe: LONG,
    args: LONG,
  })),
);
const policy = async (name: string, condition: string): Promise<string> => {
  const path = join(folder, `${name}.yaml`);
  await writeFile(path, `- rule: All\n  desc: all\n  condition: ${condition}\n`);
  return path;
};
const all = await policy('all', 'sf.opflags = EXEC');
const none = await policy('none', 'sf.opflags = EXEC and sf.proc.name = none');

/** Standard output with a slow reader, which takes one piece in a turn of the event loop. */
class SlowIo extends RecordingIo {
  bytes = 0;
  lineCount = 0;
  largest = 0;
  /** Pieces that came before the one before was taken. */
  early = 0;
  #isTaking = false;

  protected override writeOut(piece: string | Buffer): Promise<void> {
    if (this.#isTaking) this.early++;
    this.#isTaking = true;
    this.bytes += piece.length;
    this.lineCount += String(piece).split('\n').length - 1;
    this.largest = Math.max(this.largest, piece.length);
    return turn().then(() => {
      this.#isTaking = false;
    });
  }
}

async function run(command: Command, ...args: string[]): Promise<SlowIo> {
  const io = new SlowIo();
  await command.run(args, io);
  return io;
}

const COMMANDS: readonly (readonly [name: string, command: Command, ...args: string[]])[] = [
  ['alert as JSON', alertCommand, '-q', '-p', all, '-f', 'json'],
  ['alert as ECS', alertCommand, '-q', '-p', all, '-f', 'ecs'],
  ['alert as text', alertCommand, '-q', '-p', all],
  ['print', printCommand],
  ['explain', explainCommand, '-r', 'All', '-p', all, '-n', '0'],
  ['explain as JSON', explainCommand, '-r', 'All', '-p', all, '-n', '0', '--json'],
  ['explain of misses', explainCommand, '-r', 'All', '-p', none, '-m', '5', '--json'],
  ['backtest', backtestCommand, all, none, '-n', '0'],
  ['backtest as JSON', backtestCommand, all, none, '--json'],
];

test('the records of print as JSON were written without waiting for a slow reader', async () => {
  const { early, lineCount: lines, largest } = await run(printCommand, '--json', processes);
  assert.deepEqual({ early, lines }, { early: 0, lines: EVENTS });
  assert.ok(largest < 2.5 * LONG.length, `${largest} bytes in one piece`);
});

for (const [name, command, ...args] of COMMANDS) {
  test(`the output of many long records was made at once, or without waiting for a slow reader: ${name}`, async () => {
    const { early, bytes, lineCount: lines, largest } = await run(command, ...args, trace);
    const records = args.includes('-m') ? 1 : EVENTS;
    assert.ok(lines >= records, `${lines} lines`);
    assert.ok(bytes > records * LONG.length || name.startsWith('print'), `${bytes} bytes`);
    // The record that makes a piece full is whole in it.
    assert.ok(largest <= (bytes / records) * 1.5 + (1 << 16), `${largest} of ${bytes} bytes in one piece`);
    assert.equal(early, 0);
  });
}

test('a test kept the whole line of every alert', async () => {
  const tests = join(folder, 'tests.yaml');
  const expected = 'expect: { All: { with: [ { sf.proc.cmdline: none } ] } }';
  await writeFile(tests, `policy: all.yaml\ntests:\n  - name: one\n    trace: long.sf\n    ${expected}\n`);
  const io = await run(testCommand, tests);
  assert.equal(io.early, 0);
  // The value that is not as expected is shown whole, once.
  assert.ok(io.bytes > LONG.length && io.bytes < 3 * LONG.length, `${io.bytes} bytes`);
  await writeFile(tests, 'policy: all.yaml\ntests:\n  - name: one\n    trace: long.sf\n    expect: { All: 0 }\n');
  const counted = await run(testCommand, tests);
  assert.ok(counted.bytes > 0 && counted.bytes < 20_000, `${counted.bytes} bytes`);
});

test('long headers made the output of inspect larger than a string can be', async () => {
  const path = join(folder, 'headers.sf');
  const header = { kind: 'header', version: 5, exporter: LONG, ip: LONG, filename: LONG } as const;
  await writeTrace(
    path,
    Array.from({ length: 10 }, () => header),
  );
  const io = new RecordingIo();
  await inspectCommand.run([path], io);
  assert.match(io.stdout, /^header +9 more$/m);
  for (const args of [[path], ['--json', path]]) {
    const { bytes, stderr } = await run(inspectCommand, ...args);
    assert.equal(stderr, '');
    assert.ok(bytes > 3 * LONG.length && bytes < 4 * LONG.length, `${bytes} bytes`);
  }
});
