import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ProgressLine, progressText } from '../../src/cli/progress.js';
import { enrichPipeline, run } from './support/program.js';
import { NO_TERMINAL, TerminalRun } from './support/terminal.js';
import { writeTrace } from './support/traces.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-progress-'));
after(() => rm(folder, { recursive: true }));
await writeTrace(join(folder, 'whole.sf'));
const bytes = await readFile(join(folder, 'whole.sf'));
await writeFile(join(folder, 'pipeline.json'), enrichPipeline({ format: 'text' }));

/** A named pipe that holds a trace, and nobody has ended yet. */
async function pipeOf(name: string): Promise<FileHandle> {
  execFileSync('mkfifo', [join(folder, name)]);
  // For reading, too: it opens before anyone else does.
  const pipe = await open(join(folder, name), 'r+');
  await pipe.write(bytes);
  return pipe;
}

const PROGRESS = /\r\x1b\[K0\/1 traces {2}[\d.]+ K?i?B {2}\d+ records\/s/;

for (const [name, command, plain] of [
  ['print', '$SFPROCESSOR print print', ['print', 'whole.sf']],
  ['pipeline', '$SFPROCESSOR -log quiet pipeline', ['-log', 'quiet', 'whole.sf']],
] as const) {
  test(`long work was silent on a terminal: ${name}`, { skip: NO_TERMINAL }, async () => {
    const pipe = await pipeOf(name);
    const terminal = new TerminalRun(command, folder);
    await terminal.until(PROGRESS);
    await pipe.close();
    assert.equal(await terminal.end(), 0);
    const { stdout } = await run(plain, { cwd: folder });
    // Nothing of the line is left, and none of it in the records.
    assert.deepEqual(terminal.screen, stdout.split('\n'));
  });
}

test('where standard error is no terminal there is no progress', { skip: NO_TERMINAL }, async () => {
  // The second program tells by its progress that the first would have shown some.
  const [silent, shown] = [await pipeOf('silent'), await pipeOf('shown')];
  const terminal = new TerminalRun('$SFPROCESSOR -log quiet silent 2>errors & $SFPROCESSOR print shown; wait', folder);
  await terminal.until(/EXIT code 1/);
  await terminal.until(PROGRESS);
  await silent.close();
  await shown.close();
  assert.equal(await terminal.end(), 0);
  assert.equal(await readFile(join(folder, 'errors'), 'utf8'), '');
});

test('progress tells traces, bytes, rate and remaining time', () => {
  const progress = { tracesRead: 1, traces: 3, bytesRead: 3 << 20, bytes: 12 << 20, records: 2_500_000 };
  assert.equal(progressText(progress, 2_000), '1/3 traces  3.0 MiB of 12.0 MiB  1,250,000 records/s  6 s left');
  assert.match(progressText(progress, 100_000), / 5 min 0 s left$/);
  assert.match(progressText(progress, 4_000_000), / 3 h 20 min left$/);
  assert.equal(progressText({ ...progress, bytes: null }, 2_000), '1/3 traces  3.0 MiB  1,250,000 records/s');
});

test('the line is as wide as the terminal at most, comes after half a second, and is erased', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  let written = '';
  const write = (text: string): void => {
    written += text;
  };
  const line = new ProgressLine({ write, columns: () => 20, now: Date.now });
  const stop = line.start(() => ({ tracesRead: 0, traces: 1, bytesRead: 1, bytes: 2, records: 3 }));
  t.mock.timers.tick(400);
  assert.equal(written, '');
  t.mock.timers.tick(200);
  assert.equal(written, '\r\x1b[K0/1 traces  1 B of ');
  line.erase();
  line.erase();
  assert.equal(written, '\r\x1b[K0/1 traces  1 B of \r\x1b[K');
  t.mock.timers.tick(200);
  stop();
  written = '';
  t.mock.timers.tick(1_000);
  assert.equal(written, '');
});
