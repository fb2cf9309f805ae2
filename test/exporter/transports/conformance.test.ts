/** What every transport must do, run against each of them. A new transport is an entry in `SUBJECTS`. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { BUILT_IN } from '../../../src/components/builtins.js';
import type { TransportComponent } from '../../../src/exporter/component.js';
import { EncodedPiece } from '../../../src/exporter/encoded-piece.js';
import { OK, type SendResult, type Transport } from '../../../src/exporter/transport.js';
import { piece } from '../support/events.js';
import { Output } from '../support/output.js';

/** A transport with another end that a test looks at and lets fail. */
interface Subject {
  readonly transport: Transport;
  /** What arrived at the other end; null where there is no other end. */
  readonly arrived: () => Promise<string | null>;
  /** Lets what is sent next fail in some ways, as far as this transport can fail so. */
  readonly provoke: Partial<Record<Exclude<SendResult['kind'], 'ok'>, Provocation>>;
}

interface Provocation {
  readonly start: () => Promise<void>;
  /** Takes the cause away again; null where the transport stays as it is. */
  readonly end: (() => Promise<void>) | null;
}

const root = await mkdtemp(join(tmpdir(), 'sfprocessor-transports-'));
after(() => rm(root, { recursive: true }));
let folders = 0;

const TRANSPORTS = BUILT_IN.of('transport') as readonly TransportComponent[];

async function create(name: string, options: unknown, stdout = new Writable()): Promise<Transport> {
  const component = TRANSPORTS.find((one) => one.name === name)!;
  return component.create(options, { stdout, now: () => 0, warned: assert.fail });
}

const SUBJECTS: Readonly<Record<string, () => Promise<Subject>>> = {
  async terminal() {
    const chunks: Buffer[] = [];
    let problem: Error | null = null;
    // A slow reader, which sees a chunk after its write has returned.
    const stdout = new Writable({
      highWaterMark: 16,
      write: (chunk: Buffer, _encoding, done) =>
        void setTimeout(() => {
          if (problem === null) chunks.push(Buffer.from(chunk));
          done(problem);
        }, 1),
    });
    return {
      transport: await create('terminal', {}, stdout),
      arrived: async () => Buffer.concat(chunks).toString('latin1'),
      provoke: {
        'not-connected': {
          start: async () => {
            problem = Object.assign(new Error('EPIPE: no'), { code: 'EPIPE' });
          },
          end: null,
        },
      },
    };
  },

  async file() {
    const folder = join(root, String(folders++));
    await mkdir(folder);
    const path = join(folder, 'out');
    const parts = async (): Promise<string[]> => {
      const names = (await readdir(folder)).sort((a, b) => b.length - a.length || (a < b ? 1 : -1));
      return Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
    };
    // Twelve records of a piece; rotation keeps the file before.
    const transport = await create('file', { path, 'rotate.size': 240, 'rotate.age': 0, 'rotate.keep': 1000 });
    return {
      transport,
      arrived: async () => (await parts()).join(''),
      provoke: {
        'not-connected': {
          start: async () => {
            await rm(folder, { recursive: true });
            await transport.reopen!();
          },
          end: async () => void (await mkdir(folder)),
        },
        // A folder is not deleted as the oldest file, so rotation fails within the piece.
        partial: {
          start: async () => void (await mkdir(join(folder, 'out.1000'))),
          end: () => rm(join(folder, 'out.1000'), { recursive: true }),
        },
      },
    };
  },

  null: async () => ({ transport: await create('null', {}), arrived: async () => null, provoke: {} }),
};

const encoded = (first: string, count: number): EncodedPiece => new EncodedPiece(piece(first, count), count);
const textOf = (...pieces: readonly EncodedPiece[]): string =>
  Buffer.concat(pieces.map(({ bytes }) => bytes)).toString('latin1');

test('every transport is tested', () =>
  assert.deepEqual(TRANSPORTS.map(({ name }) => name).sort(), Object.keys(SUBJECTS).sort()));

for (const [name, make] of Object.entries(SUBJECTS)) {
  describe(`the transport ${name}`, () => {
    /** Sends pieces, each in a call, as all transports can. */
    const sendAll = async ({ transport }: Subject, pieces: readonly EncodedPiece[]): Promise<void> => {
      for (const one of pieces) assert.deepEqual(await transport.send([one]), OK);
    };

    test('takes pieces in their order', async () => {
      const subject = await make();
      assert.deepEqual(await subject.transport.connect(), OK);
      const pieces = [encoded('a', 3), encoded('b', 1), encoded('c', 50)];
      await sendAll(subject, pieces);
      const together = [encoded('d', 2), encoded('e', 30), encoded('f', 1)].slice(0, subject.transport.mostPieces ?? 1);
      assert.deepEqual(await subject.transport.send(together), OK);
      assert.deepEqual(await subject.transport.close(), OK);
      const all = textOf(...pieces, ...together);
      assert.equal((await subject.arrived()) ?? all, all);
    });

    test('needs the memory of a piece no longer than until its result', async () => {
      const subject = await make();
      await subject.transport.connect();
      const one = encoded('a', 4);
      const before = Buffer.from(one.bytes);
      for (let i = 0; i < 3; i++) {
        one.bytes.set(before);
        await sendAll(subject, [one]);
        one.bytes.fill(0x21);
      }
      await subject.transport.close();
      const all = before.toString().repeat(3);
      assert.equal((await subject.arrived()) ?? all, all);
    });

    test('goes on after it was told to reopen', async () => {
      const subject = await make();
      await subject.transport.connect();
      await sendAll(subject, [encoded('a', 1)]);
      assert.deepEqual((await subject.transport.reopen?.()) ?? OK, OK);
      await sendAll(subject, [encoded('b', 1)]);
      await subject.transport.close();
      const all = textOf(encoded('a', 1), encoded('b', 1));
      assert.equal((await subject.arrived()) ?? all, all);
    });

    test('can be closed without a record', async () => {
      const subject = await make();
      await subject.transport.connect();
      assert.deepEqual(await subject.transport.close(), OK);
      assert.equal((await subject.arrived()) ?? '', '');
    });

    test('writes nothing for an empty piece', async () => {
      const subject = await make();
      await subject.transport.connect();
      await sendAll(subject, [new EncodedPiece(new Uint8Array(0), 0), encoded('a', 1)]);
      await subject.transport.close();
      const all = textOf(encoded('a', 1));
      assert.equal((await subject.arrived()) ?? all, all);
    });

    test('takes a record of many megabytes', async () => {
      const subject = await make();
      await subject.transport.connect();
      const bytes = Buffer.alloc(40 << 20, 0x78);
      bytes[bytes.length - 1] = 0x0a;
      await sendAll(subject, [new EncodedPiece(bytes, 1), encoded('a', 1)]);
      await subject.transport.close();
      const arrived = await subject.arrived();
      assert.equal(arrived?.length ?? bytes.length + 20, bytes.length + 20);
      assert.ok(arrived === null || arrived.endsWith(textOf(encoded('a', 1))));
    });

    test('passes on bytes as they are, whatever they say', async () => {
      const subject = await make();
      await subject.transport.connect();
      // Every byte but the line end, texts that are not UTF-8, what moves a cursor, and a quote that is left open.
      const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x0a));
      const hostile = Buffer.concat([
        all,
        Buffer.from('\x1b[2J\x1b]0;"\r\0'),
        Buffer.from([0xc3, 0xed, 0xa0, 0x80, 0x0a]),
      ]);
      await sendAll(subject, [new EncodedPiece(hostile, 1), encoded('a', 1)]);
      await subject.transport.close();
      const expected = hostile.toString('latin1') + textOf(encoded('a', 1));
      assert.equal((await subject.arrived()) ?? expected, expected);
    });

    test('has everything when it is closed while it sends', async () => {
      const subject = await make();
      const output = new Output(subject.transport);
      await output.open();
      const pieces = Array.from({ length: 30 }, (_, i) => encoded(`p${i}`, 3));
      const written = pieces.map(({ bytes, count }) => output.write(bytes, count));
      await output.close();
      assert.ok((await Promise.all(written)).every((isDelivered) => isDelivered));
      assert.equal((await subject.arrived()) ?? textOf(...pieces), textOf(...pieces));
      assert.deepEqual(output.counts, { records: 90, bytes: 1800, lost: 0 });
      assert.deepEqual(output.events.told, []);
    });

    for (const kind of ['not-connected', 'back-off', 'partial'] as const) {
      test(`says what it has not taken: ${kind}`, async (t) => {
        const subject = await make();
        const provocation = subject.provoke[kind];
        if (provocation === undefined) return t.skip('it never fails so');
        const { transport } = subject;
        await transport.connect();
        await provocation.start();
        const one = encoded('a', 40);
        const result = await transport.send([one]);
        assert.equal(result.kind, kind);
        const taken = result.kind === 'partial' ? result.failed[0]!.from : 0;
        if (result.kind === 'partial')
          assert.deepEqual(
            result.failed.map(({ from, to }) => [from, to]),
            [[taken, 40]],
          );
        else assert.ok(result.reason.length > 0 && !result.reason.includes(transport.target));
        if (provocation.end === null) {
          assert.ok(result.kind === 'not-connected' && result.permanent !== undefined, 'no other try can work');
          assert.equal((await subject.arrived()) ?? '', '');
          return;
        }
        await provocation.end();
        // Connecting again does no harm where it is connected.
        assert.deepEqual(await transport.connect(), OK);
        assert.deepEqual(await transport.send([one.slice(taken, 40)]), OK);
        await transport.close();
        assert.equal(await subject.arrived(), textOf(one), 'each record once, in order');
      });
    }
  });
}
