/** What every transport must do, run against each of them. A new transport is a line in `SUBJECTS`. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { BUILT_IN } from '../../../src/components/builtins.js';
import type { TransportComponent } from '../../../src/exporter/component.js';
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

const TRANSPORTS = BUILT_IN.of('transport') as readonly TransportComponent[];

interface Made {
  readonly stdout: Writable;
  readonly path: string;
  readonly received: () => string;
}

function options(): Made {
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
    path,
    received: () => Buffer.concat(chunks).toString(),
  };
}

const SUBJECTS: Readonly<Record<string, (made: Made) => () => Promise<string | null>>> = {
  terminal:
    ({ received }) =>
    async () =>
      received(),
  file:
    ({ path }) =>
    () =>
      readFile(path, 'utf8'),
  null: () => async () => null,
};

function make(component: TransportComponent): Subject {
  const made = options();
  const events = new KeptEvents();
  const values = { path: made.path, 'rotate.size': 0, 'rotate.age': 0, 'rotate.keep': 1 };
  const transport = component.create(values, { stdout: made.stdout, now: () => 0, events });
  return { transport, events, arrived: SUBJECTS[component.name]!(made) };
}

test('every transport is tested', () =>
  assert.deepEqual(TRANSPORTS.map(({ name }) => name).sort(), Object.keys(SUBJECTS).sort()));

for (const component of TRANSPORTS) {
  describe(`the transport ${component.name}`, () => {
    test('writes pieces in their order and counts them', async () => {
      const { transport, events, arrived } = make(component);
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
      const { transport, arrived } = make(component);
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
      const { transport, arrived } = make(component);
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
      const { transport, arrived } = make(component);
      await transport.open();
      await transport.close();
      assert.equal((await arrived()) ?? '', '');
      assert.deepEqual({ ...transport.statistics }, { records: 0, bytes: 0, lost: 0 });
    });
  });
}
