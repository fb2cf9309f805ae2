import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ByteBuffer, LARGEST_BUFFER } from '../../src/exporter/byte-buffer.js';
import type { DeliveryPolicy } from '../../src/exporter/delivery/policy.js';
import type { EncodedPiece } from '../../src/exporter/encoded-piece.js';
import type { Encoder } from '../../src/exporter/encoder.js';
import { Exporter, type ExporterOptions } from '../../src/exporter/exporter.js';
import { OK, type Ok, type SendResult, type Transport } from '../../src/exporter/transport.js';
import { FlatBatch } from '../../src/records/flat-batch.js';
import type { FlatRecord } from '../../src/records/flat-record.js';
import { RecordBatch } from '../../src/sysflow/record-batch.js';
import { Output } from './support/output.js';

/** Keeps pieces; holds each back until {@link release} where it is slow. */
class RecordingTransport implements Transport {
  readonly target = 'memory';
  readonly needs = 'bytes';
  readonly mostPieces: number;
  readonly pieces: { readonly text: string; readonly records: number }[] = [];
  #held: readonly EncodedPiece[] = [];
  #onReleased: ((result: SendResult) => void) | null = null;
  readonly #slow: boolean;
  closed = false;

  constructor(slow = false, mostPieces = 1) {
    this.#slow = slow;
    this.mostPieces = mostPieces;
  }

  async connect(): Promise<Ok> {
    return OK;
  }
  send(pieces: readonly EncodedPiece[]): SendResult | Promise<SendResult> {
    if (!this.#slow) {
      this.#keep(pieces);
      return OK;
    }
    this.#held = pieces;
    return new Promise((resolve) => {
      this.#onReleased = resolve;
    });
  }
  async close(): Promise<Ok> {
    this.closed = true;
    return OK;
  }

  get held(): number {
    return this.#held.length;
  }
  /** Takes what is under way; its bytes are looked at only now, so that one that is overwritten too early shows. */
  release(): void {
    const pieces = this.#held;
    this.#held = [];
    this.#keep(pieces);
    this.#onReleased?.(OK);
    this.#onReleased = null;
  }
  #keep(pieces: readonly EncodedPiece[]): void {
    for (const { bytes, count } of pieces) this.pieces.push({ text: Buffer.from(bytes).toString(), records: count });
  }
  get text(): string {
    return this.pieces.map(({ text }) => text).join('');
  }
}

/** Writes the number in slot 0, filled up to a length. */
class SlotEncoder implements Encoder {
  /** Records that were encoded. */
  encoded = 0;
  readonly #length: number;
  constructor(length: number) {
    this.#length = length;
  }
  encode(record: FlatRecord, out: ByteBuffer): void {
    this.encoded++;
    out.append(Buffer.from(String(record.slots[record.base]).padEnd(this.#length, '.')));
  }
}

let released = 0;

/** A batch of records with numbers. */
function batchOf(numbers: readonly number[]): FlatBatch {
  const records = new RecordBatch(() => released++);
  const batch = FlatBatch.of(records);
  for (const [row, number] of numbers.entries()) {
    records.slots[row * 40] = number;
    batch.rows[row] = row;
  }
  records.length = numbers.length;
  batch.count = numbers.length;
  return batch;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const lines = (numbers: readonly number[], length: number): string =>
  numbers.map((number) => `${String(number).padEnd(length, '.')}\n`).join('');

async function make(
  transport: Transport,
  length: number,
  { policy = {}, ...options }: Partial<ExporterOptions> & { readonly policy?: Partial<DeliveryPolicy> } = {},
): Promise<Exporter> {
  const { delivery } = await opened(transport, policy);
  return new Exporter({ encoder: new SlotEncoder(length), delivery, now: () => 0, ...options });
}

async function opened(transport: Transport, policy: Partial<DeliveryPolicy> = {}): Promise<Output> {
  const output = new Output(transport, policy);
  assert.equal(await output.open(), null);
  return output;
}

test('a record that comes alone is handed on soon', async () => {
  const transport = new RecordingTransport();
  const exporter = await make(transport, 5);
  exporter.push(batchOf([7]));
  assert.equal(transport.text, '');
  await sleep(120);
  assert.equal(transport.text, '7....\n');
  await exporter.end();
  assert.equal(transport.pieces.length, 1);
});

test('under load the pieces are large, and hold whole records', async () => {
  const transport = new RecordingTransport();
  const exporter = await make(transport, 9_999);
  for (let i = 0; i < 10; i++) await exporter.push(batchOf(range(i * 50, i * 50 + 50)));
  await exporter.end();
  assert.equal(transport.text, lines(range(0, 500), 9_999));
  assert.ok(transport.pieces.length <= 5, String(transport.pieces.length));
  for (const { text, records } of transport.pieces) {
    assert.ok(text.endsWith('\n'));
    assert.equal(text.split('\n').length - 1, records);
  }
  assert.ok(transport.closed);
  assert.equal(exporter.records, 500);
});

test('a piece may be bounded by records', async () => {
  const transport = new RecordingTransport();
  const exporter = await make(transport, 5, { pieceRecords: 3 });
  await exporter.push(batchOf(range(0, 7)));
  await exporter.end();
  assert.deepEqual(
    transport.pieces.map(({ records }) => records),
    [3, 3, 1],
  );
});

test('a slow transport is waited for, its memory is left alone, and no record is lost', async () => {
  released = 0;
  const transport = new RecordingTransport(true);
  const exporter = await make(transport, 99_999, { policy: { queueSize: 2 << 20 } });
  let done = false;
  const pushing = (async () => {
    for (let i = 0; i < 20; i++) await exporter.push(batchOf(range(i * 10, i * 10 + 10)));
    await exporter.end();
    done = true;
  })();
  await sleep(20);
  assert.equal(transport.held, 1, 'one piece is under way, the next one waits');
  assert.ok(released < 4, 'batches wait with their pieces');
  while (!done) {
    transport.release();
    await sleep(0);
  }
  await pushing;
  assert.equal(transport.text, lines(range(0, 200), 99_999));
  assert.equal(released, 20, 'every batch is given back');
});

test('pieces under way were bounded by their number alone, however large their records', async () => {
  released = 0;
  const transport = new RecordingTransport(true);
  const length = 12 << 20;
  const encoder = new SlotEncoder(length);
  const exporter = await make(transport, length, { encoder });
  let done = false;
  const pushing = (async () => {
    await exporter.push(batchOf(range(0, 8)));
    await exporter.end();
    done = true;
  })();
  while (!done) {
    await sleep(0);
    const held = encoder.encoded - transport.pieces.length;
    assert.ok(held <= 2, `${held} pieces of 12 MiB are held`);
    transport.release();
  }
  await pushing;
  assert.deepEqual(
    transport.pieces.map(({ text, records }) => [text.slice(0, 2), text.length, records]),
    range(0, 8).map((number) => [`${number}.`, length + 1, 1]),
  );
});

test('a record too large for a buffer ended the program', async () => {
  released = 0;
  const transport = new RecordingTransport();
  const encoder: Encoder = {
    encode(record, out) {
      const number = record.slots[record.base]!;
      out.appendAscii(String(number));
      if (number === 2) out.reserve(LARGEST_BUFFER);
    },
  };
  let told = 0;
  const { delivery } = await opened(transport);
  const exporter = new Exporter({ encoder, delivery, now: () => 0, onTooLarge: () => told++ });
  await exporter.push(batchOf([1, 2, 3]));
  await exporter.push(batchOf([2]));
  await exporter.end();
  assert.deepEqual(transport.pieces, [{ text: '1\n3\n', records: 2 }]);
  assert.deepEqual({ lost: delivery.statistics.lost, told, released }, { lost: 2, told: 2, released: 2 });
});

test('without an encoder records are counted only', async () => {
  released = 0;
  const transport = new RecordingTransport();
  const { delivery } = await opened(transport);
  const exporter = new Exporter({ encoder: null, delivery, now: () => 0 });
  exporter.push(batchOf([1, 2, 3]));
  await exporter.end();
  assert.equal(exporter.records, 3);
  assert.deepEqual(transport.pieces, [{ text: '', records: 3 }]);
  assert.equal(released, 1);
});
