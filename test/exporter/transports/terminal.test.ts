import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { TerminalTransport } from '../../../src/exporter/transports/terminal.js';
import { piece } from '../support/events.js';
import { Output } from '../support/output.js';

/** A stream that takes so many writes and fails then. */
function failingAfter(writes: number, code: string): Writable {
  let left = writes;
  return new Writable({
    write: (_chunk, _encoding, done) => {
      done(left-- > 0 ? null : Object.assign(new Error(`${code}: no`), { code }));
    },
  });
}

test('a reader that has gone is told once, and nothing counts as lost', async () => {
  const transport = new Output(new TerminalTransport(failingAfter(1, 'EPIPE')));
  await transport.open();
  await transport.write(piece('a', 2), 2);
  await Promise.all([transport.write(piece('b', 2), 2), transport.write(piece('c', 2), 2)]);
  await transport.write(piece('d', 2), 2);
  await transport.close();
  assert.deepEqual(transport.events.told, ['closed']);
  assert.deepEqual(transport.counts, { records: 2, bytes: 40, lost: 0 });
  assert.equal(transport.statistics.unread, 6);
});

test('another failure is told once, and what it cost is counted', async () => {
  const transport = new Output(new TerminalTransport(failingAfter(0, 'ENOSPC')));
  await transport.open();
  await Promise.all([transport.write(piece('a', 2), 2), transport.write(piece('b', 2), 2)]);
  await transport.write(piece('c', 1), 1);
  await transport.close();
  assert.deepEqual(transport.events.told, ['failed: standard output: ENOSPC: no']);
  assert.equal(transport.statistics.lost, 5);
});
