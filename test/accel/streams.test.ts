import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Acceleration } from '../../src/accel/index.js';
import { EncodedLines } from '../../src/exporter/encoded-lines.js';
import type { EncodedPiece } from '../../src/exporter/encoded-piece.js';
import { createJsonEncoder } from '../../src/exporter/encoders/json.js';
import { Exporter } from '../../src/exporter/exporter.js';
import { OK, type Ok, type Transport } from '../../src/exporter/transport.js';
import { createReader } from '../../src/reader/reader.js';
import { ContainerReader } from '../../src/sysflow/container-reader.js';
import type { StreamDecoding } from '../../src/sysflow/decoding.js';
import { TraceError } from '../../src/sysflow/errors.js';
import { Output } from '../exporter/support/output.js';
import { EntityPool } from '../reader/support/streams.js';
import { written } from '../sysflow/support/containers.js';
import { Random } from '../sysflow/support/random.js';

/** Keeps all that is written. */
class RecordingTransport implements Transport {
  readonly target = 'memory';
  readonly needs = 'bytes';
  text = '';
  connect = async (): Promise<Ok> => OK;
  close = async (): Promise<Ok> => OK;
  send(pieces: readonly EncodedPiece[]): Ok {
    for (const { bytes } of pieces) this.text += Buffer.from(bytes).toString();
    return OK;
  }
}

const traces = await Promise.all(
  [1, 2].map((seed) => {
    const pool = new EntityPool(new Random(seed));
    return written([pool.header(), ...pool.announcements(), ...pool.events(300)], { codec: 'null' });
  }),
);

function exporterOf(acceleration: Acceleration, transport: Transport): Exporter {
  return new Exporter({
    encoder: createJsonEncoder(),
    accelerate: (encoder, plain) => acceleration.lines(encoder, plain),
    delivery: new Output(transport).delivery,
    now: () => 0,
  });
}

/** Reads a trace into an exporter, batch by batch. */
async function* reading(trace: Buffer, decoding: StreamDecoding, exporter: Exporter): AsyncGenerator<void> {
  const { decoders, pool } = decoding;
  const container = await ContainerReader.from([trace], 'memory', { decoders, inflate: 'inline' });
  if (container instanceof TraceError) assert.fail(container.message);
  const reader = createReader({ rateLimit: null }, { push: (batch) => exporter.push(batch), end: async () => {} });
  for await (const batch of container.batches(pool)) {
    await reader.push(batch);
    yield;
  }
}

async function readAll(trace: Buffer, decoding: StreamDecoding, exporter: Exporter): Promise<void> {
  for await (const _ of reading(trace, decoding, exporter));
}

/** What JavaScript alone writes of a trace. */
async function plainText(trace: Buffer): Promise<string> {
  const off = new Acceleration(0);
  const transport = new RecordingTransport();
  const exporter = exporterOf(off, transport);
  await readAll(trace, off.openStream(), exporter);
  await exporter.end();
  return transport.text;
}

const expected = await Promise.all(traces.map(plainText));

test('the 590th reader of a process failed: 800 streams one after the other give the same, in flat memory', async () => {
  const acceleration = new Acceleration(64);
  let before = 0;
  for (let stream = 0; stream < 800; stream++) {
    const transport = new RecordingTransport();
    const exporter = exporterOf(acceleration, transport);
    const decoding = acceleration.openStream();
    await readAll(traces[stream % 2]!, decoding, exporter);
    await exporter.end();
    decoding.close();
    assert.ok(transport.text === expected[stream % 2], `stream ${stream}`);
    if (stream === 200) before = process.memoryUsage.rss();
  }
  const grown = process.memoryUsage.rss() - before;
  assert.ok(grown < 150e6, `${grown} bytes more`);
});

test('64 streams open at once, and those beyond the bound, give the same', async () => {
  const acceleration = new Acceleration(48);
  const streams = Array.from({ length: 64 }, () => acceleration.openStream());
  for (const [i, decoding] of streams.entries()) {
    const transport = new RecordingTransport();
    const exporter = exporterOf(acceleration, transport);
    await readAll(traces[i % 2]!, decoding, exporter);
    await exporter.end();
    assert.ok(transport.text === expected[i % 2], `stream ${i}`);
  }
  // A memory is in a batch of an accelerated stream alone.
  const accelerated = streams.filter(({ pool }) => pool.acquire().memory !== null);
  assert.equal(accelerated.length, 48);
  for (const decoding of streams) decoding.close();
});

test('caches of a stream were dropped when another stream was processed: two alternating streams give the same', async () => {
  const acceleration = new Acceleration(2);
  const transport = new RecordingTransport();
  const exporter = exporterOf(acceleration, transport);
  const long = await Promise.all(
    [3, 4].map((seed) => {
      const pool = new EntityPool(new Random(seed));
      return written([pool.header(), ...pool.announcements(), ...pool.events(5000)], { codec: 'null' });
    }),
  );
  let singly = 0;
  const { writeRow } = EncodedLines.prototype;
  EncodedLines.prototype.writeRow = function (...args): void {
    singly++;
    writeRow.apply(this, args);
  };
  const both = long.map((trace) => reading(trace, acceleration.openStream(), exporter));
  while ((await Promise.all(both.map((one) => one.next()))).some(({ done }) => done !== true));
  await exporter.end();
  EncodedLines.prototype.writeRow = writeRow;
  const lines = (text: string): string[] => text.split('\n').sort();
  assert.deepEqual(lines(transport.text), lines((await Promise.all(long.map(plainText))).join('')));
  assert.ok(singly < 1000, `${singly} of 10,000 records were written by JavaScript`);
});
