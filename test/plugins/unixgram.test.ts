import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../house/support/project.js';
import { temporaryFiles } from '../support/rule-tests.js';

/** What the test uses of the transport, whose interface TypeScript checks where it is written. */
interface Sender {
  connect(): Promise<unknown>;
  send(pieces: readonly object[]): Promise<unknown>;
  close(): Promise<unknown>;
}
interface Transport {
  check(options: { path: string }): Promise<readonly string[]>;
  create(options: { path: string }): Sender;
}
interface Receiver {
  bind(path: string): string | null;
  receive(into: Uint8Array): number;
  close(): void;
}

/** The folder of the plugin with its package installed; null where the test was skipped, since it cannot be fetched. */
async function installed(t: TestContext): Promise<string | null> {
  if (process.platform !== 'linux') {
    t.skip('the numbers of system calls are those of Linux');
    return null;
  }
  const folder = (await temporaryFiles(t, {}))('plugin');
  cpSync(join(projectRoot, 'plugins/transports/unixgram'), folder, { recursive: true });
  const options = ['install', '--no-audit', '--no-fund', '--fetch-retries=0', '--prefer-offline'];
  const { status, stderr } = spawnSync('npm', options, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  if (status === 0) return folder;
  t.skip(`the package koffi cannot be installed: ${stderr.split('\n', 1)[0]}`);
  return null;
}

test('the example transport sends a datagram for each record, and says what cannot be sent', async (t) => {
  const folder = await installed(t);
  if (folder === null) return;
  const load = async (name: string) => import(pathToFileURL(join(folder, name)).href);
  const { default: transport } = (await load('index.mjs')) as { default: Transport };
  const { DatagramSocket } = (await load('socket.mjs')) as { DatagramSocket: new () => Receiver };
  const path = join(folder, 's');
  assert.deepEqual(await transport.check({ path }), [`nothing receives at '${path}': ENOENT`]);
  assert.deepEqual(await transport.check({ path: 'x'.repeat(108) }), [
    `'${'x'.repeat(108)}' is too long for the path of a socket`,
  ]);

  const receiver = new DatagramSocket();
  assert.equal(receiver.bind(path), null);
  assert.deepEqual(await transport.check({ path }), []);
  const sender = transport.create({ path });
  assert.deepEqual(await sender.connect(), { kind: 'ok' });
  assert.deepEqual(await sender.send([piece('first', '{"second":"é"}')]), { kind: 'ok' });
  const buffer = Buffer.alloc(1000);
  const next = (): string | null => {
    const size = receiver.receive(buffer);
    return size === -1 ? null : buffer.toString('utf8', 0, size);
  };
  assert.deepEqual([next(), next(), next()], ['first', '{"second":"é"}', null]);

  const tooLong = 'x'.repeat(8 << 20);
  assert.deepEqual(await sender.send([piece('a', tooLong, 'b')]), {
    kind: 'partial',
    failed: [{ from: 1, to: 2, action: 'reject', reason: 'it is too long' }],
  });
  assert.deepEqual([next(), next()], ['a', 'b']);

  // Nobody receives: the queue of the socket fills up.
  const many = piece(...Array.from({ length: 10_000 }, String));
  const result = (await sender.send([many])) as {
    kind: string;
    failed: { from: number; to: number; action: string }[];
  };
  assert.equal(result.kind, 'partial');
  assert.deepEqual([result.failed[0]!.action, result.failed[0]!.to], ['retry', 10_000]);
  const full = await sender.send([many]);
  assert.deepEqual(full, { kind: 'back-off', milliseconds: 1000, reason: 'EAGAIN' });

  receiver.close();
  const gone = (await sender.send([many])) as { kind: string };
  assert.equal(gone.kind, 'not-connected');
  await sender.close();
});

/** A piece as the exporter makes them. */
function piece(...records: readonly string[]): object {
  const bytes = Buffer.from(records.map((text) => `${text}\n`).join(''));
  const ends: number[] = [];
  for (const text of records) ends.push((ends.at(-1) ?? 0) + Buffer.byteLength(text) + 1);
  return { bytes, count: records.length, start: (i: number) => ends[i - 1] ?? 0, end: (i: number) => ends[i] };
}
