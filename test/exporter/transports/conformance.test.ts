/** What every transport must do, run against each of them. A new transport is a line in `SUBJECTS`. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { TRANSPORTS, type TransportOptions } from '../../../src/exporter/registry.js';
import type { Transport } from '../../../src/exporter/transport.js';
import { KeptEvents, piece } from './support/events.js';

interface Subject {
  readonly transport: Transport;
  readonly events: KeptEvents;
  /** What arrived at the other end; null where there is no other end. */
  readonly arrived: () => Promise<string | null>;
}

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-transports-'));
after(() => rm(folder, { recursive: true }));
let files = 0;

function options(): TransportOptions & { readonly received: () => string } {
  const chunks: Buffer[] = [];
  // A slow reader, which sees a chunk after its write has returned.
  const stdout = new Writable({
    highWaterMark: 16,
    write: (chunk: Buffer, _encoding, done) =>
      void setTimeout(() => {
        chunks.push(Buffer.from(chunk));
        done();
      }, 1),
  });
  const path = join(folder, `out-${files++}`);
  return {
    stdout,
    file: { path, rotateSize: 0, rotateAge: 0, rotateKeep: 1 },
    now: () => 0,
    received: () => Buffer.concat(chunks).toString(),
  };
}

const SUBJECTS: Readonly<Record<string, (made: ReturnType<typeof options>) => () => Promise<string | null>>> = {
  terminal:
    ({ received }) =>
    async () =>
      received(),
  file:
    ({ file }) =>
    () =>
      readFile(file.path, 'utf8'),
  null: () => async () => null,
};

function make(name: string): Subject {
  const made = options();
  const events = new KeptEvents();
  return { transport: TRANSPORTS.get(name)!(made, events), events, arrived: SUBJECTS[name]!(made) };
}

test('every transport is tested', () => assert.deepEqual([...TRANSPORTS.keys()].sort(), Object.keys(SUBJECTS).sort()));

for (const name of TRANSPORTS.keys()) {
  describe(`the transport ${name}`, () => {
    test('writes pieces in their order and counts them', async () => {
      const { transport, events, arrived } = make(name);
      assert.equal(await transport.open(), null);
      const pieces = [piece('a', 3), piece('b', 1), piece('c', 50)];
      for (const [i, one] of pieces.entries()) void transport.write(one, [3, 1, 50][i]!);
      await transport.close();
      const all = Buffer.concat(pieces).toString();
      assert.equal((await arrived()) ?? all, all);
      assert.deepEqual({ ...transport.statistics }, { records: 54, bytes: all.length, lost: 0 });
      assert.deepEqual(events.told, []);
    });

    test('leaves the memory of a piece alone once it is settled', async () => {
      const { transport, arrived } = make(name);
      await transport.open();
      const bytes = piece('a', 4);
      const before = Buffer.from(bytes).toString();
      for (let i = 0; i < 3; i++) {
        bytes.set(Buffer.from(before));
        await transport.write(bytes, 4);
        bytes.fill(0x21);
      }
      await transport.close();
      assert.equal((await arrived()) ?? before.repeat(3), before.repeat(3));
    });

    test('writes on after it was told to reopen', async () => {
      const { transport, arrived } = make(name);
      await transport.open();
      await transport.write(piece('a', 1), 1);
      await transport.reopen();
      await transport.write(piece('b', 1), 1);
      await transport.close();
      assert.equal(transport.statistics.records, 2);
      const expected = Buffer.concat([piece('a', 1), piece('b', 1)]).toString();
      assert.equal((await arrived()) ?? expected, expected);
    });

    test('can be closed without a record', async () => {
      const { transport, arrived } = make(name);
      await transport.open();
      await transport.close();
      assert.equal((await arrived()) ?? '', '');
      assert.deepEqual({ ...transport.statistics }, { records: 0, bytes: 0, lost: 0 });
    });
  });
}
