import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOG_LEVELS, type LogEvent, Logger, type LogLevel } from '../../src/telemetry/logger.js';

function linesAt(level: LogLevel): string[] {
  const lines: string[] = [];
  const logger = new Logger(
    level,
    (line) => lines.push(line),
    () => new Date(2026, 10, 4, 8, 21, 56).getTime(),
  );
  for (const event of LOG_LEVELS) if (event !== 'quiet') logger.log(event as LogEvent, `a ${event}`);
  return lines;
}

test('lines look as those of the original', () => {
  assert.deepEqual(linesAt('trace'), [
    '[Trace] 2026/11/04 08:21:56 a trace\n',
    '[Info] 2026/11/04 08:21:56 a info\n',
    '[Warn] 2026/11/04 08:21:56 a warn\n',
    '[Error] 2026/11/04 08:21:56 a error\n',
    '[Health] 2026/11/04 08:21:56 a health\n',
  ]);
});

test('a level says itself and what is graver; quiet says nothing', () => {
  const counts = LOG_LEVELS.map((level) => linesAt(level).length);
  assert.deepEqual(counts, [5, 4, 3, 2, 1, 0]);
});

test('event data in a message starts no line and drives no terminal', () => {
  const lines: string[] = [];
  const logger = new Logger(
    'info',
    (line) => lines.push(line),
    () => 0,
  );
  logger.log('warn', 'x\n[Error] forged\r\x1b[2J\u009b1m\u2028y');
  assert.equal(lines.length, 1);
  assert.doesNotMatch(lines[0]!.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028]/);
});
